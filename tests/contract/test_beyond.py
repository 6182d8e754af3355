"""What goes beyond the vendor's page is asked for by parameters, and does what it says."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from leads.models import Account, Lead
from tests.conftest import ApiClient
from tests.contract.answers import NOT_FOUND, entries_of
from tests.contract.test_parameters import refused
from tests.factories import (
    START,
    ActivityDraftFactory,
    CallDraftFactory,
    LeadFactory,
    MessageDraftFactory,
)
from timeline.entries import AnyDraft, Channel
from timeline.recording import entry_id, record_all

WHEN = "must be a date, or a time with its zone, in ISO 8601, as 2026-01-10T08:00:00Z"
CURSOR = "cursor must be empty, or the next_cursor of an answer for the same lead and order"

REFUSED = [
    ("order=up", "order must be asc or desc"),
    ("order=DESC", "order must be asc or desc"),
    ("type=mail", "type must be a comma-separated list of message, call, activity"),
    ("type=call,", "type must be a comma-separated list of message, call, activity"),
    ("direction=both", "direction must be inbound or outbound"),
    ("since=yesterday", f"since {WHEN}"),
    ("since=2026-01-10T08:00:00", f"since {WHEN}"),
    ("since=2026-02-30", f"since {WHEN}"),
    ("since=0000-01-01", f"since {WHEN}"),
    ("until=9999-12-31T23:59:59-23:00", f"until {WHEN}"),
    ("until=20260110", f"until {WHEN}"),
    ("until=" + "9" * 400, f"until {WHEN}"),
    ("q=%3F%21", "q must be up to 200 characters with a letter or digit"),
    ("q=" + "x" * 201, "q must be up to 200 characters with a letter or digit"),
    ("cursor=guess", CURSOR),
    ("cursor=" + "x" * 5_000, CURSOR),
    ("cursor=%00", CURSOR),
    ("view=everything", "view must be full"),
    *(
        (f"{name}=&{name}=", f"{name} must be given once")
        for name in ("order", "type", "direction", "since", "until", "q", "cursor", "view")
    ),
]


@pytest.mark.parametrize(("query", "message"), REFUSED)
def test_what_is_wrong_is_named(api: ApiClient, lead: Lead, query: str, message: str) -> None:
    refused(api.history(lead, f"?{query}"), message)


def test_empty_parameters_are_none_at_all(api: ApiClient, told: Lead) -> None:
    empty = api.history(told, "?order=&type=&direction=&since=&until=&q=&view=")
    assert empty.content == api.history(told).content


# --- What is told ---------------------------------------------------------------------------------


def drafts(lead: Lead) -> list[AnyDraft]:
    """Thirty entries of all kinds, channels and directions, some at one moment."""
    made: list[AnyDraft] = []
    for number in range(30):
        common: dict[str, Any] = {
            "lead_id": lead.pk,
            "occurred_at": START + timedelta(hours=number // 2),
            "external_id": str(number),
        }
        way = ("inbound", "outbound")[number % 3 % 2]
        if number % 5 == 0:
            made.append(CallDraftFactory.build(**common, direction=way, summary=f"Solar {number}"))
        elif number % 5 == 1:
            made.append(ActivityDraftFactory.build(**common, channel=list(Channel)[number % 4]))
        else:
            channel = (Channel.WHATSAPP, Channel.EMAIL)[number % 2]
            text = f"¿Cuánto cuesta el n.º {number}?"
            made.append(
                MessageDraftFactory.build(**common, channel=channel, direction=way, content=text)
            )
    return made


@pytest.fixture
def told(lead: Lead) -> Lead:
    record_all(lead.account_id, drafts(lead))
    return lead


def plain(lead: Lead) -> list[dict[str, Any]]:
    """Return what the entries are, in order, made without the product's reading."""
    return [
        {
            "id": str(entry_id(lead.account_id, draft)),
            "at": draft.occurred_at,
            "type": type(draft).__name__.removesuffix("Draft").lower(),
            "channel": str(getattr(draft, "channel", "call")),
            "direction": str(getattr(draft, "direction", "")),
            "text": " ".join(
                str(getattr(draft, name, "")) for name in ("content", "summary", "title")
            ),
        }
        for draft in sorted(
            drafts(lead), key=lambda draft: (draft.occurred_at, entry_id(lead.account_id, draft))
        )
    ]


