"""Where others tell us of entries: channels, what they delivered, and what that said."""

from typing import ClassVar

from django.db import models
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from leads.encrypted import EncryptedJson
from leads.models import Account

# Of 62 characters: 190 bits.
TOKEN_LENGTH = 32


def new_token() -> str:
    """Return what stands in the address of a channel's webhook: nobody guesses it."""
    return get_random_string(TOKEN_LENGTH)


class ProviderChannel(models.Model):
    """A line on which a provider delivers to an account: a number, a mailbox, an agent."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="+", verbose_name=_("account")
    )
    provider = models.CharField(_("provider"), max_length=30)
    name = models.CharField(_("name"), max_length=100)
    address = models.CharField(_("address"), max_length=320, blank=True)
    token = models.CharField(max_length=TOKEN_LENGTH, unique=True, default=new_token)
    secrets = EncryptedJson(default=dict, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    creates_leads = models.BooleanField(
        _("makes leads"),
        default=True,
        help_text=_("Somebody unknown who writes or calls becomes a lead."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """A request as a provider sent it, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        # Genuine, and something in it cannot be used yet: an unknown type, an unknown lead.
        SET_ASIDE = "set_aside", _("Set aside")
        # We failed; it is tried again.
        FAILED = "failed", _("Failed")
        # Not genuine, or no delivery at all: never looked into.
        REFUSED = "refused", _("Refused")

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(
        Account,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="+",
        verbose_name=_("account"),
    )
    channel = models.ForeignKey(
        ProviderChannel,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="deliveries",
        verbose_name=_("channel"),
    )
    received_at = models.DateTimeField(_("received at"))
    url = models.TextField(_("address"))
    headers = models.JSONField(_("headers"))
    body = models.BinaryField(_("body"))
    state = models.CharField(_("state"), max_length=10, choices=State)
    reason = models.TextField(_("reason"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # None for what need not be tried again.
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    processed_at = models.DateTimeField(_("processed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "done", "set_aside", "failed", "refused"]),
                name="delivery_state",
            )
        ]
        indexes: ClassVar = [
            # What is to be processed next.
            models.Index(
                fields=["next_attempt_at"],
                name="delivery_due",
                condition=~models.Q(next_attempt_at=None),
            ),
            # A channel's deliveries of one state: the admin's list, what is replayed, what is
            # refused and too much.
            models.Index(fields=["channel", "state", "-id"], name="delivery_by_state"),
            # The admin's list of an account's.
            models.Index(fields=["account", "-id"], name="delivery_newest"),
            # What is old enough to go.
            models.Index(fields=["received_at"], name="delivery_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.received_at:%Y-%m-%d %H:%M:%S}"


class EntryReport(models.Model):
    """One thing told about one entry (`timeline.reports.Report`); the entry is the fold of them.

    Kept for as long as the entry, so that what is told late counts as if it had come in time.
    """

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False, related_name="+")
    source = models.CharField(max_length=50)
    external_id = models.CharField(max_length=255)
    key = models.CharField(max_length=300)
    rank = models.SmallIntegerField()
    at = models.DateTimeField()
    # "" for what is told about an entry that something else founds.
    kind = models.CharField(max_length=10, blank=True)
    says = models.JSONField()
    # SHA-256 of all of the above but account, source and external id.
    digest = models.BinaryField(max_length=32)
    delivery = models.ForeignKey(
        Delivery, on_delete=models.SET_NULL, null=True, related_name="reports"
    )
    # What the lead was found by, for people; "" where it was not looked for.
    matched_by = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "source", "external_id", "digest"], name="entryreport_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}: {self.key}"
