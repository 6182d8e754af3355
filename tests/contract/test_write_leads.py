"""`POST /api/public/leads`: one lead or many, each whole or refused in words."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads import services
from leads.access import search_leads
from leads.models import Account, AuditEntry, Lead, Scope
from tests.conftest import ApiClient
from tests.contract.answers import compact
from tests.contract.test_openapi import validator
from tests.factories import api_key

KEYS = [
    "id", "first_name", "last_name", "phone", "email", "source", "created_at",
    "company", "title", "status", "owner", "metadata", "updated_at",
]  # fmt: skip


def created(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 201, answer.content
    validator("LeadAnswer").validate(answer.json())
    lead: dict[str, Any] = answer.json()["lead"]
    return lead


def refusal(answer: Any, status: int = 400) -> str:
    assert answer.status_code == status, answer.content
    assert list(answer.json()) == ["error", "message"]
    return str(answer.json()["message"])


# --- One -----------------------------------------------------------------------------------------


def test_a_lead_is_created_with_all_that_is_given(full_api: ApiClient, account: Account) -> None:
    given = {
        "id": str(uuid4()),
        "first_name": "Ana",
        "last_name": "Rojas",
        "phone": "09 8765 4321",
        "email": "ana@example.com",
        "source": "website",
        "company": "Sol Ltda",
        "title": "Gerente",
        "status": "qualified",
        "created_at": "2026-01-10T05:00:00.25-03:00",
        "metadata": {"edad": 35, "tags": ["a", {"b": None}], "ok": True, "ratio": 0.5},
    }
    lead = created(full_api.send("POST", "", given))
    assert list(lead) == KEYS
    assert lead == {
        **given,
        "created_at": "2026-01-10T08:00:00.250000Z",
        "owner": None,
        "updated_at": lead["updated_at"],
    }
    row = Lead.objects.get()
    assert (row.account_id, str(row.id)) == (account.pk, given["id"])
    assert row.created_at == datetime(2026, 1, 10, 8, 0, 0, 250_000, tzinfo=UTC)
    assert full_api.get(f"/api/public/leads/{row.id}").json() == {"success": True, "lead": lead}
    assert search_leads(account.pk, "roj").get() == row
    assert search_leads(account.pk, "4321").get() == row


def test_what_is_not_given_is_null_and_the_source_is_api(full_api: ApiClient) -> None:
    lead = created(full_api.send("POST", "", {"phone": "+56912345678", "email": None}))
    unknown = {name: lead[name] for name in ("first_name", "last_name", "email", "company")}
    assert set(unknown.values()) == {None}
    assert (lead["source"], lead["status"], lead["metadata"]) == ("api", "new", {})
    assert Lead.objects.get().phone_e164 == "+56912345678"


def test_a_null_is_as_if_it_was_not_given(full_api: ApiClient) -> None:
    given = dict.fromkeys(
        ("id", "last_name", "source", "status", "created_at", "metadata", "other"), None
    )
    lead = created(full_api.send("POST", "", {"first_name": "Ana", **given}))
    assert (lead["source"], lead["status"], lead["metadata"]) == ("api", "new", {})
    assert UUID(lead["id"]).version == 7


def test_unknown_keys_go_to_metadata_where_its_own_win(full_api: ApiClient) -> None:
    given = {
        "first_name": "Tony",
        "workflow_id": "w",
        "edad": 1,
        "metadata": {"edad": 35, "broker": "Tony"},
    }
    lead = created(full_api.send("POST", "", given))
    assert lead["metadata"] == {"workflow_id": "w", "edad": 35, "broker": "Tony"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "A lead needs one of first_name, last_name, phone, email, company"),
        ({"first_name": "", "metadata": {"a": 1}}, "A lead needs one of"),
        ({"nombre": "Ana"}, "A lead needs one of"),
        ("Ana", "A lead must be an object"),
        (None, "A lead must be an object"),
        ({"first_name": 5}, "first_name must be text"),
        ({"first_name": "a" * 201}, "first_name is 201 characters long, of 200 kept"),
        ({"first_name": "a", "email": "a\0b"}, "email contains a NUL character"),
        ({"first_name": "\ud83d"}, "first_name contains a lone surrogate"),
        ({"first_name": "a", "status": "sold"}, "status must be one of new, contacted"),
        ({"first_name": "a", "status": ["new"]}, "status must be one of"),
        ({"first_name": "a", "id": "7"}, "id must be a UUID"),
        ({"first_name": "a", "id": ""}, "id must be a UUID"),
        ({"first_name": "a", "id": "{550e8400-e29b-41d4-a716-446655440000}"}, "id must be a UUID"),
        ({"first_name": "a", "created_at": "yesterday"}, "created_at must be an ISO 8601 time"),
        ({"first_name": "a", "created_at": "2026-01-10T08:00:00"}, "created_at has no time zone"),
        ({"first_name": "a", "created_at": ""}, "created_at must be an ISO 8601 time"),
        ({"first_name": "a", "created_at": "0001-01-01T00:00:00Z"}, "created_at is out of range"),
        ({"first_name": "a", "owner": "x@example.com"}, "owner cannot be set here"),
        ({"first_name": "a", "updated_at": None}, "updated_at cannot be set here"),
        ({"first_name": "a", "metadata": []}, "metadata must be an object"),
        ({"first_name": "a", "metadata": {"a": "\0"}}, "metadata contains a NUL character"),
        ({"first_name": "a", "a\0": 1}, "metadata contains a NUL character"),
        ({"first_name": "a", "\ud800": 1}, "metadata contains a lone surrogate"),
        ({"first_name": "a", "n": [1e300] * 250}, "metadata takes 76,"),
        ({"first_name": "a", "n": "a" * 65_536}, "metadata takes 65,545 bytes; at most 65,536"),
    ],
)
def test_what_is_no_lead_is_refused_in_words(full_api: ApiClient, given: Any, said: str) -> None:
    assert refusal(full_api.send("POST", "", given)).startswith(said)
    assert not Lead.objects.exists()
    assert not AuditEntry.objects.filter(action="leads_created").exists()


def test_metadata_is_nested_only_so_deep(full_api: ApiClient) -> None:
    nested: Any = 1
    for _ in range(19):
        nested = [nested]
    lead = created(full_api.send("POST", "", {"first_name": "a", "n": nested}))
    assert lead["metadata"] == {"n": nested}
    answer = full_api.send("POST", "", {"first_name": "a", "n": [nested]})
    assert refusal(answer) == "metadata is nested too deeply"


@pytest.mark.parametrize("number", [2**63, -(10**400), 1e300, -3.71e49, 5e-324, 0.1, 1e21, -0.5])
def test_any_number_is_kept(full_api: ApiClient, number: float) -> None:
    lead = created(full_api.send("POST", "", {"first_name": "a", "n": number}))
    assert lead["metadata"] == {"n": number}
    read = full_api.get(f"/api/public/leads/{lead['id']}").json()["lead"]["metadata"]["n"]
    # A double that PostgreSQL wrote out is the same double when it is read as one.
    assert (read if isinstance(number, int) else float(read)) == number


# --- An id that is taken -------------------------------------------------------------------------


def test_an_id_that_is_taken_is_refused_alike_whose_ever_it_is(
    full_api: ApiClient, lead: Lead, other_lead: Lead
) -> None:
    deleted = services.add_leads(lead.account, [gone := Lead(first_name="gone")])
    services.delete_lead(gone)
    answers = [
        full_api.send("POST", "", {"id": str(taken), "first_name": "Eve"})
        for taken in (lead.id, other_lead.id, *deleted)
    ]
    for answer, taken in zip(answers, (lead.id, other_lead.id, gone.id), strict=True):
        assert answer.status_code == 409
        assert answer.content == compact({"error": "Conflict", "message": f"id {taken} is taken"})
    assert not Lead.objects.filter(first_name="Eve").exists()


def test_of_one_id_given_twice_in_a_list_the_first_counts(full_api: ApiClient) -> None:
    mine = str(uuid4())
    given = [{"id": mine, "first_name": "First"}, {"id": mine.upper(), "first_name": "Second"}]
    answer = full_api.send("POST", "", given).json()
    assert [result["success"] for result in answer["results"]] == [True, False]
    assert answer["results"][1]["error"] == "Conflict"
    assert Lead.objects.get().first_name == "First"


# --- Many ----------------------------------------------------------------------------------------


def test_each_of_a_list_gets_its_own_result_in_order(full_api: ApiClient, other_lead: Lead) -> None:
    given = [
        {"first_name": "Ana"},
        {},
        5,
        {"first_name": "Eve", "id": str(other_lead.id)},
        {"phone": "+56912345678", "age": 3},
    ]
    answer = full_api.send("POST", "", given)
    assert answer.status_code == 200
    body = answer.json()
    validator("LeadResults").validate(body)
    assert list(body) == ["success", "results", "summary"]
    assert body["success"] is False
    assert [result["success"] for result in body["results"]] == [True, False, False, False, True]
    assert [result["error"] for result in body["results"] if not result["success"]] == [
        "Invalid request",
        "Invalid request",
        "Conflict",
    ]
    assert body["results"][4]["lead"]["metadata"] == {"age": 3}
    assert body["summary"] == {"created": 2, "failed": 3}
    assert Lead.objects.exclude(pk=other_lead.pk).count() == 2


def test_a_list_of_one_is_a_list(full_api: ApiClient) -> None:
    body = full_api.send("POST", "", [{"first_name": "Ana"}]).json()
    assert (body["success"], body["summary"]) == (True, {"created": 1, "failed": 0})


def test_a_thousand_leads_take_a_bounded_number_of_statements(full_api: ApiClient) -> None:
    def statements(count: int) -> int:
        given = [{"first_name": f"Lead {number}", "n": number} for number in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = full_api.send("POST", "", given, Idempotency_Key=f"of-{count}")
        assert answer.json()["summary"] == {"created": count, "failed": 0}
        return len(queries)

    statements(1)
    few, many = statements(2), statements(1_000)
    # The key, the claim of the idempotency key and old ones cleared, the account, the ids that are
    # taken, the leads, the API key's name, the audit trail, the answer kept; and savepoints.
    assert few == many <= 20
    assert Lead.objects.count() == 1_003


# --- Who, and the trace --------------------------------------------------------------------------


def test_a_key_without_the_scope_creates_nothing(account: Account) -> None:
    others = [scope for scope in Scope if scope != Scope.LEADS_WRITE]
    answer = ApiClient(api_key(account, *others)[1]).send("POST", "", {"first_name": "Ana"})
    assert refusal(answer, 403) == "This API key lacks the scope leads:write"
    assert not Lead.objects.exists()


def test_a_lead_is_the_keys_accounts_and_a_stranger_never_sees_it(
    full_api: ApiClient, other_account: Account
) -> None:
    lead = created(full_api.send("POST", "", {"first_name": "Ana"}))
    strange = ApiClient(api_key(other_account, *Scope)[1])
    assert strange.get(f"/api/public/leads/{lead['id']}").status_code == 404
    assert strange.get("/api/public/leads").json()["leads"] == []


def test_the_audit_trail_has_one_line_a_request(full_api: ApiClient, account: Account) -> None:
    one = created(full_api.send("POST", "", {"first_name": "Ana"}))
    full_api.send("POST", "", [{"first_name": "a"}, {"first_name": "b"}, {}])
    trail = AuditEntry.objects.filter(action="leads_created").order_by("id")
    assert [(entry.target_id, entry.detail) for entry in trail] == [
        (one["id"], ""),
        ("", "2 leads"),
    ]
    for entry in trail:
        assert entry.account_id == account.pk
        assert entry.actor.startswith("API: test (nxr_live_")
        assert "Ana" not in str(vars(entry))
