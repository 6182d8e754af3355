"""`PATCH /api/public/leads/{id}/history/{entry}`: what became known of an entry since."""

import threading
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads import services
from leads.folding import words_to_find
from leads.models import Account, Lead, Scope
from tests.conftest import ApiClient
from tests.contract.answers import NOT_FOUND, compact
from tests.contract.test_openapi import validator
from tests.contract.test_write_history import activity, call, message, record
from tests.factories import LeadFactory, MessageDraftFactory, api_key
from tests.timeline.told import kept, tell
from timeline.amending import amend
from timeline.entries import STATUS_LADDER, Filter
from timeline.history import read_page
from timeline.live import changes_since, token
from timeline.recording import entry_id

NO_ENTRY = compact(
    {"error": "Not found", "message": "Entry not found or does not belong to this lead"}
)


def recorded(api: ApiClient, lead: Lead, told: dict[str, Any]) -> str:
    entry: str = record(api, lead, told).json()["entry"]["id"]
    return entry


def amended(api: ApiClient, lead: Lead, entry: str, changes: Any) -> str:
    answer = api.send("PATCH", f"/{lead.id}/history/{entry}", changes)
    assert answer.status_code == 200, answer.content
    validator("EntryAnswer").validate(answer.json())
    assert answer.json()["entry"]["id"] == entry
    return str(answer.json()["entry"]["outcome"])


def found(lead: Lead, text: str) -> int:
    only = Filter(words=words_to_find(text))
    return len(read_page(lead.account_id, lead.pk, limit=10, only=only).entries)


# --- Messages ------------------------------------------------------------------------------------


def test_a_message_moves_up_its_ladder_only(full_api: ApiClient, lead: Lead) -> None:
    entry = recorded(full_api, lead, message(status="sent"))
    assert amended(
        full_api, lead, entry, {"status": "read", "read_at": "2026-01-10T10:00:00Z"}
    ) == ("amended")
    assert amended(full_api, lead, entry, {"status": "delivered"}) == "unchanged"
    # A rung that is reported late keeps its time.
    assert amended(full_api, lead, entry, {"delivered_at": "2026-01-10T09:59:00Z"}) == "amended"
    later = {"read_at": "2026-01-10T11:00:00Z", "status": None, "sent_at": None}
    assert amended(full_api, lead, entry, later) == "unchanged"
    (kept_entry,) = kept(lead)
    assert kept_entry.status == "read"
    assert kept_entry.read_at == datetime(2026, 1, 10, 10, tzinfo=UTC)
    assert kept_entry.delivered_at == datetime(2026, 1, 10, 9, 59, tzinfo=UTC)


def test_a_failure_says_why(full_api: ApiClient, lead: Lead) -> None:
    entry = recorded(full_api, lead, message())
    told = {"status": "failed", "failed_at": "2026-01-10T10:00:00Z", "failure_reason": "no number"}
    assert amended(full_api, lead, entry, told) == "amended"
    assert amended(full_api, lead, entry, {"status": "read"}) == "unchanged"
    (kept_entry,) = kept(lead)
    assert (kept_entry.status, kept_entry.failure_reason) == ("failed", "no number")


def test_a_reaction_comes_and_goes(full_api: ApiClient, lead: Lead) -> None:
    entry = recorded(full_api, lead, message())
    assert amended(full_api, lead, entry, {"reaction": "👍🏽"}) == "amended"
    assert amended(full_api, lead, entry, {"reaction": "👍🏽"}) == "unchanged"
    assert kept(lead)[0].reaction == "👍🏽"
    assert amended(full_api, lead, entry, {"reaction": None}) == "amended"
    assert kept(lead)[0].reaction == ""


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(reports=st.permutations(["sent", "delivered", "read"]), repeated=st.booleans())
def test_reports_in_any_order_come_out_the_same(
    account: Account, lead: Lead, reports: list[str], repeated: bool
) -> None:
    draft = MessageDraftFactory.build(lead_id=lead.pk, status="", external_id=str(uuid4()))
    tell(lead, draft)
    entry = entry_id(account.pk, draft)
    for status in reports * (2 if repeated else 1):
        at = datetime(2026, 1, 10, 10, STATUS_LADDER.index(status), tzinfo=UTC)
        amend(account.pk, lead.pk, entry, {"status": status, f"{status}_at": at})
    after = next(one for one in kept(lead) if one.id == entry)
    times = (after.sent_at, after.delivered_at, after.read_at)
    assert after.status == "read"
    assert [at and at.minute for at in times] == [1, 2, 3]


