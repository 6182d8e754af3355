"""`manage.py notify_expiring_keys`: tell account admins by mail; for a daily timer."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import BaseCommand
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext

from leads.key_states import EXPIRES_SOON, State, keys_in
from leads.models import Account, ApiKey, Membership

# Told once when it comes into sight, and once more when it is close.
_STAGES = (EXPIRES_SOON, timedelta(days=2))


class Command(BaseCommand):
    help = (
        "Mail the admins of each account the API keys that expire within 14 days, and once more"
        " those that expire within 2. Run it daily; run again, it mails nothing twice."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        by_account: dict[Account, list[ApiKey]] = defaultdict(list)
        keys = ApiKey.objects.filter(keys_in(State.EXPIRING, now)).select_related("account")
        for key in keys.order_by("expires_at"):
            if _is_due(key, now):
                by_account[key.account].append(key)
        for account, due in by_account.items():
            if told := _mail(account, due):
                ApiKey.objects.filter(pk__in=[key.pk for key in due]).update(expiry_told_at=now)
            self.stdout.write(f"{account}: {len(due)} keys, {told} mails")


def _is_due(key: ApiKey, now: datetime) -> bool:
    """Tell whether the key has come into a stage since its last mail; an extended one may again."""
    assert key.expires_at is not None  # noqa: S101 - it expires soon
    begun = [key.expires_at - stage for stage in _STAGES if key.expires_at - stage <= now]
    return key.expiry_told_at is None or key.expiry_told_at < max(begun)


def _mail(account: Account, keys: Iterable[ApiKey]) -> int:
    """Mail each active admin of the account; return how many that were."""
    admins = Membership.objects.filter(
        account=account, role=Membership.Role.ADMIN, user__is_active=True
    )
    addresses = list(admins.values_list("user__email", flat=True))
    listed = [(key, settings.PUBLIC_URL + _page(key)) for key in keys]
    with translation.override(settings.LANGUAGE_CODE):
        subject = ngettext(
            "An API key of %(account)s expires soon",
            "%(count)d API keys of %(account)s expire soon",
            len(listed),
        ) % {"account": account, "count": len(listed)}
        body = render_to_string("admin/expiring_keys.txt", {"account": account, "keys": listed})
    # One each: addresses are nobody else's business.
    return sum(send_mail(subject, body, None, [address]) for address in addresses)


def _page(key: ApiKey) -> str:
    return reverse("admin:leads_apikey_change", args=[key.pk])
