"""Leads to measure on: ordinary ones whose rows lie scattered, and a long one."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from leads.models import Account, Lead
from leads.services import add_leads, create_account
from timeline.entries import (
    ActivityDraft,
    ActorType,
    AnyDraft,
    CallDraft,
    Channel,
    Direction,
    MessageDraft,
)
from timeline.recording import record_all

NAME = "Benchmark"
_START = datetime(2026, 1, 1, tzinfo=UTC)
_ORDINARY = 50  # entries of an ordinary lead
_TEXT = "Thanks, that sounds good. Could you send me the offer again, with the battery this time? "
_BATCH = 2_000


class Dataset(NamedTuple):
    account: Account
    ordinary: UUID
    long: UUID
    long_entries: int
    leads: int


def build(scale: float) -> Dataset:
    """Return the dataset, made on first use.

    It has 400 × scale ordinary leads, and one of 200,000 × scale entries. Rows are inserted in the
    order of their time over all leads, as they would arrive.
    """
    leads, long_entries = max(2, int(400 * scale)), max(2_000, int(200_000 * scale))
    name = f"{NAME} {scale:g}"
    account = Account.objects.filter(name=name).first()
    if account is None:
        # Under another name until it is whole: a build that was interrupted is none.
        Account.objects.filter(name=f"{name}, unfinished").delete()
        account = create_account(f"{name}, unfinished")
        add_leads(
            account, [Lead(id=_lead_id(account, n), first_name=f"Lead {n}") for n in range(leads)]
        )
        drafts = _drafts(account, leads, long_entries)
        while batch := list(islice(drafts, _BATCH)):
            record_all(account.pk, batch)
        Account.objects.filter(pk=account.pk).update(name=name)
    return Dataset(account, _lead_id(account, 1), _lead_id(account, 0), long_entries, leads)


def drafts_of(data: Dataset, number: int) -> Iterator[AnyDraft]:
    """Yield further entries of ordinary leads of the dataset."""
    chance = random.Random(2)  # noqa: S311 - data to measure on
    for place in range(number):
        yield _draft(_lead_id(data.account, chance.randint(1, data.leads - 1)), place, chance)


def _lead_id(account: Account, number: int) -> UUID:
    return UUID(int=(account.pk << 64) | (0x7 << 76) | (0b10 << 62) | number)


def _drafts(account: Account, leads: int, long_entries: int) -> Iterator[AnyDraft]:
    chance = random.Random(1)  # noqa: S311 - data to measure on
    ordinary = [number for number in range(1, leads) for _ in range(_ORDINARY)]
    owners = ordinary + [0] * long_entries
    chance.shuffle(owners)
    for place, number in enumerate(owners):
        yield _draft(_lead_id(account, number), place, chance)


def _draft(lead_id: UUID, place: int, chance: random.Random) -> AnyDraft:
    """Return one of 70 % messages, 10 % calls and 20 % activities."""
    at, known_as = _START + timedelta(seconds=place * 30), f"bench-{place}"
    dice = chance.random()
    if dice < 0.7:
        return MessageDraft(
            lead_id=lead_id,
            occurred_at=at,
            source="bench",
            external_id=known_as,
            channel=Channel.EMAIL if dice < 0.001 else Channel.WHATSAPP,
            direction=chance.choice(list(Direction)),
            content=_TEXT * chance.randint(1, 3),
            status="read",
        )
    if dice < 0.8:
        return CallDraft(
            lead_id=lead_id,
            occurred_at=at,
            source="bench",
            external_id=known_as,
            duration_seconds=chance.randint(0, 900),
            call_status="ended",
            summary=_TEXT,
            sentiment="positive",
        )
    return ActivityDraft(
        lead_id=lead_id,
        occurred_at=at,
        source="bench",
        external_id=known_as,
        channel=Channel.SYSTEM,
        activity_type="status_changed",
        title="Status changed to Qualified",
        actor_type=ActorType.SYSTEM,
    )