# --- Calls ---------------------------------------------------------------------------------------


def test_of_a_call_what_is_told_last_is_kept(full_api: ApiClient, lead: Lead) -> None:
    entry = recorded(full_api, lead, call(call_status="ongoing", direction="inbound"))
    told = {
        "call_status": "ended",
        "duration_seconds": 61,
        "summary": "Wants a quote",
        "sentiment": "neutral",
        "call_successful": True,
        "disconnection_reason": "user_hangup",
        "recording_url": "https://example.com/a.wav",
        "transcript": [{"speaker": "lead", "text": "¿Aló?", "start": 0, "end": 1.5}],
    }
    assert amended(full_api, lead, entry, told) == "amended"
    assert amended(full_api, lead, entry, told) == "unchanged"
    assert amended(full_api, lead, entry, {"sentiment": "positive", "duration_seconds": None}) == (
        "amended"
    )
    (kept_entry,) = kept(lead)
    same = {**told, "sentiment": "positive", "duration_seconds": None, "direction": "inbound"}
    same["turns"] = same.pop("transcript")
    assert {name: getattr(kept_entry, name) for name in same} == same


def test_a_call_is_found_by_its_words_as_they_are_now(full_api: ApiClient, lead: Lead) -> None:
    entry = recorded(full_api, lead, call(summary="Wants a quote"))
    amended(full_api, lead, entry, {"transcript": [{"text": "¿Cuánto cuesta?"}]})
    assert (found(lead, "quote"), found(lead, "cuesta")) == (1, 1)
    amended(full_api, lead, entry, {"summary": "Wants a visit"})
    assert (found(lead, "quote"), found(lead, "visit"), found(lead, "cuesta")) == (0, 1, 1)
    amended(full_api, lead, entry, {"summary": None, "transcript": None})
    assert (found(lead, "visit"), found(lead, "cuesta")) == (0, 0)


# --- Refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "changes", "said"),
    [
        (message(), {"content": "other"}, "content cannot be changed"),
        (message(), {"external_id": "x"}, "external_id cannot be changed"),
        (message(), {"statuss": "read"}, "statuss cannot be changed"),
        (message(), {"summary": "x"}, "summary of a message cannot be changed"),
        (message(), {"transcript": []}, "transcript of a message cannot be changed"),
        (message(), {"status": "seen"}, "status must be one of"),
        (message(), {"status": 5}, "status must be text"),
        (message(), {"read_at": "now"}, "read_at must be an ISO 8601 time"),
        (message(), {"read_at": ""}, "read_at must be an ISO 8601 time"),
        (message(), {"reaction": "a" * 51}, "reaction is 51 characters long; at most 50"),
        (message(), {"failure_reason": "\0"}, "failure_reason contains a NUL character"),
        (call(), {"status": "read"}, "status of a call cannot be changed"),
        (call(), {"direction": "inbound"}, "direction cannot be changed"),
        (call(), {"duration_seconds": -1}, "duration_seconds must be between 0"),
        (call(), {"sentiment": "angry"}, "sentiment must be one of"),
        (call(), {"transcript": [{"role": "agent"}]}, "role is no field of transcript[0]"),
        (call(), {"transcript": "Hello"}, "transcript must be a list"),
        (call(), {"summary": "a" * 100_001}, "summary is 100,001 characters long"),
        (activity(), {"summary": "x"}, "summary of an activity cannot be changed"),
        (activity(), {"title": "x"}, "title cannot be changed"),
        (message(), [], "The body must be an object"),
    ],
)
def test_what_cannot_be_changed_is_refused_by_name(
    full_api: ApiClient, lead: Lead, told: Any, changes: Any, said: str
) -> None:
    entry = recorded(full_api, lead, told)
    before = kept(lead)
    answer = full_api.send("PATCH", f"/{lead.id}/history/{entry}", changes)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(said)
    assert kept(lead) == before


