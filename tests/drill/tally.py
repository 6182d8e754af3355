"""What is in the timelines in the end, and what of it is lost or doubled."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from leads.models import Account, Lead
from tests.drill.facts import Fact, Seen, expected
from timeline.entries import FullMessage
from timeline.history import FULL, MAX_LIMIT, position_of, read_page


class Tally(NamedTuple):
    """Facts that are not in the timelines, and entries and leads that are there once too often."""

    lost: int
    doubled: int


def tally(acknowledged: Iterable[Fact], found: Sequence[Seen]) -> Tally:
    """Hold what was acknowledged against what was found."""
    wanted = expected(acknowledged).values()
    by_content = {seen.content: seen for seen in found}
    lost = sum(_missing(seen, by_content.get(seen.content)) for seen in wanted)
    times = Counter(seen.content for seen in found)
    told_once = {seen.content for seen in wanted}
    surplus = sum(number - (content in told_once) for content, number in times.items())
    return Tally(lost, surplus)


def _missing(wanted: Seen, found: Seen | None) -> int:
    """Return how many facts of the message are not to be seen, or to be seen wrongly."""
    if found is None:
        return 1 + len(wanted.reached)
    is_right = (wanted.phone, wanted.at) == (found.phone, found.at)
    return (not is_right) + len(set(wanted.reached) - set(found.reached))


def seen_in(account: Account) -> Iterator[Seen]:
    """Yield all messages of the account as its timelines are read."""
    for lead in Lead.objects.filter(account=account).order_by("pk"):
        after, has_more = None, True
        while has_more:
            page = read_page(account.pk, lead.pk, limit=MAX_LIMIT, after=after, detail=FULL)
            for entry in page.entries:
                if isinstance(entry, FullMessage):
                    yield _seen(lead, entry)
            has_more = page.has_more
            after = position_of(page.entries[-1]) if page.entries else None


def doubled_leads(account: Account) -> int:
    """Return how many leads there are beside the first of each phone."""
    phones = Lead.objects.filter(account=account).values_list("phone_e164", flat=True)
    return sum(number - 1 for number in Counter(phones).values())


def _seen(lead: Lead, entry: FullMessage) -> Seen:
    times = (
        ("sent", entry.sent_at),
        ("delivered", entry.delivered_at),
        ("read", entry.read_at),
    )
    reached = tuple((state, at) for state, at in times if at is not None)
    if reached and reached[-1][0] != entry.status:
        reached = ()
    return Seen(lead.phone_e164.lstrip("+"), entry.content, entry.occurred_at, reached)
