"""`manage.py notify_expiring_keys`: who is told of which keys, and how often."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.utils import timezone

from leads import services
from leads.models import Account, ApiKey, Membership
from tests.factories import MembershipFactory, api_key

pytestmark = pytest.mark.usefixtures("owner", "colleague", "stranger")


def expiring(account: Account, **left: int) -> ApiKey:
    return api_key(account, expires_at=timezone.now() + timedelta(**left))[0]


def test_an_accounts_admins_are_told_of_its_keys_that_expire_soon(
    account: Account, mailoutbox: list[EmailMessage], capsys: pytest.CaptureFixture[str]
) -> None:
    MembershipFactory.create(account=account, role=Membership.Role.ADMIN, user__is_active=False)
    soon = expiring(account, days=10)
    services.revoke_api_key(expiring(account, days=3))
    expiring(account, days=15)
    expiring(account, days=-1)
    api_key(account)
    call_command("notify_expiring_keys")
    (mail,) = mailoutbox
    assert mail.to == ["owner@acme.example.com"]
    assert mail.subject == "An API key of Acme Solar expires soon"
    assert soon.prefix in mail.body
    assert f"/admin/leads/apikey/{soon.pk}/change/" in mail.body
    assert mail.body.count("nxr_live_") == 1
    assert capsys.readouterr().out == "Acme Solar: 1 keys, 1 mails\n"


def test_the_same_key_is_told_of_again_when_it_is_close_and_never_more(
    account: Account, mailoutbox: list[EmailMessage]
) -> None:
    key = expiring(account, days=10)
    for _ in range(2):
        call_command("notify_expiring_keys", verbosity=0)
    assert len(mailoutbox) == 1
    # Nine days later.
    ApiKey.objects.filter(pk=key.pk).update(
        expires_at=timezone.now() + timedelta(days=1),
        expiry_told_at=timezone.now() - timedelta(days=9),
    )
    for _ in range(2):
        call_command("notify_expiring_keys", verbosity=0)
    assert len(mailoutbox) == 2


def test_an_extended_key_is_told_of_anew_when_it_expires_again(
    account: Account, mailoutbox: list[EmailMessage]
) -> None:
    key = expiring(account, days=10)
    call_command("notify_expiring_keys", verbosity=0)
    services.extend_api_key(key, timezone.now() + timedelta(days=40))
    call_command("notify_expiring_keys", verbosity=0)
    assert len(mailoutbox) == 1
    # A month later.
    ApiKey.objects.filter(pk=key.pk).update(
        expires_at=timezone.now() + timedelta(days=10),
        expiry_told_at=timezone.now() - timedelta(days=30),
    )
    call_command("notify_expiring_keys", verbosity=0)
    assert len(mailoutbox) == 2


def test_without_an_admin_nobody_is_told_and_nothing_is_ticked_off(
    account: Account, owner: Membership, mailoutbox: list[EmailMessage]
) -> None:
    owner.delete()
    key = expiring(account, days=10)
    call_command("notify_expiring_keys", verbosity=0)
    key.refresh_from_db()
    assert not mailoutbox
    assert key.expiry_told_at is None
