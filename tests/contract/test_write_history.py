"""`POST /api/public/leads/{id}/history`: entries told once or often, one by one or many."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads import services
from leads.models import Account, Lead, Scope
from tests.conftest import ApiClient
from tests.contract.answers import NOT_FOUND, entries_of
from tests.contract.page import EXAMPLE
from tests.contract.test_openapi import validator
from tests.factories import LeadFactory, api_key
from tests.timeline.told import kept
from timeline.live import changes_since, token

AT = "2026-01-10T09:05:00Z"


def message(**fields: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "external_id": "m-1",
        "timestamp": AT,
        "channel": "whatsapp",
        "direction": "inbound",
        "content": "¿Cuánto cuesta? 🙂",
        **fields,
    }


def call(**fields: Any) -> dict[str, Any]:
    return {"type": "call", "external_id": "c-1", "timestamp": AT, **fields}


def activity(**fields: Any) -> dict[str, Any]:
    return {
        "type": "activity",
        "external_id": "a-1",
        "timestamp": AT,
        "channel": "system",
        "activity_type": "workflow_assigned",
        "title": "Assigned",
        "actor_type": "system",
        **fields,
    }


def record(api: ApiClient, lead: Lead, body: Any, **headers: str) -> Any:
    return api.send("POST", f"/{lead.id}/history", body, **headers)


def outcome(answer: Any) -> tuple[int, str]:
    validator("EntryAnswer").validate(answer.json())
    return answer.status_code, answer.json()["entry"]["outcome"]


# --- Kept ----------------------------------------------------------------------------------------


def test_all_of_a_message_is_kept(full_api: ApiClient, lead: Lead) -> None:
    told = message(
        channel="email",
        message_type="media",
        status="read",
        subject="Precios",
        html="<p>¿Cuánto?</p>",
        sender="ana@example.com",
        recipients=["us@example.com"],
        media_url="https://example.com/a.png",
        attachments=[{"name": "a.pdf", "url": "https://x/a", "type": "application/pdf", "size": 7}],
        reaction="👍🏽",
        buttons=[{"text": "Sí"}, {"text": "Ver", "url": "https://example.com"}],
        provider_message_id="wamid.1",
        sent_at="2026-01-10T09:05:00Z",
        delivered_at="2026-01-10T06:05:01-03:00",
        read_at="2026-01-10T09:06:00.5Z",
        failed_at=None,
        failure_reason=None,
    )
    assert outcome(record(full_api, lead, told)) == (201, "created")
    (entry,) = kept(lead)
    same = {key: told[key] for key in told if key not in {"type", "external_id", "timestamp"}}
    for name in ("sent_at", "delivered_at", "read_at"):
        same[name] = datetime.fromisoformat(told[name])
    same["failure_reason"] = ""
    assert {name: getattr(entry, name) for name in same} == same
    assert entry.occurred_at == datetime(2026, 1, 10, 9, 5, tzinfo=UTC)


def test_all_of_a_call_is_kept(full_api: ApiClient, lead: Lead) -> None:
    told = call(
        channel="call",
        direction="outbound",
        duration_seconds=185,
        call_status="ended",
        summary="Discussed pricing",
        recording_url="https://example.com/a.wav",
        sentiment="positive",
        disconnection_reason="user_hangup",
        call_successful=True,
        provider_call_id="call.1",
        transcript=[{"speaker": "agent", "text": "¿Aló?", "start": 0.5, "end": 1}],
    )
    assert outcome(record(full_api, lead, told)) == (201, "created")
    (entry,) = kept(lead)
    same = {key: told[key] for key in told if key not in {"type", "external_id", "timestamp"}}
    same["turns"] = same.pop("transcript")
    assert {name: getattr(entry, name) for name in same} == same


def test_all_of_an_activity_is_kept(full_api: ApiClient, lead: Lead) -> None:
    told = activity(description="Enrolled", actor_type="user", actor_name="Olivia")
    assert outcome(record(full_api, lead, told)) == (201, "created")
    (entry,) = kept(lead)
    assert (entry.description, entry.actor_type) == ("Enrolled", "user")
    assert (entry.actor_name, entry.actor_id) == ("Olivia", None)


def test_the_pages_example_written_reads_as_the_page_has_it(
    full_api: ApiClient, lead: Lead
) -> None:
    told = [{**entry, "external_id": str(at)} for at, entry in enumerate(EXAMPLE["history"])]
    answer = record(full_api, lead, told[::-1])
    assert answer.json()["summary"] == {"created": 5, "advanced": 0, "unchanged": 0, "failed": 0}
    assert entries_of(full_api.history(lead)) == EXAMPLE["history"]


def test_the_answer_names_the_entry_as_it_is_read(full_api: ApiClient, lead: Lead) -> None:
    answers = [record(full_api, lead, told).json() for told in (message(), call(), activity())]
    assert [list(answer["entry"]) for answer in answers] == [["id", "external_id", "outcome"]] * 3
    assert [answer["entry"]["external_id"] for answer in answers] == ["m-1", "c-1", "a-1"]
    assert {answer["entry"]["id"] for answer in answers} == {str(entry.id) for entry in kept(lead)}


@pytest.mark.django_db(transaction=True)
def test_an_open_page_sees_what_is_told(full_api: ApiClient, lead: Lead) -> None:
    before = token()
    record(full_api, lead, message())
    changes = changes_since(lead.account_id, lead.id, before)
    assert changes is not None
    assert [entry.id for entry in changes.entries] == [kept(lead)[0].id]


# --- Told again ----------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [message(), call(summary="x"), activity()])
def test_what_is_told_again_changes_nothing(
    full_api: ApiClient, lead: Lead, told: dict[str, Any]
) -> None:
    first = record(full_api, lead, told)
    before = kept(lead)
    again = record(full_api, lead, told)
    assert outcome(again) == (200, "unchanged")
    assert again.json()["entry"]["id"] == first.json()["entry"]["id"]
    assert kept(lead) == before


def test_a_message_that_got_further_advances_and_never_falls_back(
    full_api: ApiClient, lead: Lead
) -> None:
    record(full_api, lead, message(status="sent"))
    read = message(status="read", read_at="2026-01-10T09:06:00Z")
    assert outcome(record(full_api, lead, read)) == (200, "advanced")
    assert outcome(record(full_api, lead, message(status="delivered"))) == (200, "unchanged")
    assert entries_of(full_api.history(lead))[0]["status"] == "read"


@pytest.mark.parametrize(
    ("told", "other", "differing"),
    [
        (message(), message(content="other"), "content"),
        (message(), message(timestamp="2026-01-10T09:05:01Z"), "timestamp"),
        (call(transcript=[]), call(transcript=[{"text": "a"}]), "transcript"),
        (activity(), activity(title="Other", description="x"), "title, description"),
    ],
)
def test_the_same_external_id_with_another_content_is_a_conflict(
    full_api: ApiClient, lead: Lead, told: Any, other: Any, differing: str
) -> None:
    record(full_api, lead, told)
    before = kept(lead)
    answer = record(full_api, lead, other)
    assert answer.status_code == 409
    assert answer.json() == {
        "error": "Conflict",
        "message": f"external_id is known already, with another {differing}",
    }
    assert kept(lead) == before


def test_the_same_external_id_on_another_lead_is_a_conflict(
    full_api: ApiClient, lead: Lead, account: Account
) -> None:
    record(full_api, lead, message())
    answer = record(full_api, LeadFactory.create(account=account), message())
    assert answer.status_code == 409
    assert answer.json()["message"] == "external_id is known already, with another lead"


def test_an_external_id_of_another_type_or_account_is_another_entry(
    full_api: ApiClient, lead: Lead, other_lead: Lead
) -> None:
    strange = ApiClient(api_key(other_lead.account, *Scope)[1])
    assert outcome(record(full_api, lead, message(external_id="1"))) == (201, "created")
    assert outcome(record(full_api, lead, call(external_id="1"))) == (201, "created")
    assert outcome(record(strange, other_lead, message(external_id="1"))) == (201, "created")


# --- Refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("x", "An entry must be an object"),
        (None, "An entry must be an object"),
        ({}, "type must be one of message, call, activity"),
        ({"type": 5}, "type must be text"),
        (message(type="call_missed"), "type must be one of message, call, activity"),
        (message(external_id=None), "external_id is missing"),
        (message(external_id=""), "external_id is missing"),
        (message(external_id=7), "external_id must be text"),
        (message(external_id="a" * 256), "external_id is 256 characters long; at most 255"),
        (message(timestamp=None), "timestamp is missing"),
        (message(timestamp=""), "timestamp must be an ISO 8601 time"),
        (message(timestamp="2026-01-10T09:05:00"), "timestamp has no time zone"),
        (message(timestamp=1_700_000_000), "timestamp must be text"),
        (message(mesage_type="text"), "mesage_type is no field of a message"),
        (message(id="550e8400-e29b-41d4-a716-446655440000"), "id is no field of a message"),
        (message(**{"a b": 1}), "'a b' is no field of a message"),
        (message(transcript=[]), "transcript is no field of a message"),
        (call(content="x"), "content is no field of a call"),
        (call(channel="email"), "channel of a call must be call"),
        (activity(actor_id=1), "actor_id is no field of an activity"),
        (message(channel="sms"), "channel must be one of call, email, whatsapp"),
        (message(channel=None), "channel is missing"),
        (message(direction="up"), "direction must be one of inbound, outbound"),
        (message(message_type="fax"), "message_type must be one of media, template, text"),
        (message(status="seen"), "status must be one of"),
        (message(content="a\0"), "content contains a NUL character"),
        (message(content="\ud800"), "content contains a lone surrogate"),
        (message(content="a" * 1_000_001), "content is 1,000,001 characters long"),
        (message(sent_at="soon"), "sent_at must be an ISO 8601 time"),
        (message(failed_at=""), "failed_at must be an ISO 8601 time"),
        (message(recipients="x"), "recipients must be a list of texts"),
        (message(recipients=[1]), "recipients must be a list of texts"),
        (message(recipients=["\0"]), "recipients contains a NUL character"),
        (message(attachments={}), "attachments must be a list"),
        (message(attachments=["https://x"]), "attachments[0] must be an object"),
        (message(attachments=[{"path": "x"}]), "path is no field of attachments[0]"),
        (message(attachments=[{"name": 1}]), "attachments[0].name must be text"),
        (message(attachments=[{}, {"size": -1}]), "attachments[1].size must be a number from 0"),
        (message(attachments=[{"size": 2**60}]), "attachments[0].size must be a number from 0"),
        (message(buttons=[{"label": "x"}]), "label is no field of buttons[0]"),
        (call(duration_seconds=-1), "duration_seconds must be between 0 and"),
        (call(duration_seconds=2**70), "duration_seconds must be between 0 and"),
        (call(duration_seconds=1.5), "duration_seconds must be a whole number"),
        (call(duration_seconds=True), "duration_seconds must be a whole number"),
        (call(call_successful="yes"), "call_successful must be true, false or null"),
        (call(sentiment="angry"), "sentiment must be one of negative, neutral, positive"),
        (call(transcript="Hello"), "transcript must be a list"),
        (call(transcript=[{"role": "agent"}]), "role is no field of transcript[0]"),
        (call(transcript=[{"start": 2**31}]), "transcript[0].start must be a number from 0"),
        (call(transcript=[{"text": "\0"}]), "transcript contains a NUL character"),
        (activity(title=None), "title is missing"),
        (activity(actor_type=None), "actor_type is missing"),
        (activity(actor_type="robot"), "actor_type must be one of ai, system, user"),
        (activity(channel="phone"), "channel must be one of call, email, system, whatsapp"),
    ],
)
def test_what_is_no_entry_is_refused_and_the_field_named(
    full_api: ApiClient, lead: Lead, told: Any, said: str
) -> None:
    answer = record(full_api, lead, told)
    assert answer.status_code == 400
    assert answer.json()["error"] == "Invalid request"
    assert answer.json()["message"].startswith(said)
    in_a_list = record(full_api, lead, [told]).json()
    assert in_a_list["results"] == [{"success": False, **answer.json()}]
    assert kept(lead) == []


# --- Many ----------------------------------------------------------------------------------------


def test_each_of_a_list_gets_its_own_result_in_order(full_api: ApiClient, lead: Lead) -> None:
    record(full_api, lead, [message(status="sent"), call()])
    answer = record(
        full_api,
        lead,
        [
            activity(),
            message(content="other"),
            message(status="read"),
            call(tone="x"),
            call(),
            message(external_id="m-2"),
        ],
    )
    body = answer.json()
    validator("EntryResults").validate(body)
    assert answer.status_code == 200
    assert body["success"] is False
    assert [
        result["entry"]["outcome"] if result["success"] else result["error"]
        for result in body["results"]
    ] == ["created", "Conflict", "advanced", "Invalid request", "unchanged", "created"]
    assert body["summary"] == {"created": 2, "advanced": 1, "unchanged": 1, "failed": 2}
    assert len(kept(lead)) == 4


def test_a_thousand_entries_take_a_bounded_number_of_statements(
    full_api: ApiClient, lead: Lead
) -> None:
    def statements(entries: list[dict[str, Any]], expected: str) -> int:
        name = f"{expected}-{len(entries)}"
        with CaptureQueriesContext(connection) as queries:
            answer = record(full_api, lead, entries, Idempotency_Key=name)
        assert answer.json()["summary"][expected] == len(entries)
        return len(queries)

    many = [message(external_id=f"m-{number}", status="sent") for number in range(1_000)]
    read = [{**told, "status": "read"} for told in many]
    statements([message(external_id="first")], "created")
    # The key, the claim of the idempotency key and old ones cleared, the lead twice, the answer
    # kept; the rows themselves are in flight, up to a hundred a statement, and read at once if they
    # are known.
    more = 10
    assert statements(many[:2], "created") + more == statements(many[2:], "created") <= 10 + more
    assert statements(many[:2], "unchanged") + more == statements(many, "unchanged") <= 11 + more
    assert statements(read[:2], "advanced") + more == statements(read[2:], "advanced") <= 11 + more


# --- Whose ---------------------------------------------------------------------------------------


def test_every_lead_that_is_not_there_is_the_same_404_after_the_body(
    full_api: ApiClient, lead: Lead, other_lead: Lead
) -> None:
    services.delete_lead(lead)
    for missing in (lead.id, other_lead.id, uuid4(), "nonsense"):
        answer = full_api.send("POST", f"/{missing}/history", message())
        assert (answer.status_code, answer.content) == (404, NOT_FOUND)
        assert full_api.send("POST", f"/{missing}/history", []).status_code == 400
    assert kept(other_lead) == []


def test_reading_and_writing_a_history_are_scopes_of_their_own(
    account: Account, lead: Lead
) -> None:
    reader = ApiClient(api_key(account, Scope.HISTORY_READ)[1])
    writer = ApiClient(api_key(account, Scope.HISTORY_WRITE)[1])
    assert reader.history(lead).status_code == 200
    assert record(writer, lead, message()).status_code == 201
    for answer, scope in (
        (record(reader, lead, "nonsense"), "history:write"),
        (writer.history(lead, "?limit=0"), "history:read"),
    ):
        assert answer.status_code == 403
        assert answer.json()["message"] == f"This API key lacks the scope {scope}"
