"""What must hold of any history, told in any order and read in any pages."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Account, Lead
from tests.factories import START, AccountFactory, LeadFactory
from timeline import day_counts, history
from timeline.entries import (
    ActivityDraft,
    ActorType,
    AnyDraft,
    CallDraft,
    Channel,
    Direction,
    Entry,
    Filter,
    MessageDraft,
    MessageStatus,
    MessageType,
)
from timeline.history import FULL, position_of, read_page
from timeline.models import Activity, CallTranscript, Message
from timeline.recording import EntryConflict, Outcome, record_all

pytestmark = pytest.mark.django_db

T = TypeVar("T")

bounded = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# Few moments, so that many entries share one; some differ by a microsecond.
moments = st.builds(
    lambda hours, microseconds: START + timedelta(hours=hours, microseconds=microseconds),
    st.integers(0, 3),
    st.integers(0, 1),
)
# What PostgreSQL can hold.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
numbers = st.integers(0, 10_000)


def identified(**fields: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    return {
        "lead_id": st.just(None),
        "occurred_at": moments,
        "source": st.sampled_from(["a", "b"]),
        "external_id": numbers.map(str),
        **fields,
    }


messages = st.builds(
    MessageDraft,
    **identified(
        channel=st.sampled_from([Channel.CALL, Channel.WHATSAPP, Channel.EMAIL]),
        direction=st.sampled_from(Direction),
        content=texts,
        message_type=st.sampled_from(MessageType),
        status=st.sampled_from(["", *MessageStatus]),
    ),
)
calls = st.builds(CallDraft, **identified(summary=texts, duration_seconds=st.none() | numbers))
activities = st.builds(
    ActivityDraft,
    **identified(
        channel=st.sampled_from(Channel),
        activity_type=st.just("note"),
        title=texts.filter(bool),
        actor_type=st.sampled_from(ActorType),
    ),
)


def identity(draft: AnyDraft) -> tuple[object, ...]:
    return type(draft), draft.source, draft.external_id


histories = st.lists(messages | calls | activities, max_size=25, unique_by=identity)
page_sizes = st.integers(1, 30)
channel_sets = st.frozensets(st.sampled_from(Channel), min_size=1)


@pytest.fixture
def lead(account: Account) -> Lead:
    found: Lead = LeadFactory.create(account=account)
    return found


def tell(lead: Lead, drafts: Sequence[AnyDraft]) -> list[Any]:
    return record_all(lead.account_id, [replace(draft, lead_id=lead.pk) for draft in drafts])


def told(lead: Lead, drafts: Sequence[AnyDraft]) -> Lead:
    """Give the lead this history and no other."""
    for model in (Message, CallTranscript, Activity):
        model.objects.filter(lead=lead).delete()
    assert tell(lead, drafts) == [Outcome.CREATED] * len(drafts)
    return lead


def read(lead: Lead, **asked: Any) -> list[Entry]:
    return read_page(lead.account_id, lead.pk, **{"limit": 200, **asked}).entries


def by_offset(lead: Lead, size: int, **asked: Any) -> Iterator[Entry]:
    offset, more = 0, True
    while more:
        page = read_page(lead.account_id, lead.pk, limit=size, offset=offset, **asked)
        yield from page.entries
        assert len(page.entries) == size or not page.has_more
        offset, more = offset + size, page.has_more


def by_position(lead: Lead, size: int, **asked: Any) -> Iterator[Entry]:
    after, more = None, True
    while more:
        page = read_page(lead.account_id, lead.pk, limit=size, after=after, **asked)
        yield from page.entries
        assert len(page.entries) == size or not page.has_more
        more = page.has_more
        after = position_of(page.entries[-1]) if page.entries else None


@bounded
@given(drafts=histories, size=page_sizes, newest_first=st.booleans())
def test_pages_of_any_size_add_up_to_the_whole(
    lead: Lead, drafts: list[AnyDraft], size: int, newest_first: bool
) -> None:
    whole = read(told(lead, drafts), newest_first=newest_first)
    assert len(whole) == len(drafts)
    assert list(by_offset(lead, size, newest_first=newest_first)) == whole
    assert list(by_position(lead, size, newest_first=newest_first)) == whole


# On neighbouring days and years apart.
far_apart = (st.integers(0, 40) | st.integers(0, 7_000)).map(lambda n: START + timedelta(days=n))


@bounded
@given(
    drafts=st.lists(messages | calls | activities, min_size=5, max_size=25, unique_by=identity),
    times=st.lists(far_apart, min_size=25, max_size=25),
    later=st.integers(0, 5),
    most=st.integers(1, 4),
    size=page_sizes,
    channels=st.none() | channel_sets,
    newest_first=st.booleans(),
)
def test_counts_of_any_width_lead_to_the_same_page_as_none(
    lead: Lead,
    drafts: list[AnyDraft],
    times: list[datetime],
    later: int,
    most: int,
    size: int,
    channels: frozenset[Channel] | None,
    newest_first: bool,
) -> None:
    spread = [replace(draft, occurred_at=at) for draft, at in zip(drafts, times, strict=False)]
    asked = {"only": Filter(channels=channels), "newest_first": newest_first}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(day_counts, "MOST", most)
        patch.setattr(history, "DEEP", 1)
        # Some are counted, the others come later.
        told(lead, spread[later:])
        day_counts.count(lead.account_id, lead.pk)
        tell(lead, spread[:later])
        assert day_counts.differences(lead.account_id, lead.pk) == []
        assert list(by_offset(lead, size, **asked)) == read(lead, **asked)


@bounded
@given(drafts=histories)
def test_the_newest_first_is_the_oldest_first_backwards(lead: Lead, drafts: list[AnyDraft]) -> None:
    told(lead, drafts)
    assert read(lead, newest_first=True) == read(lead)[::-1]


@bounded
@given(drafts=histories, channels=channel_sets, size=page_sizes, newest_first=st.booleans())
def test_filtering_is_filtering_afterwards(
    lead: Lead,
    drafts: list[AnyDraft],
    channels: frozenset[Channel],
    size: int,
    newest_first: bool,
) -> None:
    whole = read(told(lead, drafts), newest_first=newest_first)
    kept = [entry for entry in whole if entry.channel in channels]
    asked = {"only": Filter(channels=channels), "newest_first": newest_first}
    assert list(by_offset(lead, size, **asked)) == kept
    assert list(by_position(lead, size, **asked)) == kept


@bounded
@given(drafts=histories, data=st.data())
def test_told_in_any_order_and_in_any_batches_it_is_one_timeline(
    lead: Lead, drafts: list[AnyDraft], data: st.DataObject
) -> None:
    at_once = read(told(lead, drafts), detail=FULL)
    shuffled = data.draw(st.permutations(drafts))
    told(lead, [])
    for batch in data.draw(cuts(shuffled)):
        tell(lead, batch)
    assert read(lead, detail=FULL) == at_once


@st.composite
def cuts(draw: st.DrawFn, items: Sequence[T]) -> list[Sequence[T]]:
    """Cut a sequence into runs."""
    places = sorted(draw(st.sets(st.integers(0, len(items)), max_size=4)))
    return [
        items[begin:end] for begin, end in zip([0, *places], [*places, len(items)], strict=True)
    ]


@bounded
@given(drafts=histories, data=st.data())
def test_told_twice_is_told_once(lead: Lead, drafts: list[AnyDraft], data: st.DataObject) -> None:
    before = read(told(lead, drafts), detail=FULL)
    again = data.draw(st.lists(st.sampled_from(drafts))) if drafts else []
    assert tell(lead, again) == [Outcome.UNCHANGED] * len(again)
    assert read(lead, detail=FULL) == before


reports = st.fixed_dictionaries(
    {"status": st.sampled_from(["", *MessageStatus])},
    optional={
        "sent_at": moments,
        "delivered_at": moments,
        "read_at": moments,
        "failed_at": moments,
        "failure_reason": st.sampled_from(["", "no such number", "blocked"]),
    },
)


@bounded
@given(told_of_it=st.lists(reports, min_size=1, max_size=6), data=st.data())
def test_a_message_ends_the_same_whatever_order_its_reports_come_in(
    lead: Lead, told_of_it: list[dict[str, Any]], data: st.DataObject
) -> None:
    ends = []
    for order in (told_of_it, data.draw(st.permutations(told_of_it))):
        told(lead, [])
        for batch in data.draw(cuts([report(one) for one in order])):
            tell(lead, batch)
        ends.append(read(lead, detail=FULL))
    assert ends[0] == ends[1]
    assert len(ends[0]) == 1


def report(of_it: dict[str, Any]) -> MessageDraft:
    return MessageDraft(
        lead_id=START,  # type: ignore[arg-type] # the lead's, when it is told
        occurred_at=START,
        source="test",
        external_id="m",
        channel=Channel.WHATSAPP,
        direction=Direction.OUTBOUND,
        content="Hola",
        **of_it,
    )


@bounded
@given(drafts=histories.filter(bool), content=texts)
def test_another_content_under_a_known_id_never_gets_in(
    lead: Lead, drafts: list[AnyDraft], content: str
) -> None:
    before = read(told(lead, drafts), detail=FULL)
    for draft in drafts:
        name = {MessageDraft: "content", CallDraft: "summary"}.get(type(draft), "description")
        changed: dict[str, Any] = {name: content}
        (result,) = tell(lead, [replace(draft, **changed)])
        same = getattr(draft, name) == content
        assert result is Outcome.UNCHANGED if same else isinstance(result, EntryConflict)
    assert read(lead, detail=FULL) == before


@bounded
@given(mine=histories, theirs=histories)
def test_no_history_gets_into_another_accounts(
    lead: Lead, mine: list[AnyDraft], theirs: list[AnyDraft]
) -> None:
    with transaction.atomic():
        stranger = LeadFactory.create(account=AccountFactory.create())
        told(lead, mine)
        before = read(lead, detail=FULL)
        told(stranger, theirs)
        assert read(lead, detail=FULL) == before
        assert len(read(stranger)) == len(theirs)
        assert read_page(lead.account_id, stranger.pk, limit=200).entries == []
        transaction.set_rollback(True)
