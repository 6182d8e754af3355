"""Leads to measure on: a hundred thousand ordinary ones, and one of a million entries.

Everything follows from the scale: the same one has the same leads with the same entries. A dataset
stays in the database, in an account of its own, for the next run.
"""

import random
from array import array
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from leads.models import Account, Lead
from leads.services import add_leads, create_account
from timeline.bench import filling
from timeline.bench.filling import Place
from timeline.bench.sayings import WRITTEN, said_of, sayings_of
from timeline.entries import AnyDraft

NAME = "Benchmark"
# To be raised when another dataset is built: what an older version left is not measured on.
_FORM = 2

# Whoever has this many entries: those that a page, many connections or many writers are about.
ORDINARY = 50
_ORDINARY_LEADS = 64
_LONG, _MIDDLE = 0, 1

_START = datetime(2021, 1, 1, tzinfo=UTC)
# Between two entries, whoever's they are: a day of the long lead has as many at any scale.
_APART = timedelta(seconds=30)
_LEADS_AT_ONCE = 5_000


class Dataset(NamedTuple):
    """An account and its leads: the long one, one of a hundredth of its entries, and those that
    have exactly `ORDINARY`, `phone` being the first one's.
    """

    account: Account
    long: UUID
    middle: UUID
    ordinary: Sequence[UUID]
    phone: str
    leads: int
    entries: int
    long_entries: int


def build(scale: float, tell: Callable[[str], object] = lambda _: None) -> Dataset:
    """Return the dataset, made on first use; `tell` hears how far it is.

    It has 100,000 × scale leads of 10 to 100 entries, 40 on average, and one of 1,000,000 × scale.
    Rows are inserted in the order of their time over all leads, as they would arrive.
    """
    sizes = sizes_of(scale)
    name = f"{NAME} {scale:g} ({_FORM})"
    account = Account.objects.filter(name=name).first()
    if account is None:
        account = _made(name, sizes, tell)
    return Dataset(
        account=account,
        long=lead_id(account, _LONG),
        middle=lead_id(account, _MIDDLE),
        ordinary=[lead_id(account, _MIDDLE + 1 + n) for n in range(_ORDINARY_LEADS)],
        phone=phone_of(_MIDDLE + 1),
        leads=len(sizes),
        entries=sum(sizes),
        long_entries=sizes[_LONG],
    )


def _made(name: str, sizes: Sequence[int], tell: Callable[[str], object]) -> Account:
    # Under another name until it is whole: a build that was interrupted is none.
    unfinished = f"{name}, unfinished"
    for left in Account.objects.filter(name=unfinished):
        tell("Removing what an interrupted run has left …")
        filling.remove(left)
    account = create_account(unfinished)
    for first in range(0, len(sizes), _LEADS_AT_ONCE):
        tell(f"{first:,} of {len(sizes):,} leads")
        numbers = range(first, min(first + _LEADS_AT_ONCE, len(sizes)))
        add_leads(account, [_lead(account, number) for number in numbers])
    filling.fill(sayings_of(account.pk), places_of(account, sizes), sum(sizes), tell)
    account.name = name
    account.save(update_fields=["name"])
    return account


def drafts_of(data: Dataset, number: int) -> Iterator[AnyDraft]:
    """Yield entries to be written to ordinary leads of the dataset, later than all of it."""
    chance = random.Random(2)
    sayings = sayings_of(data.account.pk)
    for place in range(data.entries, data.entries + number):
        (saying,) = chance.choices(sayings.all, cum_weights=sayings.weights)
        at, external_id = _moment(place)
        yield said_of(saying.draft, chance.choice(data.ordinary), at, external_id, WRITTEN)


def sizes_of(scale: float) -> Sequence[int]:
    """Return how many entries each lead has, by the lead's number."""
    chance = random.Random(0)
    long = max(2_000, int(1_000_000 * scale))
    fixed = [long, max(1_100, long // 100), *[ORDINARY] * _ORDINARY_LEADS]
    others = max(0, int(100_000 * scale) - len(fixed))
    # Many have few, few have many.
    return [*fixed, *(10 + int(91 * (1 - (1 - chance.random()) ** 0.5)) for _ in range(others))]


def places_of(account: Account, sizes: Sequence[int]) -> Iterator[Place]:
    """Yield where the entries are, in the order of their time: whose each is, is chance."""
    owners = array("L")
    for number, size in enumerate(sizes):
        owners.extend([number] * size)
    random.Random(1).shuffle(owners)
    ids = [lead_id(account, number) for number in range(len(sizes))]
    for place, owner in enumerate(owners):
        yield Place(ids[owner], *_moment(place))


def lead_id(account: Account, number: int) -> UUID:
    return UUID(int=(account.pk << 64) | (0x7 << 76) | (0b10 << 62) | number)


def phone_of(number: int) -> str:
    return f"+569{number:08}"


def _lead(account: Account, number: int) -> Lead:
    return Lead(
        id=lead_id(account, number),
        first_name=f"Lead {number}",
        phone=phone_of(number),
        email=f"lead{number}@example.com",
        source="bench",
    )


def _moment(place: int) -> tuple[datetime, str]:
    """Return when the entry at a place was, and its external id."""
    return _START + place * _APART, f"{place:09}"
