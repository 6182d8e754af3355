"""What a response says, in the documented shape and in the vendor's newer one."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.json_values import RefusedError
from tests.contract.page import EXAMPLE
from tests.timeline.saved import LEAD_ID, activity, call, message, response
from timeline.checks import InvalidEntry, check
from timeline.entries import ActivityDraft, AnyDraft, CallDraft, MessageDraft
from timeline.importing.identity import digest_of
from timeline.importing.shapes import read_entry, read_response

LEAD = UUID(LEAD_ID)


def entry(value: Any) -> AnyDraft:
    return read_entry(LEAD, value)


def refusal(value: Any) -> str:
    with pytest.raises(RefusedError) as refused:
        entry(value)
    return str(refused.value)


def test_the_documented_shape() -> None:
    page = read_response(EXAMPLE)
    assert (page.lead_id, page.offset, page.has_more) == (LEAD, 0, False)
    assert page.lead["created_at"] == datetime(2026, 1, 10, 8, tzinfo=UTC)
    drafts = [read_entry(page.lead_id, value) for value in page.history]
    kinds = [ActivityDraft, MessageDraft, MessageDraft, CallDraft, ActivityDraft]
    assert [type(draft) for draft in drafts] == kinds
    assert {draft.source for draft in drafts} == {"import"}


def test_the_newer_shape_of_a_message() -> None:
    draft = entry(
        message(
            id="m-1",
            subject="Offer",
            media_url="https://example.com/a.jpg",
            attachments=[{"name": "a.pdf", "url": "https://example.com/a.pdf"}, "https://b"],
            buttons=["Yes", {"text": "More", "url": "https://example.com"}],
            reaction="❤️",
            provider_message_id="wamid.1",
            sent_at="2026-01-10T09:00:00.5Z",
            delivered_at="2026-01-10T10:00:01+01:00",
            read_at=None,
            whatever={"else": 1},
        )
    )
    assert isinstance(draft, MessageDraft)
    assert draft.external_id == "m-1"
    assert (draft.subject, draft.reaction) == ("Offer", "❤️")
    assert draft.media_url == "https://example.com/a.jpg"
    assert draft.provider_message_id == "wamid.1"
    assert draft.attachments == [
        {"name": "a.pdf", "url": "https://example.com/a.pdf"},
        {"url": "https://b"},
    ]
    assert draft.buttons == [{"text": "Yes"}, {"text": "More", "url": "https://example.com"}]
    assert draft.sent_at == datetime(2026, 1, 10, 9, 0, 0, 500_000, tzinfo=UTC)
    assert draft.delivered_at == datetime(2026, 1, 10, 9, 0, 1, tzinfo=UTC)
    assert draft.read_at is None


def test_the_newer_shape_of_a_call() -> None:
    turn = {"speaker": "agent", "text": "Hi", "start": 0, "end": 0.8}
    draft = entry(
        call(
            direction="outbound",
            call_successful=True,
            disconnection_reason="user_hangup",
            provider_call_id="call_1",
            transcript=[turn | {"words": []}, {"text": "Hello"}],
        )
    )
    assert isinstance(draft, CallDraft)
    assert (draft.direction, draft.call_successful) == ("outbound", True)
    assert (draft.disconnection_reason, draft.provider_call_id) == ("user_hangup", "call_1")
    unknown = {"speaker": "", "start": None, "end": None}
    assert draft.turns == [turn, unknown | {"text": "Hello"}]


def test_a_transcript_in_one_text_is_one_turn() -> None:
    draft = entry(call(transcript="Agent: Hi\nUser: Hello"))
    assert isinstance(draft, CallDraft)
    assert [turn["text"] for turn in draft.turns] == ["Agent: Hi\nUser: Hello"]
    assert getattr(entry(call(transcript="")), "turns", None) == []


def test_a_missed_call_is_a_call_that_did_not_connect() -> None:
    draft = entry(
        {
            "type": "call_missed",
            "id": "c-1",
            "content": "Missed call — No answer",
            "timestamp": "2026-01-10T14:00:00Z",
        }
    )
    assert isinstance(draft, CallDraft)
    assert (draft.call_status, draft.summary) == ("not_connected", "Missed call — No answer")
    assert draft.duration_seconds is None


def test_null_and_absent_are_the_same() -> None:
    keys = ["direction", "duration_seconds", "summary", "transcript", "call_successful", "channel"]
    told = {"type": "call", "timestamp": "2026-01-10T14:00:00Z"}
    assert entry(told) == entry(told | dict.fromkeys(keys))


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-10T09:00:00Z",
        "2026-01-10T09:00:00.000Z",
        "2026-01-10T09:00:00+00:00",
        "2026-01-10T06:00:00-03:00",
        "2026-01-10 09:00:00+00",
    ],
)
def test_times_of_one_moment_are_one_time(text: str) -> None:
    assert entry(message(timestamp=text)) == entry(message())
    assert digest_of(entry(message(timestamp=text))) == digest_of(entry(message()))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "the entry must be an object"),
        ([], "the entry must be an object"),
        ({}, "type is missing"),
        (message(type="call_answered"), "type 'call_answered' is none of message, call, "),
        (message(type=1), "type must be text"),
        (message(timestamp=None), "timestamp is missing"),
        (message(timestamp="yesterday"), "timestamp must be an ISO 8601 time, not 'yesterday'"),
        (message(timestamp="2026-01-10"), "timestamp has no time zone: '2026-01-10'"),
        (message(timestamp="2026-13-10T09:00:00Z"), "timestamp must be an ISO 8601 time"),
        (message(timestamp="0001-01-01T00:00:00+14:00"), "timestamp is out of range"),
        (message(timestamp="9999-12-31T23:00:00-14:00"), "timestamp is out of range"),
        (message(timestamp=1768035600), "timestamp must be text"),
        (message(read_at="2026-01-10T09:00:00"), "read_at has no time zone"),
        (message(content=["a"]), "content must be text"),
        (message(attachments={}), "attachments must be a list"),
        (message(attachments=[1]), "attachments[0] must be an object"),
        (message(buttons=["a", {"text": 1}]), "buttons[1].text must be text"),
        (call(channel="email"), "channel of a call must be call"),
        (call(duration_seconds="185"), "duration_seconds must be a whole number or null"),
        (call(duration_seconds=True), "duration_seconds must be a whole number or null"),
        (call(call_successful="yes"), "call_successful must be true, false or null"),
        (call(transcript={"a": 1}), "transcript must be a list"),
        (call(transcript=[{"text": "a", "start": -1}]), "transcript: start must be seconds from 0"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else str(value)[:40],
)
def test_what_is_no_entry_is_told(value: Any, reason: str) -> None:
    assert refusal(value).startswith(reason)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (1, "the response must be an object"),
        ({"error": "Not found", "message": "…"}, "is an error, not a history: 'Not found'"),
        ({"history": []}, "lead must be an object"),
        ({"lead": {"id": LEAD_ID}}, "history must be a list"),
        ({"lead": {"id": LEAD_ID}, "history": {}}, "history must be a list"),
        (response(offset=-1), "pagination.offset must be a whole number from 0"),
        (response(lead={"id": None}), "lead.id must be a UUID, not None"),
        (response(lead={"id": 5}), "lead.id must be a UUID, not 5"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else str(value)[:40],
)
def test_what_is_no_response_is_told(value: Any, reason: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_response(value)
    assert str(refused.value).startswith(reason)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
KEYS = sorted(
    {*message(), *call(), *activity()}
    | {"id", "attachments", "buttons", "transcript", "call_successful", "sent_at", "reaction"}
)
TYPES = ("message", "call", "call_missed", "activity")


@given(
    kind=st.sampled_from(TYPES),
    values=st.dictionaries(st.sampled_from(KEYS), json_values, max_size=4),
)
def test_whatever_an_entry_holds_it_is_a_draft_or_refused(
    kind: str, values: dict[str, Any]
) -> None:
    made = {"message": message, "activity": activity}.get(kind, call)
    with suppress(RefusedError, InvalidEntry):
        draft = entry(made() | {"type": kind} | values)
        digest_of(draft)
        check(draft)
