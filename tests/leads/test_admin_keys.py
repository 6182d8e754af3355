"""API keys in the admin: shown once, kept nowhere; rotated, extended, revoked, watched."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.core.cache.backends import locmem
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from uuid_utils.compat import uuid7

from leads import keys, services
from leads.audit_models import AuditEntry
from leads.models import Account, ApiKey, ApiKeyDay, Lead, Membership
from leads.services import rotate_api_key
from tests.conftest import ApiClient
from tests.factories import api_key
from tests.leads.admin_roles import staff

KEY = re.compile(r"nxr_live_[0-9A-Za-z]{46}")
ADD = "admin:leads_apikey_add"


@pytest.fixture
def browser(owner: Membership) -> Client:
    return staff(owner)


def new_key(account: Account, **more: Any) -> dict[str, Any]:
    return {
        "account": str(account.pk),
        "name": "Website form",
        "scopes": ["history:read"],
        "key_id": str(uuid7()),
        **more,
    }


def page_of(key: ApiKey, name: str = "change") -> str:
    return reverse(f"admin:leads_apikey_{name}", args=[key.pk])


# --- Made and shown once -------------------------------------------------------------------------


def test_a_new_key_is_shown_with_a_call_that_works(
    browser: Client, account: Account, lead: Lead
) -> None:
    answer = browser.post(reverse(ADD), new_key(account))
    key = KEY.findall(answer.content.decode())[0]
    assert f"/api/public/leads/{lead.pk}/history" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert ApiClient(key).history(lead).status_code == 200


def test_a_shown_key_is_nowhere_afterwards(
    browser: Client, account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(0):
        answer = browser.post(reverse(ADD), new_key(account))
    key = KEY.findall(answer.content.decode())[0]
    row = account.api_keys.get()
    for name in ("change", "history"):
        assert key not in browser.get(page_of(row, name)).content.decode()
    kept = [
        *LogEntry.objects.values_list("object_repr", "change_message"),
        *AuditEntry.objects.values_list("target", "detail"),
        *(session.get_decoded() for session in Session.objects.all()),
        *vars(locmem)["_caches"].values(),
        str(answer.cookies),
        caplog.text,
        row.__dict__,
    ]
    assert key not in repr(kept)


def test_a_form_that_is_sent_again_makes_no_second_key_and_shows_none(
    browser: Client, account: Account, lead: Lead
) -> None:
    data = new_key(account)
    browser.post(reverse(ADD), data)
    again = browser.post(reverse(ADD), data, follow=True)
    assert account.api_keys.count() == 1
    assert not KEY.findall(again.content.decode())
    assert "cannot be shown again" in again.content.decode()


def test_a_key_is_made_with_its_limits(
    browser: Client, account: Account, owner: Membership
) -> None:
    day = timezone.localdate() + timedelta(days=30)
    networks = "203.0.113.0/24\n2001:db8::/32"
    browser.post(
        reverse(ADD),
        new_key(account, last_day=day.isoformat(), rate_per_minute="5", allowed_networks=networks),
    )
    key = account.api_keys.get()
    assert key.allowed_networks == ["203.0.113.0/24", "2001:db8::/32"]
    assert (key.rate_per_minute, key.created_by) == (5, owner.user)
    assert key.expires_at is not None
    # The last day is a whole day: it is over when the next one begins.
    assert timezone.localtime(key.expires_at).date() == day + timedelta(days=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"last_day": "2020-01-01"},
        {"rate_per_minute": "0"},
        {"allowed_networks": "203.0.113.7/24"},
        {"allowed_networks": "localhost"},
    ],
)
def test_a_form_that_is_wrong_makes_no_key(
    browser: Client, account: Account, wrong: dict[str, Any]
) -> None:
    answer = browser.post(reverse(ADD), new_key(account, **wrong))
    assert "errornote" in answer.content.decode()
    assert not account.api_keys.exists()


# --- Rotated, extended, revoked ------------------------------------------------------------------


def test_a_rotated_key_works_beside_its_successor_until_its_last_day(
    browser: Client, account: Account, lead: Lead
) -> None:
    old, secret = api_key(account)
    ApiKey.objects.filter(pk=old.pk).update(allowed_networks=["127.0.0.0/8"])
    data = {"grace": "24", "key_id": str(uuid7())}
    answer = browser.post(page_of(old, "rotate"), data)
    new = KEY.findall(answer.content.decode())[0]
    assert ApiClient(secret).history(lead).status_code == 200
    assert ApiClient(new).history(lead).status_code == 200
    successor = account.api_keys.get(replaces=old)
    assert successor.allowed_networks == ["127.0.0.0/8"]
    old.refresh_from_db()
    assert old.expires_at is not None
    assert abs(old.expires_at - timezone.now() - timedelta(days=1)) < timedelta(minutes=1)
    page = browser.get(page_of(old)).content.decode()
    assert "Somebody still uses it" in page
    assert str(successor) in page


def test_a_rotation_that_is_sent_again_makes_no_second_key(
    browser: Client, account: Account
) -> None:
    old = api_key(account)[0]
    data = {"grace": "24", "key_id": str(uuid7())}
    browser.post(page_of(old, "rotate"), data)
    again = browser.post(page_of(old, "rotate"), data, follow=True)
    assert account.api_keys.count() == 2
    assert not KEY.findall(again.content.decode())


def test_a_key_rotated_without_grace_is_over_at_once(browser: Client, account: Account) -> None:
    old = api_key(account)[0]
    browser.post(page_of(old, "rotate"), {"grace": "0", "key_id": str(uuid7())})
    old.refresh_from_db()
    assert not old.is_active()


def test_a_key_that_is_over_has_no_successor(browser: Client, account: Account) -> None:
    old = api_key(account)[0]
    ApiKey.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    answer = browser.post(
        page_of(old, "rotate"), {"grace": "24", "key_id": str(uuid7())}, follow=True
    )
    assert "Only a key that works can be rotated." in answer.content.decode()
    assert account.api_keys.count() == 1
    old.refresh_from_db()
    with pytest.raises(ValidationError):
        rotate_api_key(old, timedelta(0))


def test_an_expired_key_that_is_extended_works_again(
    browser: Client, account: Account, lead: Lead
) -> None:
    key, secret = api_key(account, expires_at=timezone.now() - timedelta(days=1))
    assert ApiClient(secret).history(lead).status_code == 401
    browser.post(page_of(key, "extend"), {"last_day": timezone.localdate().isoformat()})
    assert ApiClient(secret).history(lead).status_code == 200


@pytest.mark.parametrize("data", [{}, {"never": "on", "last_day": "2099-01-01"}])
def test_an_extension_says_until_when_or_for_ever(
    browser: Client, account: Account, data: dict[str, str]
) -> None:
    end = timezone.now() + timedelta(days=1)
    key = api_key(account, expires_at=end)[0]
    assert browser.post(page_of(key, "extend"), data).status_code == 200
    key.refresh_from_db()
    assert key.expires_at == end


def test_a_revoked_key_is_refused_at_once_and_cannot_be_changed(
    browser: Client, account: Account, lead: Lead
) -> None:
    key, secret = api_key(account)
    browser.post(page_of(key, "revoke"))
    assert ApiClient(secret).history(lead).status_code == 401
    assert browser.post(page_of(key, "extend"), {"never": "on"}).status_code == 403
    page = browser.get(page_of(key)).content.decode()
    assert page_of(key, "rotate") not in page
    assert 'name="_save"' not in page


def test_selected_keys_are_revoked_after_a_confirmation(browser: Client, account: Account) -> None:
    chosen = [api_key(account)[0] for _ in range(2)]
    data = {"action": "revoke_selected", "_selected_action": [key.pk for key in chosen]}
    url = reverse("admin:leads_apikey_changelist")
    assert "cannot be brought back" in browser.post(url, data).content.decode()
    assert account.api_keys.filter(revoked_at=None).count() == 2
    browser.post(url, {**data, "confirmed": "yes"})
    assert not account.api_keys.filter(revoked_at=None).exists()


def test_a_change_keeps_the_key_and_takes_effect_at_once(
    browser: Client, account: Account, lead: Lead
) -> None:
    key, secret = api_key(account)
    data = {"name": "New name", "scopes": ["leads:read"], "allowed_networks": ""}
    browser.post(page_of(key), data)
    assert ApiClient(secret).history(lead).status_code == 403
    key.refresh_from_db()
    assert (key.name, key.scopes) == ("New name", ["leads:read"])


# --- The list ------------------------------------------------------------------------------------


def test_each_key_is_listed_in_its_state(browser: Client, account: Account) -> None:
    now = timezone.now()
    active, expiring, expired, revoked, unused = (api_key(account)[0] for _ in range(5))
    ApiKey.objects.filter(pk=active.pk).update(last_used_at=now)
    ApiKey.objects.filter(pk=expiring.pk).update(expires_at=now + timedelta(days=13))
    ApiKey.objects.filter(pk=expired.pk).update(expires_at=now - timedelta(days=1))
    services.revoke_api_key(revoked)
    of_state = {
        "active": active, "expiring": expiring, "expired": expired, "revoked": revoked,
        "unused": unused,
    }  # fmt: skip
    for state, key in of_state.items():
        page = browser.get(reverse("admin:leads_apikey_changelist"), {"state": state})
        assert [row.pk for row in page.context["cl"].result_list] == [key.pk]
        assert f"state-{state}" in page.content.decode()


def test_the_list_shows_when_from_where_and_how_often_keys_were_used(
    browser: Client, account: Account, lead: Lead
) -> None:
    secret = api_key(account)[1]
    for _ in range(3):
        ApiClient(secret).history(lead)
    page = browser.get(reverse("admin:leads_apikey_changelist")).content.decode()
    assert "3 in 24 h, 3 in 30 days" in page
    assert "127.0.0.1" in page


def test_the_list_of_a_thousand_keys_takes_as_many_statements_as_one_of_ten(
    browser: Client, account: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = ApiKey.objects.bulk_create(
        ApiKey(
            account=account, name=f"Key {number}", prefix="nxr_live_", scopes=[],
            digest=keys.digest(str(number)),
        )
        for number in range(1_000)
    )  # fmt: skip
    today = timezone.now().date()
    ApiKeyDay.objects.bulk_create(ApiKeyDay(api_key=row, day=today, hours=[1] * 24) for row in rows)
    url = reverse("admin:leads_apikey_changelist")
    browser.get(url)
    # 1. session  2. user  3. memberships  4. what their roles may  5.-6. permissions of their own
    # 7. count, bounded  8. the page  9. usage of the page
    with django_assert_max_num_queries(9):
        page = browser.get(url)
    assert len(page.context["cl"].result_list) == 50
