"""The audit trail: what is in it, that it stays as it was written, and finding things in it."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from uuid_utils.compat import uuid7

from leads import audit, services
from leads.audit import Actor, acting
from leads.audit_models import Action, AuditEntry
from leads.models import Account, Lead, Membership
from tests.factories import LeadFactory, api_key
from tests.leads.admin_roles import staff

TRAIL = "admin:leads_auditentry_changelist"


@pytest.fixture
def browser(owner: Membership) -> Client:
    return staff(owner)


def actions(**only: Any) -> list[str]:
    return list(AuditEntry.objects.filter(**only).order_by("pk").values_list("action", flat=True))


def found(browser: Client, **query: str) -> list[str]:
    page = browser.get(reverse(TRAIL), query)
    return [entry.action for entry in page.context["cl"].result_list]


# --- What is in it -------------------------------------------------------------------------------


def test_a_keys_life_is_told_with_who_and_from_where(
    browser: Client, account: Account, owner: Membership
) -> None:
    add = {
        "account": str(account.pk), "name": "CRM", "scopes": ["history:read"],
        "key_id": str(uuid7()),
    }  # fmt: skip
    browser.post(reverse("admin:leads_apikey_add"), add)
    key = account.api_keys.get()

    def post(name: str, data: dict[str, str]) -> None:
        browser.post(reverse(f"admin:leads_apikey_{name}", args=[key.pk]), data)

    browser.post(reverse("admin:leads_apikey_change", args=[key.pk]), {**add, "name": "Other CRM"})
    post("extend", {"never": "on"})
    post("rotate", {"grace": "1", "key_id": str(uuid7())})
    post("revoke", {})
    assert actions(target_id=str(key.pk)) == [
        Action.KEY_CREATED,
        Action.KEY_CHANGED,
        Action.KEY_EXTENDED,
        Action.KEY_ROTATED,
        Action.KEY_REVOKED,
    ]
    told = AuditEntry.objects.filter(target_id=str(key.pk))
    assert {entry.actor for entry in told} == {"Olivia Owner <owner@acme.example.com>"}
    assert {entry.address for entry in told} == {"127.0.0.1"}
    assert {entry.user_id for entry in told} == {owner.user_id}


def test_what_is_done_outside_of_the_admin_is_the_command_lines(account: Account) -> None:
    api_key(account)
    assert AuditEntry.objects.get().actor == "command line"


def test_looking_at_a_lead_is_told_once_an_hour_for_each_who_looks(
    browser: Client, colleague: Membership, lead: Lead
) -> None:
    url = reverse("admin:leads_lead_change", args=[lead.pk])
    for _ in range(3):
        browser.get(url)
    staff(colleague).get(url)
    assert actions(target_id=str(lead.pk)) == [Action.LEAD_VIEWED] * 2


def test_looking_at_the_staffs_page_is_told_too(
    client: Client, owner: Membership, lead: Lead
) -> None:
    client.force_login(owner.user)
    client.get(reverse("lead", args=[lead.pk]))
    (entry,) = AuditEntry.objects.filter(action=Action.LEAD_VIEWED)
    assert (entry.target_id, entry.user_id) == (str(lead.pk), owner.user_id)
    assert entry.address == "127.0.0.1"


def test_deleting_and_restoring_a_lead_is_told(browser: Client, lead: Lead) -> None:
    browser.post(reverse("admin:leads_lead_remove", args=[lead.pk]))
    browser.post(reverse("admin:leads_lead_restore", args=[lead.pk]))
    assert actions(target_id=str(lead.pk)) == [Action.LEAD_DELETED, Action.LEAD_RESTORED]


def test_each_exported_lead_is_told_by_whom(
    browser: Client, account: Account, owner: Membership
) -> None:
    leads = LeadFactory.create_batch(3, account=account)
    data = {"action": "export_csv", "_selected_action": [lead.pk for lead in leads]}
    answer = browser.post(reverse("admin:leads_lead_changelist"), data)
    assert answer.getvalue()
    told = AuditEntry.objects.filter(action=Action.LEAD_EXPORTED)
    assert {entry.target_id for entry in told} == {str(lead.pk) for lead in leads}
    assert {entry.user_id for entry in told} == {owner.user_id}


def test_members_that_come_change_and_go_are_told(
    browser: Client, account: Account, owner: Membership
) -> None:
    add = {"account": str(account.pk), "email": "New@example.com", "role": "member"}
    browser.post(reverse("admin:leads_membership_add"), add)
    member = account.memberships.get(user__email="new@example.com")
    assert not member.user.has_usable_password()
    browser.post(reverse("admin:leads_membership_change", args=[member.pk]), {"role": "admin"})
    delete = reverse("admin:leads_membership_delete", args=[member.pk])
    browser.post(delete, {"post": "yes"})
    assert actions(target_id=str(member.user_id)) == [
        Action.MEMBER_ADDED,
        Action.MEMBER_CHANGED,
        Action.MEMBER_REMOVED,
    ]


def test_nothing_of_a_lead_but_its_id_is_in_the_trail(browser: Client, lead: Lead) -> None:
    browser.post(reverse("admin:leads_lead_remove", args=[lead.pk]))
    entry = AuditEntry.objects.get(action=Action.LEAD_DELETED)
    kept = f"{entry.__dict__}"
    assert str(lead.pk) in kept
    for personal in (lead.last_name, lead.email, lead.phone):
        assert personal not in kept


def test_a_change_that_is_rolled_back_leaves_no_entry(account: Account) -> None:
    key = api_key(account)[0]
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012 - as a request would
        services.revoke_api_key(key)
        raise RuntimeError("the rest of the request failed")
    assert actions() == [Action.KEY_CREATED]


# --- That it stays -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(actor="somebody else"),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).delete(),
        lambda entry: entry.delete(),
        lambda entry: entry.save(),
        lambda _entry: connection.cursor().execute("DELETE FROM leads_auditentry"),
        lambda _entry: connection.cursor().execute("UPDATE leads_auditentry SET at = now()"),
    ],
)
def test_the_database_refuses_to_change_it(
    account: Account, change: Callable[[AuditEntry], Any]
) -> None:
    api_key(account)
    entry = AuditEntry.objects.get()
    with (
        pytest.raises((InternalError, ProgrammingError), match="append-only"),
        transaction.atomic(),
    ):
        change(entry)
    assert AuditEntry.objects.get().actor == "command line"


def test_it_outlives_what_it_tells_of(
    account: Account, owner: Membership, admin_client: Client
) -> None:
    with acting(Actor(owner.user)):
        key = api_key(account)[0]
    key.delete()
    owner.user.delete()
    account.delete()
    entry = AuditEntry.objects.get()
    assert (entry.target, entry.actor) == (str(key), "Olivia Owner <owner@acme.example.com>")
    assert found(admin_client) == [Action.KEY_CREATED]
    page = reverse("admin:leads_auditentry_change", args=[entry.pk])
    assert admin_client.get(page).status_code == 200


# --- Finding, exporting --------------------------------------------------------------------------


def test_entries_are_found_by_who_by_key_and_by_id(
    browser: Client, account: Account, owner: Membership, lead: Lead
) -> None:
    with acting(Actor(owner.user)):
        key = services.create_api_key(account, "Zapier")[0]
        audit.tell_of_lead(Action.LEAD_VIEWED, lead)
    api_key(account)
    assert found(browser, q="olivia") == [Action.LEAD_VIEWED, Action.KEY_CREATED]
    assert found(browser, q="zap") == [Action.KEY_CREATED]
    assert found(browser, q=str(key.pk)) == [Action.KEY_CREATED]
    assert found(browser, q=str(lead.pk)) == [Action.LEAD_VIEWED]
    assert found(browser, q="nobody") == []
    assert found(browser, action=Action.LEAD_VIEWED) == [Action.LEAD_VIEWED]


def test_the_export_holds_what_the_list_is_narrowed_down_to(
    browser: Client, account: Account, lead: Lead
) -> None:
    services.create_api_key(account, "=HYPERLINK(1)")
    audit.tell_of_lead(Action.LEAD_VIEWED, lead)
    url = reverse("admin:leads_auditentry_export")
    text = browser.get(url, {"action": "key_created"}).getvalue().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["action"], row["actor"]) == ("key_created", "command line")
    assert row["target"].startswith("'=HYPERLINK")
    assert actions()[-1] == Action.AUDIT_EXPORTED


def test_a_page_of_a_thousand_entries_takes_one_statement_and_no_count(
    browser: Client, lead: Lead, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    audit.tell_of_exported_leads([lead] * 1_000, "CSV", Actor())
    url = reverse(TRAIL)
    seen = [entry.pk for entry in browser.get(url).context["cl"].result_list]
    # 1. session  2. user  3. memberships  4. what their roles may  5.-6. permissions of their own
    # 7. the page
    with django_assert_max_num_queries(7):
        page = browser.get(url)
    changelist = page.context["cl"]
    older = browser.get(url + changelist.older).context["cl"]
    newest = list(AuditEntry.objects.order_by("-pk").values_list("pk", flat=True)[:100])
    assert [*seen, *(entry.pk for entry in older.result_list)] == newest
    back = browser.get(url + older.newer).context["cl"]
    assert [entry.pk for entry in back.result_list] == seen
    assert (changelist.newer, back.newer) == ("", "")