asked = st.fixed_dictionaries(
    {},
    optional={
        "order": st.sampled_from(["asc", "desc"]),
        "type": st.sets(st.sampled_from(["message", "call", "activity"]), min_size=1),
        "channel": st.sets(st.sampled_from(["call", "whatsapp", "email"]), min_size=1),
        "direction": st.sampled_from(["inbound", "outbound"]),
        "since": st.integers(-1, 16),
        "until": st.integers(-1, 16),
        "q": st.sampled_from(["cuanto", "solar 1", "CUESTA cuan", "assigned", "nothing"]),
    },
)


def expected(lead: Lead, asked: dict[str, Any]) -> list[str]:
    entries = plain(lead)
    for name in ("type", "channel"):
        if name in asked:
            entries = [entry for entry in entries if entry[name] in asked[name]]
    if "direction" in asked:
        entries = [entry for entry in entries if entry["direction"] == asked["direction"]]
    if "since" in asked:
        entries = [e for e in entries if e["at"] >= START + timedelta(hours=asked["since"])]
    if "until" in asked:
        entries = [e for e in entries if e["at"] < START + timedelta(hours=asked["until"])]
    if "q" in asked:
        hits = {"cuanto": "Cuánto", "solar 1": "Solar 1", "CUESTA cuan": "cuesta"}
        text = hits.get(asked["q"], asked["q"].capitalize())
        entries = [entry for entry in entries if text in entry["text"]]
    ids = [entry["id"] for entry in entries]
    return ids[::-1] if asked.get("order") == "desc" else ids


def query_of(asked: dict[str, Any]) -> str:
    said = {}
    for name, value in asked.items():
        if name in {"since", "until"}:
            said[name] = (START + timedelta(hours=value)).isoformat().replace("+00:00", "Z")
        else:
            said[name] = ",".join(sorted(value)) if isinstance(value, set) else value
    return "&".join(f"{name}={quote(value)}" for name, value in said.items())


def by_cursor(api: ApiClient, lead: Lead, query: str, limit: int) -> list[str]:
    """Return the ids of all pages; each but the last is full."""
    ids: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = api.history(lead, f"?view=full&limit={limit}&{query}&cursor={quote(cursor)}")
        page = [entry["id"] for entry in entries_of(answer)]
        pagination = answer.json()["pagination"]
        assert list(pagination) == ["limit", "next_cursor", "has_more"]
        cursor = pagination["next_cursor"]
        assert pagination["has_more"] == (cursor is not None)
        assert len(page) == limit or cursor is None
        ids += page
    return ids


bounded = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@given(asked=asked, limit=st.integers(1, 12))
@bounded
def test_every_combination_keeps_what_it_says_page_by_page(
    api: ApiClient, told: Lead, asked: dict[str, Any], limit: int
) -> None:
    wanted = expected(told, asked)
    query = query_of(asked)
    assert by_cursor(api, told, query, limit) == wanted
    offset = limit + 2
    page = entries_of(api.history(told, f"?view=full&limit={limit}&offset={offset}&{query}"))
    assert [entry["id"] for entry in page] == wanted[offset : offset + limit]