@pytest.mark.parametrize("told", [message(), call(), activity()])
def test_no_change_is_none(full_api: ApiClient, lead: Lead, told: Any) -> None:
    entry = recorded(full_api, lead, told)
    assert amended(full_api, lead, entry, {}) == "unchanged"


# --- Seen live -----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_open_page_sees_the_change_and_no_change_that_is_none(
    full_api: ApiClient, lead: Lead
) -> None:
    first = recorded(full_api, lead, message(status="sent"))
    second = recorded(full_api, lead, call())
    for entry, changes in ((first, {"status": "read"}), (second, {"summary": "New"})):
        before = token()
        amended(full_api, lead, entry, changes)
        seen = changes_since(lead.account_id, lead.id, before)
        assert seen is not None
        assert [str(one.id) for one in seen.entries] == [entry]
        before = token()
        amended(full_api, lead, entry, changes)
        assert changes_since(lead.account_id, lead.id, before) is None


@pytest.mark.django_db(transaction=True)
def test_additions_that_come_together_are_all_kept(full_api: ApiClient, lead: Lead) -> None:
    entry = recorded(full_api, lead, call())
    together = threading.Barrier(3)
    told = [{"summary": "New"}, {"call_status": "ended"}, {"transcript": [{"text": "cuesta"}]}]

    def change(changes: Any) -> None:
        try:
            together.wait(timeout=10)
            amended(ApiClient(full_api.key), lead, entry, changes)
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=(changes,)) for changes in told]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    (kept_entry,) = kept(lead)
    assert (kept_entry.summary, kept_entry.call_status) == ("New", "ended")
    assert (found(lead, "new"), found(lead, "cuesta")) == (1, 1)


# --- Whose ---------------------------------------------------------------------------------------


def test_an_entry_that_is_not_there_is_404(
    full_api: ApiClient, account: Account, lead: Lead, other_lead: Lead
) -> None:
    strange = ApiClient(api_key(other_lead.account, *Scope)[1])
    theirs = recorded(strange, other_lead, message())
    of_another_lead = recorded(full_api, LeadFactory.create(account=account), message())
    changes = {"reaction": "x"}
    for entry in (theirs, of_another_lead, uuid4(), "nonsense", "%00", "a/b"):
        answer = full_api.send("PATCH", f"/{lead.id}/history/{entry}", changes)
        assert (answer.status_code, answer.content) == (404, NO_ENTRY)
    services.delete_lead(mine := LeadFactory.create(account=account))
    for missing in (other_lead.id, mine.id, uuid4(), "nonsense"):
        answer = full_api.send("PATCH", f"/{missing}/history/{theirs}", changes)
        assert (answer.status_code, answer.content) == (404, NOT_FOUND)
    assert kept(other_lead)[0].reaction == ""


def test_a_key_without_the_scope_changes_nothing(account: Account, lead: Lead) -> None:
    others = [scope for scope in Scope if scope != Scope.HISTORY_WRITE]
    client = ApiClient(api_key(account, *others)[1])
    answer = client.send("PATCH", f"/{lead.id}/history/{uuid4()}", "nonsense")
    assert answer.status_code == 403
    assert answer.json()["message"] == "This API key lacks the scope history:write"
