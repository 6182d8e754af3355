"""`GET /api/public/leads/{id}/history`: which entries, in which order, page by page."""

from datetime import timedelta

import pytest

from leads.models import Account, Lead
from tests.conftest import ApiClient
from tests.contract.answers import entries_of
from tests.contract.page import record_example
from tests.factories import (
    START,
    ActivityDraftFactory,
    CallDraftFactory,
    MessageDraftFactory,
)
from tests.timeline.told import tell
from timeline.entries import Channel

# --- Order and pages -----------------------------------------------------------------------------


def test_entries_come_in_the_order_they_happened_not_in_which_they_were_recorded(
    api: ApiClient, lead: Lead
) -> None:
    for hours in (3, 1, 2):
        tell(
            lead,
            MessageDraftFactory.build(
                lead_id=lead.id, occurred_at=START + timedelta(hours=hours), content=str(hours)
            ),
        )
    assert [entry["content"] for entry in entries_of(api.history(lead))] == ["1", "2", "3"]


def test_entries_of_one_moment_keep_one_order_over_all_pages(api: ApiClient, lead: Lead) -> None:
    tell(
        lead,
        *(
            draft.build(lead_id=lead.id, occurred_at=START)
            for draft in (MessageDraftFactory, CallDraftFactory, ActivityDraftFactory)
            for _ in range(4)
        ),
    )
    whole = entries_of(api.history(lead))
    paged = [
        entry
        for offset in range(0, 12, 5)
        for entry in entries_of(api.history(lead, f"?limit=5&offset={offset}"))
    ]
    assert paged == whole
    assert len(whole) == 12


def test_a_page_has_fifty_entries_unless_told_otherwise(api: ApiClient, lead: Lead) -> None:
    tell(lead, *(MessageDraftFactory.build(lead_id=lead.id) for _ in range(51)))
    answer = api.history(lead).json()
    assert len(answer["history"]) == 50
    assert answer["pagination"] == {"limit": 50, "offset": 0, "has_more": True}


@pytest.mark.parametrize(
    ("query", "count", "has_more"),
    [
        ("?limit=1", 1, True),
        ("?limit=4", 4, True),
        ("?limit=5", 5, False),
        ("?limit=6", 5, False),
        ("?limit=200", 5, False),
        ("?limit=2&offset=2", 2, True),
        ("?limit=2&offset=3", 2, False),
        ("?limit=2&offset=4", 1, False),
        ("?offset=5", 0, False),
        ("?offset=6", 0, False),
        ("?offset=1000000000000000000", 0, False),
    ],
)
def test_has_more_is_exact_at_every_edge(
    api: ApiClient, account: Account, query: str, count: int, has_more: bool
) -> None:
    answer = api.history(record_example(account), query).json()
    assert (len(answer["history"]), answer["pagination"]["has_more"]) == (count, has_more)


def test_the_pagination_repeats_what_was_asked_for(api: ApiClient, lead: Lead) -> None:
    pagination = api.history(lead, "?limit=20&offset=40").json()["pagination"]
    assert pagination == {"limit": 20, "offset": 40, "has_more": False}


# --- Channels ------------------------------------------------------------------------------------


@pytest.fixture
def on_every_channel(lead: Lead) -> Lead:
    """A lead with a message and an activity on each channel, a call, and a system activity."""
    tell(
        lead,
        *(
            draft.build(lead_id=lead.id, channel=channel)
            for channel in (Channel.CALL, Channel.WHATSAPP, Channel.EMAIL)
            for draft in (MessageDraftFactory, ActivityDraftFactory)
        ),
        CallDraftFactory.build(lead_id=lead.id),
        ActivityDraftFactory.build(lead_id=lead.id, channel=Channel.SYSTEM),
    )
    return lead


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("call", {"call"}),
        ("whatsapp", {"whatsapp"}),
        ("email", {"email"}),
        ("call,whatsapp", {"call", "whatsapp"}),
        ("email,call,whatsapp", {"call", "whatsapp", "email"}),
        ("call,call,call", {"call"}),
        ("%20call%20,%20email", {"call", "email"}),
        ("call+,+email", {"call", "email"}),
        ("call%2Cemail", {"call", "email"}),
    ],
)
def test_a_filter_keeps_every_entry_of_its_channels(
    api: ApiClient, on_every_channel: Lead, value: str, kept: set[str]
) -> None:
    everything = entries_of(api.history(on_every_channel))
    filtered = entries_of(api.history(on_every_channel, f"?channel={value}"))
    assert filtered == [entry for entry in everything if entry["channel"] in kept]
    assert {entry["type"] for entry in filtered} >= {"message", "activity"}


@pytest.mark.parametrize("query", ["", "?channel=", "?channel=%20", "?channel"])
def test_without_a_filter_all_entries_are_there_those_of_the_system_too(
    api: ApiClient, on_every_channel: Lead, query: str
) -> None:
    entries = entries_of(api.history(on_every_channel, query))
    assert len(entries) == 8
    assert "system" in {entry["channel"] for entry in entries}


def test_limit_offset_and_has_more_count_what_the_filter_keeps(
    api: ApiClient, on_every_channel: Lead
) -> None:
    calls = entries_of(api.history(on_every_channel, "?channel=call"))
    first = api.history(on_every_channel, "?channel=call&limit=2").json()
    rest = api.history(on_every_channel, "?channel=call&limit=2&offset=2").json()
    assert first["history"] + rest["history"] == calls
    assert first["pagination"]["has_more"] is True
    assert rest["pagination"]["has_more"] is False
