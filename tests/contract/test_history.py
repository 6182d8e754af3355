"""`GET /api/public/leads/{id}/history`: what is in the answer, to the letter."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from leads.models import Account, Lead, Membership
from tests.conftest import ApiClient
from tests.contract.answers import compact, entries_of
from tests.contract.page import EXAMPLE, record_example
from tests.factories import (
    START,
    ActivityDraftFactory,
    CallDraftFactory,
    LeadFactory,
    MessageDraftFactory,
    api_key,
)
from tests.timeline.told import tell

MESSAGE_KEYS = ["type", "channel", "direction", "content", "message_type", "status", "timestamp"]
CALL_KEYS = [
    "type",
    "channel",
    "duration_seconds",
    "call_status",
    "summary",
    "recording_url",
    "sentiment",
    "timestamp",
]
ACTIVITY_KEYS = [
    "type",
    "channel",
    "activity_type",
    "title",
    "description",
    "actor_type",
    "timestamp",
]


def test_the_pages_own_example_comes_back_byte_for_byte(api: ApiClient, account: Account) -> None:
    answer = api.history(record_example(account))
    assert answer.status_code == 200
    assert answer.content == compact(EXAMPLE)


def test_the_answer_has_the_documented_headers(api: ApiClient, lead: Lead) -> None:
    headers = api.history(lead).headers
    assert headers["Content-Type"] == "application/json"
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["ETag"].startswith('"')
    assert headers["X-Request-Id"]


def test_nobody_needs_to_sign_in_or_gets_a_cookie(api: ApiClient, lead: Lead) -> None:
    assert not api.history(lead).cookies


def test_a_lead_without_entries_has_an_empty_history(api: ApiClient, lead: Lead) -> None:
    answer = api.history(lead).json()
    assert answer["history"] == []
    assert answer["pagination"] == {"limit": 50, "offset": 0, "has_more": False}


def test_key_lead_and_page_take_one_statement(
    api: ApiClient, lead: Lead, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tell(lead, *(MessageDraftFactory.build(lead_id=lead.id) for _ in range(60)))
    api.history(lead)  # notes the key's use, which is once a minute
    # What the key opens, the lead if it is the account's, and the page, of three tables.
    with django_assert_num_queries(1):
        api.history(lead)
    with django_assert_num_queries(1):
        api.history(lead, "?offset=20&limit=10&channel=whatsapp,call")
    with django_assert_num_queries(1):
        assert api.history(uuid4()).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_an_unchanged_page_takes_one_statement_and_a_changed_one_two(
    api: ApiClient, lead: Lead, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    etag = api.history(lead).headers["ETag"]
    # Page and versions; then no more than whether anything is newer.
    for _ in range(2):
        with django_assert_num_queries(1):
            assert api.history(lead, If_None_Match=etag).status_code == 304
    tell(lead, MessageDraftFactory.build(lead_id=lead.id))
    # Then the page itself.
    with django_assert_num_queries(2):
        assert api.history(lead, If_None_Match=etag).status_code == 200


def test_what_is_refused_takes_no_more_than_the_key(
    api: ApiClient, lead: Lead, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    api.history(lead)
    for refused in ("?limit=0", "?channel=fax"):
        with django_assert_num_queries(1):
            assert api.history(lead, refused).status_code == 400
    with django_assert_num_queries(1):
        assert api.history("nobody").status_code == 404


# --- Whose ---------------------------------------------------------------------------------------


def test_every_key_of_the_account_reads_its_leads_and_no_other_account_does(
    account: Account, lead: Lead, api: ApiClient, stranger_api: ApiClient
) -> None:
    tell(lead, MessageDraftFactory.build(lead_id=lead.id))
    second = ApiClient(api_key(account)[1])
    assert len(entries_of(api.history(lead))) == 1
    assert api.history(lead).content == second.history(lead).content
    assert stranger_api.history(lead).status_code == 404


def test_who_made_the_key_makes_no_difference(
    account: Account, owner: Membership, colleague: Membership, lead: Lead
) -> None:
    answers = set()
    for member in (owner, colleague):
        key, secret = api_key(account)
        key.created_by = member.user
        key.save()
        answers.add(ApiClient(secret).history(lead).content)
    assert len(answers) == 1


def test_two_leads_of_an_account_do_not_share_entries(
    api: ApiClient, account: Account, lead: Lead
) -> None:
    tell(lead, MessageDraftFactory.build(lead_id=lead.id))
    assert entries_of(api.history(LeadFactory.create(account=account))) == []


# --- What an entry says --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("draft", "keys"),
    [
        (MessageDraftFactory, MESSAGE_KEYS),
        (CallDraftFactory, CALL_KEYS),
        (ActivityDraftFactory, ACTIVITY_KEYS),
    ],
)
def test_every_entry_has_its_documented_keys_in_order_and_no_others(
    api: ApiClient, lead: Lead, draft: Any, keys: list[str]
) -> None:
    tell(lead, draft.build(lead_id=lead.id))
    (entry,) = entries_of(api.history(lead))
    assert list(entry) == keys


def test_what_is_not_known_is_null_and_its_key_is_there(api: ApiClient, account: Account) -> None:
    lead = LeadFactory.create(
        account=account, first_name="", last_name="", phone="", email="", source=""
    )
    tell(
        lead,
        MessageDraftFactory.build(lead_id=lead.id, occurred_at=START, status="", content=""),
        CallDraftFactory.build(
            lead_id=lead.id,
            occurred_at=START + timedelta(hours=1),
            duration_seconds=None,
            call_status="",
            summary="",
            recording_url="",
            sentiment="",
        ),
        ActivityDraftFactory.build(
            lead_id=lead.id, occurred_at=START + timedelta(hours=2), description=""
        ),
    )
    answer = api.history(lead).json()
    assert answer["lead"] == {
        "id": str(lead.id),
        "first_name": None,
        "last_name": None,
        "phone": None,
        "email": None,
        "source": None,
        "created_at": "2026-01-10T08:00:00Z",
    }
    message, call, activity = answer["history"]
    assert message["status"] is None
    unknown = ["duration_seconds", "call_status", "summary", "recording_url", "sentiment"]
    assert {name: call[name] for name in unknown} == dict.fromkeys(unknown)
    assert activity["description"] is None


def test_a_messages_content_is_never_null(api: ApiClient, lead: Lead) -> None:
    tell(lead, MessageDraftFactory.build(lead_id=lead.id, content=""))
    (message,) = entries_of(api.history(lead))
    assert message["content"] == ""


def test_a_call_of_no_seconds_is_not_one_of_unknown_length(api: ApiClient, lead: Lead) -> None:
    tell(lead, CallDraftFactory.build(lead_id=lead.id, duration_seconds=0))
    (call,) = entries_of(api.history(lead))
    assert call["duration_seconds"] == 0


def test_a_missed_call_is_a_call_whose_status_says_so(api: ApiClient, lead: Lead) -> None:
    tell(
        lead,
        CallDraftFactory.build(
            lead_id=lead.id, call_status="no-answer", duration_seconds=0, summary=""
        ),
    )
    (call,) = entries_of(api.history(lead))
    assert (call["type"], call["call_status"]) == ("call", "no-answer")


TEXT = 'Hi 👋🏽 "María"\n\tمرحبا\u200f 你好 नमस्ते \\ / \u2028 \x7f é'


def test_text_comes_back_as_it_was_written(api: ApiClient, lead: Lead) -> None:
    tell(lead, MessageDraftFactory.build(lead_id=lead.id, content=TEXT))
    answer = api.history(lead)
    assert entries_of(answer)[0]["content"] == TEXT
    for as_is in ("👋🏽", "مرحبا", "你好", "नमस्ते", "é", "\u2028"):
        assert as_is.encode() in answer.content


def test_no_byte_of_text_is_escaped_that_need_not_be(api: ApiClient, lead: Lead) -> None:
    tell(lead, MessageDraftFactory.build(lead_id=lead.id, content=TEXT))
    assert rb"\u" not in api.history(lead).content


@pytest.mark.parametrize(
    ("occurred_at", "timestamp"),
    [
        ("2026-01-10T08:00:00+00:00", "2026-01-10T08:00:00Z"),
        ("2026-01-10T08:00:00.5+00:00", "2026-01-10T08:00:00.500000Z"),
        ("2026-01-10T08:00:00.000001+00:00", "2026-01-10T08:00:00.000001Z"),
        ("2026-01-10T08:00:00+05:30", "2026-01-10T02:30:00Z"),
        ("1969-07-20T20:17:40+00:00", "1969-07-20T20:17:40Z"),
        ("0001-01-02T00:00:00+00:00", "0001-01-02T00:00:00Z"),
        ("9999-12-30T23:59:59+00:00", "9999-12-30T23:59:59Z"),
    ],
)
def test_times_are_utc_with_z_and_fractions_only_where_there_are_any(
    api: ApiClient, account: Account, occurred_at: str, timestamp: str
) -> None:
    at = datetime.fromisoformat(occurred_at)
    lead = LeadFactory.create(account=account, created_at=at)
    tell(lead, MessageDraftFactory.build(lead_id=lead.id, occurred_at=at))
    answer = api.history(lead).json()
    assert answer["lead"]["created_at"] == timestamp
    assert answer["history"][0]["timestamp"] == timestamp


def test_times_are_utc_whatever_the_installations_time_zone(
    api: ApiClient, lead: Lead, settings: Any
) -> None:
    settings.TIME_ZONE = "America/Santiago"
    assert api.history(lead).json()["lead"]["created_at"] == "2026-01-10T08:00:00Z"


def test_an_import_may_give_the_lead_its_id_and_the_answer_keeps_it(
    api: ApiClient, account: Account
) -> None:
    given = UUID("550E8400-E29B-41D4-A716-446655440000")
    lead = LeadFactory.create(account=account, id=given)
    for spelling in (str(given), str(given).upper()):
        assert api.history(spelling).json()["lead"]["id"] == str(lead.id)


def test_the_answer_is_json_whatever_the_client_accepts(api: ApiClient, lead: Lead) -> None:
    answer = api.history(lead, Accept="text/html")
    assert answer.headers["Content-Type"] == "application/json"
    assert json.loads(answer.content)["success"] is True


def test_the_timestamp_of_an_entry_recorded_today_is_read_back_to_the_microsecond(
    api: ApiClient, lead: Lead
) -> None:
    now = datetime.now(UTC)
    tell(lead, MessageDraftFactory.build(lead_id=lead.id, occurred_at=now))
    assert datetime.fromisoformat(entries_of(api.history(lead))[0]["timestamp"]) == now
