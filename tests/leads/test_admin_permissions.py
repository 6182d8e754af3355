"""Every page and action of the admin, for every role, on rows of its own account and of another."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from leads import audit
from leads.audit_models import Action, AuditEntry
from leads.models import Account, Lead, Membership, User
from tests.factories import (
    ActivityDraftFactory,
    CallDraftFactory,
    ChannelFactory,
    LeadFactory,
    MembershipFactory,
    MessageDraftFactory,
    api_key,
)
from tests.leads.admin_roles import (
    ADMIN,
    MEMBER,
    ROLES,
    SUPERUSER,
    client_of,
    is_let_in,
)
from tests.timeline.inbox import delivery, message, received
from timeline import inbox
from timeline.models import Activity, CallTranscript, Delivery, Message, ProviderChannel
from timeline.recording import record

ADMINS = {SUPERUSER, ADMIN}
MEMBERS = {SUPERUSER, ADMIN, MEMBER}
SUPERUSERS = {SUPERUSER}
Ids = dict[str, Any]


class Door(NamedTuple):
    """A page or an action, and whose it is on rows of the account."""

    name: str
    roles: set[str]
    url: Callable[[Ids], str]
    data: Callable[[Ids], dict[str, Any]] | None = None

    def knock(self, client: Client, ids: Ids) -> Any:
        if self.data is None:
            return client.get(self.url(ids))
        return client.post(self.url(ids), self.data(ids))


def page(name: str, *keys: str) -> Callable[[Ids], str]:
    return lambda ids: reverse(f"admin:{name}", args=[ids[key] for key in keys])


def action(name: str, key: str) -> Callable[[Ids], dict[str, Any]]:
    return lambda ids: {"action": name, ACTION_CHECKBOX_NAME: [str(ids[key])], "confirmed": "yes"}


DOORS = [
    # --- one row each
    Door("account", ADMINS, page("leads_account_change", "account")),
    Door("account history", ADMINS, page("leads_account_history", "account")),
    Door("user", SUPERUSERS, page("leads_user_change", "user")),
    Door("user's password", SUPERUSERS, page("auth_user_password_change", "user")),
    Door("membership", MEMBERS, page("leads_membership_change", "member")),
    Door("membership removal", ADMINS, page("leads_membership_delete", "member")),
    Door("key", ADMINS, page("leads_apikey_change", "key")),
    Door("key history", ADMINS, page("leads_apikey_history", "key")),
    Door("key rotation", ADMINS, page("leads_apikey_rotate", "key")),
    Door("key extension", ADMINS, page("leads_apikey_extend", "key")),
    Door("key revocation", ADMINS, page("leads_apikey_revoke", "key")),
    Door("audit entry", ADMINS, page("leads_auditentry_change", "trail")),
    Door("lead", MEMBERS, page("leads_lead_change", "lead")),
    Door("lead history", MEMBERS, page("leads_lead_history", "lead")),
    Door("lead removal", MEMBERS, page("leads_lead_remove", "lead")),
    Door("lead restoring", MEMBERS, page("leads_lead_restore", "lead")),
    Door("message", MEMBERS, page("timeline_message_change", "message")),
    Door("call", MEMBERS, page("timeline_calltranscript_change", "call")),
    Door("activity", MEMBERS, page("timeline_activity_change", "activity")),
    Door("channel", ADMINS, page("timeline_providerchannel_change", "providerchannel")),
    Door("channel history", ADMINS, page("timeline_providerchannel_history", "providerchannel")),
    Door("channel test", ADMINS, page("timeline_providerchannel_check", "providerchannel")),
    Door("channel replay", ADMINS, page("timeline_providerchannel_replay", "providerchannel")),
    Door("delivery", ADMINS, page("timeline_delivery_change", "delivery")),
    Door("delivery replay", ADMINS, page("timeline_delivery_replay", "delivery")),
    # --- what is done to one row
    Door("rotate", ADMINS, page("leads_apikey_rotate", "key"), lambda _: {
        "grace": "1", "key_id": str(uuid7())}),
    Door("extend", ADMINS, page("leads_apikey_extend", "key"), lambda _: {"never": "on"}),
    Door("revoke", ADMINS, page("leads_apikey_revoke", "key"), lambda _: {"confirmed": "yes"}),
    Door("remove", MEMBERS, page("leads_lead_remove", "lead"), lambda _: {"confirmed": "yes"}),
    Door("restore", MEMBERS, page("leads_lead_restore", "lead"), lambda _: {"confirmed": "yes"}),
    Door("test", ADMINS, page("timeline_providerchannel_check", "providerchannel"), lambda _: {}),
    Door("replay all", ADMINS, page("timeline_providerchannel_replay", "providerchannel"),
         lambda _: {"confirmed": "yes"}),
    Door("replay", ADMINS, page("timeline_delivery_replay", "delivery"), lambda _: {
        "confirmed": "yes"}),
    Door("remove member", ADMINS, page("leads_membership_delete", "member"), lambda _: {
        "post": "yes"}),
]  # fmt: skip

NEVER = [
    # What Django would do of itself, and nobody may here.
    Door("account deletion", set(), page("leads_account_delete", "account")),
    Door("user deletion", set(), page("leads_user_delete", "user")),
    Door("key deletion", set(), page("leads_apikey_delete", "key")),
    Door("lead deletion", set(), page("leads_lead_delete", "lead")),
    Door("audit deletion", set(), page("leads_auditentry_delete", "trail")),
    Door("audit addition", set(), page("leads_auditentry_add")),
    Door("message deletion", set(), page("timeline_message_delete", "message")),
    Door("message addition", set(), page("timeline_message_add")),
    Door("call deletion", set(), page("timeline_calltranscript_delete", "call")),
    Door("call addition", set(), page("timeline_calltranscript_add")),
    Door("activity deletion", set(), page("timeline_activity_delete", "activity")),
    Door("activity addition", set(), page("timeline_activity_add")),
    Door("channel deletion", set(), page("timeline_providerchannel_delete", "providerchannel")),
    Door("delivery deletion", set(), page("timeline_delivery_delete", "delivery")),
    Door("delivery addition", set(), page("timeline_delivery_add")),
]

LISTS = {
    "leads_account": ADMINS,
    "leads_user": SUPERUSERS,
    "leads_membership": MEMBERS,
    "leads_apikey": ADMINS,
    "leads_auditentry": ADMINS,
    "leads_lead": MEMBERS,
    "timeline_message": MEMBERS,
    "timeline_calltranscript": MEMBERS,
    "timeline_activity": MEMBERS,
    "timeline_providerchannel": ADMINS,
    "timeline_delivery": ADMINS,
    "auth_group": SUPERUSERS,
}
ADDITIONS = {
    "leads_account": SUPERUSERS,
    "leads_user": SUPERUSERS,
    "leads_membership": ADMINS,
    "leads_apikey": ADMINS,
    "leads_lead": MEMBERS,
    "timeline_providerchannel": ADMINS,
}


@pytest.fixture
def ids(account: Account, other_account: Account) -> Ids:
    """One row of each kind in the account."""
    return rows_of(account)


def rows_of(account: Account) -> Ids:
    lead: Lead = LeadFactory.create(account=account)
    for factory in (MessageDraftFactory, CallDraftFactory, ActivityDraftFactory):
        record(account.pk, factory.build(lead_id=lead.id))
    member: Membership = MembershipFactory.create(account=account)
    key = api_key(account)[0]
    audit.tell_of_lead(Action.LEAD_VIEWED, lead)
    channel = ChannelFactory.create(account=account)
    return {
        "account": account.pk,
        "user": member.user_id,
        "member": member.pk,
        "key": key.pk,
        "lead": lead.pk,
        "message": Message.objects.get(lead=lead).pk,
        "call": CallTranscript.objects.get(lead=lead).pk,
        "activity": Activity.objects.get(lead=lead).pk,
        "providerchannel": channel.pk,
        "delivery": inbox.receive(channel, received(delivery(messages=[message("a", 1)]))).pk,
        "trail": AuditEntry.objects.filter(account=account).latest("pk").pk,
    }


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("door", [*DOORS, *NEVER], ids=lambda door: door.name)
def test_a_door_opens_to_its_roles_and_to_no_other(
    door: Door, role: str, ids: Ids, account: Account, other_account: Account
) -> None:
    answer = door.knock(client_of(role, account, other_account), ids)
    assert is_let_in(answer) == (role in door.roles)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", LISTS)
def test_a_list_opens_to_its_roles_and_to_no_other(
    name: str, role: str, account: Account, other_account: Account
) -> None:
    answer = client_of(role, account, other_account).get(reverse(f"admin:{name}_changelist"))
    # An admin of another account sees the list too, with their own rows.
    allowed = LISTS[name] | ({"admin of another account"} if ADMIN in LISTS[name] else set())
    assert is_let_in(answer) == (role in allowed)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ADDITIONS)
def test_a_form_for_a_new_row_opens_to_its_roles_and_to_no_other(
    name: str, role: str, account: Account, other_account: Account
) -> None:
    answer = client_of(role, account, other_account).get(reverse(f"admin:{name}_add"))
    allowed = ADDITIONS[name] | (
        {"admin of another account"} if ADMIN in ADDITIONS[name] else set()
    )
    assert is_let_in(answer) == (role in allowed)


@pytest.mark.parametrize("name", [name for name in LISTS if name != "auth_group"])
def test_a_list_holds_the_rows_of_ones_own_account_alone(
    name: str, ids: Ids, account: Account, other_account: Account
) -> None:
    key = {
        "leads_auditentry": "trail", "leads_membership": "member", "leads_apikey": "key",
        "timeline_calltranscript": "call",
    }.get(name, name.split("_")[1])  # fmt: skip
    url = reverse(f"admin:{name}_change", args=[ids[key]])
    found = {
        role: url
        in client_of(role, account, other_account)
        .get(reverse(f"admin:{name}_changelist"))
        .content.decode()
        for role in ROLES
    }
    assert {role for role, is_found in found.items() if is_found} == LISTS[name]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("name", "list_name", "key", "roles"),
    [
        ("revoke_selected", "leads_apikey", "key", ADMINS),
        ("delete_selected_leads", "leads_lead", "lead", MEMBERS),
        ("replay_selected", "timeline_delivery", "delivery", ADMINS),
    ],
)
def test_an_action_on_a_selection_does_nothing_to_rows_that_are_not_ones_own(
    role: str,
    name: str,
    list_name: str,
    key: str,
    roles: set[str],
    ids: Ids,
    account: Account,
    other_account: Account,
) -> None:
    client = client_of(role, account, other_account)
    client.post(reverse(f"admin:{list_name}_changelist"), action(name, key)(ids))
    is_revoked = account.api_keys.exclude(revoked_at=None).exists()
    is_deleted = account.leads.exclude(deleted_at=None).exists()
    is_replayed = Delivery.objects.filter(attempts=1).exists()
    assert (is_revoked or is_deleted or is_replayed) == (role in roles)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", ["export_csv", "export_json"])
def test_an_export_holds_the_leads_of_ones_own_account_alone(
    role: str, name: str, ids: Ids, account: Account, other_account: Account
) -> None:
    client = client_of(role, account, other_account)
    answer = client.post(reverse("admin:leads_lead_changelist"), action(name, "lead")(ids))
    body = answer.getvalue().decode() if answer.streaming else ""
    assert (str(ids["lead"]) in body) == (role in MEMBERS)


@pytest.mark.parametrize("role", ROLES)
def test_the_audit_trails_export_holds_ones_own_account_alone(
    role: str, ids: Ids, account: Account, other_account: Account
) -> None:
    client = client_of(role, account, other_account)
    answer = client.get(reverse("admin:leads_auditentry_export"))
    body = answer.getvalue().decode() if answer.streaming else ""
    assert (str(ids["lead"]) in body) == (role in ADMINS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("field", "model", "key", "roles"),
    [
        ("account", "apikey", "account", ADMINS),
        ("owner", "lead", "member", MEMBERS),
        ("channel", "delivery", "providerchannel", ADMINS),
    ],
)
def test_finding_by_typing_finds_what_is_of_ones_own_account_alone(
    role: str,
    field: str,
    model: str,
    key: str,
    roles: set[str],
    ids: Ids,
    account: Account,
    other_account: Account,
) -> None:
    answer = client_of(role, account, other_account).get(
        reverse("admin:autocomplete"),
        {
            "app_label": "timeline" if model == "delivery" else "leads",
            "model_name": model,
            "field_name": field,
            "term": "",
        },
    )
    found = answer.json()["results"] if answer.status_code == 200 else []
    assert (str(ids[key]) in {row["id"] for row in found}) == (role in roles)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_makes_a_key_for_an_account_they_are_no_admin_of(
    role: str, account: Account, other_account: Account
) -> None:
    data = {
        "account": str(account.pk),
        "name": "Theirs",
        "scopes": ["history:read"],
        "key_id": str(uuid7()),
    }
    client_of(role, account, other_account).post(reverse("admin:leads_apikey_add"), data)
    assert account.api_keys.exists() == (role in ADMINS)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_makes_a_channel_for_an_account_they_are_no_admin_of(
    role: str, account: Account, other_account: Account
) -> None:
    data = {"account": str(account.pk), "provider": "whatsapp", "name": "Theirs"}
    url = reverse("admin:timeline_providerchannel_add")
    client_of(role, account, other_account).post(url, data)
    assert ProviderChannel.objects.filter(account=account).exists() == (role in ADMINS)


@pytest.mark.parametrize("role", ROLES)
def test_nobody_adds_a_member_to_an_account_they_are_no_admin_of(
    role: str, account: Account, other_account: Account
) -> None:
    data = {"account": str(account.pk), "email": "new@example.com", "role": "admin"}
    client_of(role, account, other_account).post(reverse("admin:leads_membership_add"), data)
    is_member = account.memberships.filter(user__email="new@example.com").exists()
    assert is_member == (role in ADMINS)


@pytest.mark.parametrize("role", [SUPERUSER, ADMIN, MEMBER])
def test_no_role_makes_staff_or_superusers_but_superusers(
    role: str, ids: Ids, account: Account, other_account: Account
) -> None:
    url = reverse("admin:leads_user_change", args=[ids["user"]])
    data = {"email": "raised@example.com", "is_active": "on", "is_superuser": "on"}
    client_of(role, account, other_account).post(url, data)
    assert User.objects.get(pk=ids["user"]).is_superuser == (role == SUPERUSER)


def test_a_role_that_is_taken_away_is_gone_with_the_next_request(
    owner: Membership, account: Account, other_account: Account
) -> None:
    User.objects.filter(pk=owner.user_id).update(is_staff=True)
    client = Client()
    client.force_login(owner.user)
    url = reverse("admin:leads_apikey_changelist")
    assert client.get(url).status_code == 200
    Membership.objects.filter(pk=owner.pk).update(role=Membership.Role.MEMBER)
    assert client.get(url).status_code == 403


def test_an_account_admin_cannot_take_their_own_role_away(
    owner: Membership, account: Account
) -> None:
    User.objects.filter(pk=owner.user_id).update(is_staff=True)
    client = Client()
    client.force_login(owner.user)
    url = reverse("admin:leads_membership_change", args=[owner.pk])
    client.post(url, {"role": "member"})
    client.post(reverse("admin:leads_membership_delete", args=[owner.pk]), {"post": "yes"})
    assert Membership.objects.get(pk=owner.pk).role == Membership.Role.ADMIN


def test_who_is_admin_of_one_account_and_member_of_another_is_each_where_they_are(
    owner: Membership, other_account: Account, account: Account
) -> None:
    User.objects.filter(pk=owner.user_id).update(is_staff=True)
    MembershipFactory.create(user=owner.user, account=other_account)
    client = Client()
    client.force_login(owner.user)
    own, other = rows_of(account), rows_of(other_account)
    assert is_let_in(client.get(reverse("admin:leads_apikey_change", args=[own["key"]])))
    assert not is_let_in(client.get(reverse("admin:leads_apikey_change", args=[other["key"]])))
    assert is_let_in(client.get(reverse("admin:leads_lead_change", args=[other["lead"]])))


def test_every_model_of_ours_in_the_admin_is_in_this_matrix() -> None:
    ours = {
        f"{model._meta.app_label}_{model._meta.model_name}"
        for model in admin.site._registry
        if model._meta.app_label in {"leads", "timeline", "auth"}
    }
    assert ours == set(LISTS)


def test_every_page_of_ours_in_the_admin_is_in_this_matrix() -> None:
    covered = {"changelist", "add", "change", "delete", "history", "password_change"}
    own = {"rotate", "extend", "revoke", "remove", "restore", "export", "check", "replay"}
    names = {
        pattern.name.rpartition("_")[2]
        for model_admin in admin.site._registry.values()
        if model_admin.opts.app_label in {"leads", "timeline"}
        for pattern in model_admin.get_urls()
        if pattern.name
    }
    assert names - {"change"} <= covered | own


def test_services_are_not_reached_by_get(
    ids: Ids, account: Account, other_account: Account
) -> None:
    client = client_of(SUPERUSER, account, other_account)
    for door in DOORS:
        if door.data is not None:
            client.get(door.url(ids))
    assert not account.api_keys.exclude(revoked_at=None).exists()
    assert not account.leads.exclude(deleted_at=None).exists()
