"""The audit trail: who did what to which key, lead and member."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    """What the audit trail tells of."""

    KEY_CREATED = "key_created", _("API key created")
    KEY_ROTATED = "key_rotated", _("API key rotated")
    KEY_EXTENDED = "key_extended", _("API key extended")
    KEY_CHANGED = "key_changed", _("API key changed")
    KEY_REVOKED = "key_revoked", _("API key revoked")
    KEY_REFUSED = "key_refused", _("API key refused: network not allowed")
    LEADS_CREATED = "leads_created", _("Leads created by API")
    LEAD_CHANGED = "lead_changed", _("Lead changed by API")
    LEAD_VIEWED = "lead_viewed", _("Lead viewed")
    LEAD_EXPORTED = "lead_exported", _("Lead exported")
    LEAD_DELETED = "lead_deleted", _("Lead deleted")
    LEAD_RESTORED = "lead_restored", _("Lead restored")
    MEMBER_ADDED = "member_added", _("Member added")
    MEMBER_CHANGED = "member_changed", _("Member's role changed")
    MEMBER_REMOVED = "member_removed", _("Member removed")
    CHANNEL_ADDED = "channel_added", _("Channel added")
    CHANNEL_CHANGED = "channel_changed", _("Channel changed")
    CHANNEL_TESTED = "channel_tested", _("Channel tested")
    DELIVERIES_REPLAYED = "deliveries_replayed", _("Deliveries replayed")
    AUDIT_EXPORTED = "audit_exported", _("Audit trail exported")


class AuditEntry(models.Model):
    """That somebody did something. Written once: the database refuses UPDATE and DELETE.

    It outlives what it tells of, so it points at nothing by a constraint and carries the actor's
    name. Of a lead it holds the id alone: personal data must stay erasable.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    action = models.CharField(_("action"), max_length=20, choices=Action)
    # Nullable for the join to be an outer one: the account may be gone.
    account = models.ForeignKey(
        "leads.Account",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
        verbose_name=_("account"),
    )
    # None for the command line and for a key's own doing.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
        verbose_name=_("user"),
    )
    actor = models.CharField(_("who"), max_length=320)
    address = models.GenericIPAddressField(_("from"), null=True)
    target_id = models.CharField(_("of what (id)"), max_length=40)
    target = models.CharField(_("of what"), max_length=200, blank=True)
    detail = models.CharField(_("detail"), max_length=500, blank=True)
    search = SearchVectorField(editable=False, db_default="")

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        indexes: ClassVar = [
            # An account's trail, newest first.
            models.Index(fields=["account", "-id"], name="audit_newest"),
            # All that was done to one lead or key.
            models.Index(fields=["target_id", "-id"], name="audit_by_target"),
            # The list's search box.
            GinIndex(fields=["search"], name="audit_search"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} · {self.actor}"
