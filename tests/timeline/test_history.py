"""The read path: one order, pages by offset and by position both ways, filters, and all detail."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations, islice, product
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from leads.models import Account, Lead
from tests.factories import (
    START,
    ActivityDraftFactory,
    CallDraftFactory,
    LeadFactory,
    MessageDraftFactory,
)
from tests.timeline.told import tell
from timeline.entries import (
    SPOKEN_CHANNELS,
    Activity,
    AnyDraft,
    Call,
    Channel,
    EntryKey,
    Filter,
    Kind,
    Message,
)
from timeline.history import DOCUMENTED, MAX_OFFSET, Page, find, position_of, read_page
from timeline.keyed import keyed_statement
from timeline.statement import TEXTS, Begin, Shape, page_statement, parts_of


def read(lead: Lead, **asked: Any) -> Page:
    return read_page(lead.account_id, lead.pk, **{"limit": 200, **asked})


def ids(page: Page) -> list[UUID]:
    return [entry.id for entry in page.entries]


@pytest.fixture
def busy(lead: Lead) -> Lead:
    """A lead with 24 entries of all kinds and channels, three at a time at the same moment."""
    drafts: list[AnyDraft] = []
    for number in range(8):
        moment = START + timedelta(hours=number)
        spoken = [Channel.WHATSAPP, Channel.EMAIL, Channel.CALL][number % 3]
        drafts += [
            MessageDraftFactory.build(lead_id=lead.pk, occurred_at=moment, channel=spoken),
            CallDraftFactory.build(lead_id=lead.pk, occurred_at=moment),
            ActivityDraftFactory.build(
                lead_id=lead.pk, occurred_at=moment, channel=list(Channel)[number % 4]
            ),
        ]
    tell(lead, *drafts[::2], *drafts[1::2])
    return lead


def test_a_page_of_three_tables_is_one_statement(
    busy: Lead, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # 1. the page
    with django_assert_num_queries(1):
        read(busy, limit=5, offset=3, only=Filter(channels=frozenset({Channel.CALL})))


def test_the_order_is_by_time_and_then_by_id(busy: Lead) -> None:
    entries = read(busy).entries
    assert len(entries) == 24
    assert entries == sorted(entries, key=lambda entry: (entry.occurred_at, entry.id))


def test_the_newest_first_is_the_same_order_backwards(busy: Lead) -> None:
    assert ids(read(busy, newest_first=True)) == ids(read(busy))[::-1]


def test_ids_are_unique_across_the_three_tables(busy: Lead) -> None:
    assert len(set(ids(read(busy)))) == 24


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 5, 23, 24, 25])
def test_pages_by_offset_and_by_position_add_up_to_the_whole(
    busy: Lead, limit: int, newest_first: bool
) -> None:
    whole = ids(read(busy, newest_first=newest_first))
    by_offset: list[UUID] = []
    by_position: list[UUID] = []
    after = None
    more = True
    while more:
        page = read(busy, limit=limit, offset=len(by_offset), newest_first=newest_first)
        by_offset += ids(page)
        assert page.has_more == (len(by_offset) < 24)
        same = read(busy, limit=limit, after=after, newest_first=newest_first)
        by_position += ids(same)
        assert same == page
        after = position_of(page.entries[-1])
        more = page.has_more
    assert by_offset == by_position == whole


def test_a_position_survives_what_is_recorded_before_it(busy: Lead) -> None:
    first, rest = read(busy, limit=10), read(busy, offset=10)
    after = position_of(first.entries[-1])
    tell(busy, MessageDraftFactory.build(lead_id=busy.pk, occurred_at=START - timedelta(days=1)))
    assert read(busy, after=after) == rest
    assert read(busy, offset=10) != rest


def test_a_position_need_not_be_an_entrys(busy: Lead) -> None:
    later = position_of(read(busy).entries[-1])._replace(id=UUID(int=2**128 - 1))
    assert ids(read(busy, after=later)) == []
    assert ids(read(busy, after=later, newest_first=True)) == ids(read(busy))[::-1]


@pytest.mark.parametrize("offset", [24, 25, 1_000, MAX_OFFSET])
def test_past_the_end_there_is_nothing(busy: Lead, offset: int) -> None:
    for newest_first in (False, True):
        page = read(busy, offset=offset, newest_first=newest_first)
        assert page.entries == []
        assert not page.has_more


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": 0},
        {"limit": -1},
        {"limit": 201},
        {"offset": -1},
        {"offset": MAX_OFFSET + 1},
        {"offset": 1, "after": position_of(EntryKey(uuid4(), START, "call"))},
    ],
)
def test_what_makes_no_sense_is_the_callers_mistake(lead: Lead, asked: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="limit"):
        read(lead, **asked)


# --- Whose ---------------------------------------------------------------------------------------


def test_a_lead_has_no_entries_for_another_account(
    busy: Lead, other_account: Account, other_lead: Lead
) -> None:
    assert read_page(other_account.pk, busy.pk, limit=200).entries == []
    assert read_page(busy.account_id, other_lead.pk, limit=200).entries == []
    entry = read(busy).entries[0]
    assert find(other_account.pk, busy.pk, entry.id) is None


def test_leads_of_one_account_do_not_see_each_others_entries(busy: Lead) -> None:
    assert read(LeadFactory.create(account=busy.account)).entries == []


def test_an_entry_is_found_where_it_stands(busy: Lead) -> None:
    for entry in read(busy).entries:
        assert find(busy.account_id, busy.pk, entry.id) == position_of(entry)
    assert find(busy.account_id, busy.pk, uuid4()) is None


# --- Filters -------------------------------------------------------------------------------------

CHANNELS = [frozenset({channel}) for channel in Channel] + [
    frozenset({Channel.CALL, Channel.EMAIL}),
    frozenset({Channel.CALL, Channel.WHATSAPP, Channel.EMAIL}),
    frozenset(Channel),
]


@pytest.mark.parametrize("channels", CHANNELS, ids=lambda channels: ",".join(sorted(channels)))
@pytest.mark.parametrize("newest_first", [False, True])
def test_a_channel_filter_keeps_what_has_its_channel_page_by_page(
    busy: Lead, channels: frozenset[Channel], newest_first: bool
) -> None:
    whole = read(busy, newest_first=newest_first).entries
    expected = [entry.id for entry in whole if entry.channel in channels]
    only = Filter(channels=channels)
    assert ids(read(busy, only=only, newest_first=newest_first)) == expected
    paged: list[UUID] = []
    while len(paged) < len(expected):
        page = read(busy, only=only, limit=4, offset=len(paged), newest_first=newest_first)
        paged += ids(page)
        assert page.has_more == (len(paged) < len(expected))
    assert paged == expected


def test_no_channel_is_no_entry(busy: Lead) -> None:
    page = read(busy, only=Filter(channels=frozenset()))
    assert page.entries == []
    assert not page.has_more


@pytest.mark.parametrize("kinds", [{Kind.CALL}, {Kind.MESSAGE, Kind.ACTIVITY}, set(), set(Kind)])
def test_a_filter_of_kinds_keeps_those(busy: Lead, kinds: set[Kind]) -> None:
    wanted = {Kind.MESSAGE: Message, Kind.CALL: Call, Kind.ACTIVITY: Activity}
    expected = [
        entry.id
        for entry in read(busy).entries
        if isinstance(entry, tuple(wanted[kind] for kind in kinds))
    ]
    assert ids(read(busy, only=Filter(kinds=frozenset(kinds)))) == expected


def test_since_is_included_and_until_is_not(busy: Lead) -> None:
    since, until = START + timedelta(hours=2), START + timedelta(hours=5)
    times = {
        entry.occurred_at for entry in read(busy, only=Filter(since=since, until=until)).entries
    }
    assert times == {START + timedelta(hours=hours) for hours in (2, 3, 4)}


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("place", [0, 3, 7, -1])
def test_a_position_and_times_hold_together(busy: Lead, newest_first: bool, place: int) -> None:
    everything = read(busy, newest_first=newest_first).entries
    after = position_of(everything[place])
    since, until = START + timedelta(hours=2), START + timedelta(hours=5)
    expected = [
        entry.id
        for entry in everything[len(everything) + place + 1 if place < 0 else place + 1 :]
        if since <= entry.occurred_at < until
    ]
    for channels in (None, frozenset(Channel)):
        only = Filter(channels=channels, since=since, until=until)
        assert ids(read(busy, only=only, newest_first=newest_first, after=after)) == expected


# --- Texts ---------------------------------------------------------------------------------------


def every_shape() -> Iterator[Shape]:
    """Give all questions that the API can be asked, but for their values."""
    some = [frozenset(kept) for n in (1, 2, 3) for kept in combinations(SPOKEN_CHANNELS, n)]
    kinds = [frozenset(kept) for n in (1, 2, 3) for kept in combinations(Kind, n)]
    conditions = [kept for n in range(3) for kept in combinations(("direction", "words"), n)]
    bounds = product((False, True), (False, True))
    for begin, is_bounded, newest_first in product(Begin, bounds, (False, True)):
        for asked in product([None, *some], [None, *kinds], conditions):
            yield Shape(begin, is_bounded, DOCUMENTED, newest_first, *asked)


def test_no_client_can_make_us_keep_more_texts_than_so_many() -> None:
    shapes = list(islice(every_shape(), 3 * TEXTS))
    assert len(set(shapes)) == 3 * TEXTS
    for shape in shapes:
        keyed_statement(shape)
        page_statement(shape)
    for kept in (parts_of, page_statement, keyed_statement):
        assert kept.cache_info().currsize <= TEXTS
