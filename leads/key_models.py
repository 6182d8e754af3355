"""The keys of the public API, and how much each was used."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from leads.networks import parse_network


class Scope(models.TextChoices):
    """What an API key may do."""

    HISTORY_READ = "history:read", _("Read histories")
    LEADS_READ = "leads:read", _("Read leads")
    LEADS_WRITE = "leads:write", _("Write leads")
    HISTORY_WRITE = "history:write", _("Write histories")


def validate_network(text: str) -> None:
    try:
        parse_network(text)
    except ValueError as error:
        raise ValidationError(str(error)) from None


class ApiKey(models.Model):
    """A key to one account's API. The key itself is nowhere; see `leads.keys`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(
        "leads.Account",
        on_delete=models.CASCADE,
        related_name="api_keys",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(_("key"), max_length=20, editable=False)
    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), verbose_name=_("scopes"))
    rate_per_minute = models.PositiveIntegerField(
        _("requests per minute"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text=_("Empty: the installation's default."),
    )
    allowed_networks = ArrayField(
        models.CharField(max_length=43, validators=[validate_network]),
        default=list,
        blank=True,
        verbose_name=_("allowed networks"),
        help_text=_("192.0.2.0/24 or 2001:db8::/32, one a line. Empty: from anywhere."),
    )
    replaces = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="successors",
        verbose_name=_("replaces"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)
    last_used_from = models.GenericIPAddressField(
        _("last used from"), null=True, blank=True, editable=False
    )
    # When the account's admins were last told by mail that it expires.
    expiry_told_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    scopes__contained_by=[
                        "history:read",
                        "leads:read",
                        "leads:write",
                        "history:write",
                    ]
                ),
                name="apikey_scopes",
            ),
            models.CheckConstraint(
                condition=models.Q(rate_per_minute=None)
                | models.Q(rate_per_minute__range=(1, 1_000_000)),
                name="apikey_rate",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_active(self, at: datetime | None = None) -> bool:
        at = at or timezone.now()
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)


class ApiKeyDay(models.Model):
    """A key's requests of one day (UTC), by the hour, and the addresses they came from."""

    api_key = models.ForeignKey(
        "leads.ApiKey", on_delete=models.CASCADE, db_index=False, related_name="days"
    )
    day = models.DateField()
    hours = ArrayField(models.IntegerField(), size=24)
    addresses = ArrayField(models.GenericIPAddressField(), default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["api_key", "day"], name="apikeyday_once")
        ]

    def __str__(self) -> str:
        return f"{self.day}: {sum(self.hours)}"
