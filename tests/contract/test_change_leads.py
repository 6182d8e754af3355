"""`PATCH /api/public/leads/{id}`: what is named changes, and nothing else."""

import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from leads import services
from leads.models import Account, AuditEntry, Lead, Membership, Scope
from tests.conftest import ApiClient
from tests.contract.answers import NOT_FOUND
from tests.contract.test_openapi import validator
from tests.factories import LeadFactory, api_key
from tests.timeline.told import kept


def changed(api: ApiClient, lead: Lead, changes: Any) -> dict[str, Any]:
    answer = api.send("PATCH", f"/{lead.id}", changes)
    assert answer.status_code == 200, answer.content
    validator("LeadAnswer").validate(answer.json())
    shown: dict[str, Any] = answer.json()["lead"]
    return shown


@pytest.fixture
def ana(account: Account, colleague: Membership) -> Lead:
    lead: Lead = LeadFactory.create(
        account=account,
        first_name="Ana",
        owner=colleague,
        metadata={"edad": 35, "broker": "Tony"},
    )
    return lead


def test_only_what_is_named_changes(full_api: ApiClient, ana: Lead) -> None:
    before = full_api.get(f"/api/public/leads/{ana.id}").json()["lead"]
    after = changed(full_api, ana, {"first_name": "Eva", "title": "Jefa"})
    assert after == {
        **before,
        "first_name": "Eva",
        "title": "Jefa",
        "updated_at": after["updated_at"],
    }
    assert after["updated_at"] > before["updated_at"]
    assert full_api.get(f"/api/public/leads/{ana.id}").json()["lead"] == after


def test_what_finds_and_sorts_the_lead_changes_with_it(full_api: ApiClient, ana: Lead) -> None:
    changed(full_api, ana, {"first_name": "Zoé", "last_name": None, "phone": "9 1111 2222"})
    ana.refresh_from_db()
    assert (ana.sort_name, ana.phone_e164) == ("zoe", "+56911112222")
    found = full_api.get("/api/public/leads?search=zoe").json()["leads"]
    assert [lead["id"] for lead in found] == [str(ana.id)]


def test_null_empties_a_text(full_api: ApiClient, ana: Lead) -> None:
    after = changed(full_api, ana, {"phone": None, "source": None, "email": ""})
    assert (after["phone"], after["source"], after["email"]) == (None, None, None)


def test_metadata_is_merged_key_by_key_and_null_takes_a_key_away(
    full_api: ApiClient, ana: Lead
) -> None:
    assert changed(full_api, ana, {"metadata": {"edad": 36, "new": [1]}})["metadata"] == {
        "edad": 36,
        "broker": "Tony",
        "new": [1],
    }
    after = changed(full_api, ana, {"broker": None, "unknown": None, "more": "x"})
    assert after["metadata"] == {"edad": 36, "new": [1], "more": "x"}
    after = changed(full_api, ana, {"edad": 1, "metadata": {"edad": None}})
    assert after["metadata"] == {"new": [1], "more": "x"}
    assert changed(full_api, ana, {"metadata": None}) == after


def test_true_and_one_are_not_the_same(full_api: ApiClient, ana: Lead) -> None:
    changed(full_api, ana, {"flag": 1})
    assert changed(full_api, ana, {"flag": True})["metadata"]["flag"] is True
    ana.refresh_from_db()
    assert ana.metadata["flag"] is True


def test_metadata_grows_only_so_large(full_api: ApiClient, ana: Lead) -> None:
    changed(full_api, ana, {"a": "x" * 40_000})
    answer = full_api.send("PATCH", f"/{ana.id}", {"b": "x" * 40_000, "first_name": "Eva"})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("metadata takes 80,")
    ana.refresh_from_db()
    assert (ana.first_name, "b" in ana.metadata) == ("Ana", False)