# --- Cursors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_what_is_recorded_between_pages_moves_nothing(
    api: ApiClient, told: Lead, order: str
) -> None:
    before = [entry["id"] for entry in plain(told)]
    first = api.history(told, f"?view=full&limit=7&order={order}&cursor=")
    record_all(
        told.account_id,
        [
            MessageDraftFactory.build(
                lead_id=told.pk, occurred_at=START + timedelta(minutes=1 + 61 * number)
            )
            for number in range(15)
        ],
    )
    ids = [entry["id"] for entry in entries_of(first)]
    rest = f"limit=50&order={order}&cursor={first.json()['pagination']['next_cursor']}"
    ids += [entry["id"] for entry in entries_of(api.history(told, f"?view=full&{rest}"))]
    seen = [each for each in ids if each in before]
    assert seen == (before if order == "asc" else before[::-1])
    assert len(ids) == len(set(ids))


def cursor_of(api: ApiClient, lead: Lead, query: str = "") -> str:
    answer = api.history(lead, f"?limit=2&cursor={query}")
    return str(answer.json()["pagination"]["next_cursor"])


def test_a_cursor_is_good_for_one_lead_and_order(
    api: ApiClient, account: Account, told: Lead
) -> None:
    other = LeadFactory.create(account=account)
    record_all(account.pk, MessageDraftFactory.build_batch(5, lead_id=other.pk))
    cursor = cursor_of(api, told)
    assert api.history(told, f"?cursor={cursor}").status_code == 200
    assert api.history(str(told.pk).upper(), f"?cursor={cursor}").status_code == 200
    refused(api.history(other, f"?cursor={cursor}"), CURSOR)
    refused(api.history(told, f"?order=desc&cursor={cursor}"), CURSOR)
    for tampered in (cursor[:-1], cursor + "a", cursor.swapcase(), cursor[1:]):
        refused(api.history(told, f"?cursor={quote(tampered)}"), CURSOR)


def test_an_offset_beside_a_cursor_says_nothing(api: ApiClient, told: Lead) -> None:
    cursor = cursor_of(api, told)
    for by_cursor in ("cursor=", f"cursor={cursor}"):
        with_offset = api.history(told, f"?{by_cursor}&offset=7")
        assert with_offset.content == api.history(told, f"?{by_cursor}").content


def test_a_stranger_s_lead_is_not_there_whatever_is_asked(
    api: ApiClient, stranger_api: ApiClient, told: Lead
) -> None:
    cursor = cursor_of(api, told)
    for query in ("order=desc", "view=full", "q=solar", "type=call", "cursor=", f"cursor={cursor}"):
        answer = stranger_api.history(told, f"?{query}")
        assert (answer.status_code, answer.content) == (404, NOT_FOUND)


# --- In full --------------------------------------------------------------------------------------

_OF_MESSAGES = "id subject media_url attachments provider_message_id sent_at delivered_at read_at"
FULL_KEYS = {
    "message": f"{_OF_MESSAGES} reaction buttons".split(),
    "call": [
        "id",
        "direction",
        "call_successful",
        "disconnection_reason",
        "provider_call_id",
        "transcript",
    ],
    "activity": ["id"],
}


def test_in_full_the_documented_keys_come_first_and_say_the_same(
    api: ApiClient, told: Lead
) -> None:
    documented = entries_of(api.history(told))
    full = entries_of(api.history(told, "?view=full"))
    for short, long in zip(documented, full, strict=True):
        assert list(long) == [*short, *FULL_KEYS[short["type"]]]
        assert {key: long[key] for key in short} == short