def test_what_changes_nothing_writes_nothing(full_api: ApiClient, ana: Lead) -> None:
    before = Lead.objects.values().get(pk=ana.pk)
    nothings: list[dict[str, Any]] = [
        {},
        {"first_name": "Ana"},
        {"edad": 35},
        {"metadata": {}},
        {"status": "new"},
    ]
    for nothing in nothings:
        changed(full_api, ana, nothing)
    assert Lead.objects.values().get(pk=ana.pk) == before
    assert kept(ana) == []
    assert not AuditEntry.objects.filter(action="lead_changed").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([], "A lead must be an object"),
        ("x", "A lead must be an object"),
        ({"id": "550e8400-e29b-41d4-a716-446655440000"}, "id cannot be set here"),
        ({"created_at": "2026-01-10T08:00:00Z"}, "created_at cannot be set here"),
        ({"updated_at": None}, "updated_at cannot be set here"),
        ({"owner": None}, "owner cannot be set here"),
        ({"status": None}, "status must be one of new, contacted"),
        ({"status": "sold"}, "status must be one of new, contacted"),
        ({"company": 5}, "company must be text"),
        ({"title": "a" * 201}, "title is 201 characters long, of 200 kept"),
        ({"metadata": "x"}, "metadata must be an object"),
        ({"a": "\0"}, "metadata contains a NUL character"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    full_api: ApiClient, ana: Lead, changes: Any, said: str
) -> None:
    answer = full_api.send("PATCH", f"/{ana.id}", changes)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(said)


# --- What it leaves ------------------------------------------------------------------------------


def test_a_status_leaves_an_activity_of_the_key(full_api: ApiClient, ana: Lead) -> None:
    changed(full_api, ana, {"status": "qualified", "first_name": "Eva"})
    (activity,) = kept(ana)
    assert activity.activity_type == "status_changed"
    assert (activity.title, activity.description) == ("Status changed to Qualified", "Before: New")
    assert (activity.channel, activity.actor_type) == ("system", "system")
    assert (activity.actor_name, activity.actor_id) == ("test", None)
    (entry,) = full_api.history(ana).json()["history"]
    assert (entry["activity_type"], entry["actor_type"]) == ("status_changed", "system")


def test_the_audit_trail_names_the_key_and_the_fields(full_api: ApiClient, ana: Lead) -> None:
    changed(full_api, ana, {"first_name": "Eva", "status": "won", "x": 1})
    entry = AuditEntry.objects.get(action="lead_changed")
    assert (entry.target_id, entry.account_id) == (str(ana.id), ana.account_id)
    assert entry.detail == "first_name, status, metadata"
    assert entry.actor.startswith("API: test (nxr_live_")
    assert "Eva" not in str(vars(entry))


# --- Whose ---------------------------------------------------------------------------------------


def test_every_lead_that_is_not_there_is_the_same_404_after_the_body(
    full_api: ApiClient, lead: Lead, other_lead: Lead
) -> None:
    services.delete_lead(lead)
    for missing in (lead.id, other_lead.id, uuid4(), "nonsense"):
        answer = full_api.send("PATCH", f"/{missing}", {"first_name": "Eve"})
        assert (answer.status_code, answer.content) == (404, NOT_FOUND)
        assert full_api.send("PATCH", f"/{missing}", {"status": "sold"}).status_code == 400
    assert not Lead.objects.filter(first_name="Eve").exists()


def test_a_key_without_the_scope_changes_nothing(account: Account, ana: Lead) -> None:
    others = [scope for scope in Scope if scope != Scope.LEADS_WRITE]
    answer = ApiClient(api_key(account, *others)[1]).send("PATCH", f"/{ana.id}", {"title": "x"})
    assert answer.status_code == 403
    assert answer.json()["message"] == "This API key lacks the scope leads:write"


# --- At once -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_changes_that_come_together_keep_each_others_keys(full_api: ApiClient, ana: Lead) -> None:
    together = threading.Barrier(4)
    statuses = []

    def change(number: int) -> None:
        try:
            together.wait(timeout=10)
            client = ApiClient(full_api.key)
            statuses.append(client.send("PATCH", f"/{ana.id}", {f"k{number}": number}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert statuses == [200] * 4
    ana.refresh_from_db()
    assert ana.metadata == {"edad": 35, "broker": "Tony", "k0": 0, "k1": 1, "k2": 2, "k3": 3}