def test_a_message_in_full_says_all_that_is_known(api: ApiClient, lead: Lead) -> None:
    message = MessageDraftFactory.build(
        lead_id=lead.pk,
        subject="Offer",
        media_url="https://cdn.example.com/a.jpg",
        attachments=[
            {"name": "a.pdf", "url": "https://x.example/a.pdf", "type": "application/pdf"}
        ],
        provider_message_id="wamid.1",
        sent_at=START,
        read_at=START + timedelta(seconds=1, microseconds=5),
        reaction="👍",
        buttons=[{"text": "Yes"}],
    )
    record_all(lead.account_id, [message])
    (entry,) = entries_of(api.history(lead, "?view=full"))
    assert {name: entry[name] for name in FULL_KEYS["message"]} == {
        "id": str(entry_id(lead.account_id, message)),
        "subject": "Offer",
        "media_url": "https://cdn.example.com/a.jpg",
        "attachments": [
            {
                "name": "a.pdf",
                "type": "application/pdf",
                "size": None,
                "url": "https://x.example/a.pdf",
            }
        ],
        "provider_message_id": "wamid.1",
        "sent_at": "2026-01-10T08:00:00Z",
        "delivered_at": None,
        "read_at": "2026-01-10T08:00:01.000005Z",
        "reaction": "👍",
        "buttons": [{"text": "Yes", "url": None}],
    }


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        ("not_connected", "dial_no_answer", "Missed call — No answer"),
        ("not_connected", "dial_busy", "Missed call — Busy"),
        ("no-answer", "", "Missed call — No answer"),
        ("busy", "", "Missed call — Busy"),
        ("not_connected", "", "Missed call — Not connected"),
        ("not_connected", "voicemail_reached", None),
        ("ended", "user_hangup", None),
        ("", "", None),
    ],
)
def test_a_call_that_never_connected_is_missed(
    api: ApiClient, lead: Lead, status: str, reason: str, said: str | None
) -> None:
    call = CallDraftFactory.build(
        lead_id=lead.pk, call_status=status, disconnection_reason=reason, duration_seconds=0
    )
    record_all(lead.account_id, [call])
    (entry,) = entries_of(api.history(lead, "?view=full"))
    assert entry["type"] == ("call_missed" if said else "call")
    assert entry.get("content") == said
    (documented,) = entries_of(api.history(lead))
    assert documented["type"] == "call"
    assert "content" not in documented


def test_a_transcript_comes_turn_by_turn(api: ApiClient, lead: Lead) -> None:
    turns = [{"speaker": "agent", "text": "Hello", "start": 0.5, "end": 1}, {"text": "Hm"}]
    turns.append({"speaker": "", "text": "Yes", "start": None, "end": None})
    record_all(lead.account_id, [CallDraftFactory.build(lead_id=lead.pk, turns=turns)])
    (entry,) = entries_of(api.history(lead, "?view=full"))
    assert entry["transcript"] == [
        {"speaker": "agent", "text": "Hello", "start": 0.5, "end": 1},
        {"speaker": None, "text": "Hm", "start": None, "end": None},
        {"speaker": None, "text": "Yes", "start": None, "end": None},
    ]


# --- What it costs, and tags ----------------------------------------------------------------------

ASKED: Sequence[str] = (
    "view=full&order=desc&type=message,call&direction=inbound",
    "q=cuanto&since=2026-01-10&until=2026-02-01",
    "cursor=&limit=3",
    "type=activity&direction=inbound",
)


@pytest.mark.parametrize("query", ASKED)
def test_it_takes_one_statement_and_a_304(
    api: ApiClient, told: Lead, django_assert_num_queries: DjangoAssertNumQueries, query: str
) -> None:
    etag = api.history(told, f"?{query}").headers["ETag"]
    # Where no entry can match, the key and the lead are asked for by themselves.
    with django_assert_num_queries(2 if query == ASKED[-1] else 1):
        assert api.history(told, f"?{query}").status_code == 200
    assert api.history(told, f"?{query}", If_None_Match=etag).status_code == 304


def test_answers_that_differ_have_tags_that_differ(api: ApiClient, lead: Lead) -> None:
    record_all(lead.account_id, [MessageDraftFactory.build(lead_id=lead.pk)])
    queries = ("", "?view=full", "?order=desc", "?cursor=", "?limit=2", "?cursor=&view=full")
    tags = [api.history(lead, query).headers["ETag"] for query in queries]
    assert len(set(tags)) == len(tags)
