"""Who: accounts, their people, their leads; and, from modules beside, their API keys and audit."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from leads import finding
from leads.audit_models import AuditEntry
from leads.expressions import Words
from leads.folding import fold
from leads.idempotency_models import KeptAnswer
from leads.identity_models import LeadIdentity
from leads.key_models import ApiKey, ApiKeyDay, Scope
from leads.managers import UserManager
from leads.phones import to_e164, without_country

# Django finds all models of an app here.
__all__ = [
    "Account",
    "ApiKey",
    "ApiKeyDay",
    "AuditEntry",
    "KeptAnswer",
    "Lead",
    "LeadIdentity",
    "Membership",
    "Scope",
    "User",
]


class Account(models.Model):
    """A customer of this installation. Everything else belongs to exactly one."""

    name = models.CharField(_("name"), max_length=200)
    region = models.CharField(
        _("region"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"\A[A-Z]{2}\Z", _("Two capital letters, as in CL."))],
        help_text=_("ISO 3166 country whose notation phone numbers without a + are read in."),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("name"), name="account_name_unique"),
            models.CheckConstraint(
                condition=models.Q(region__regex=r"^([A-Z]{2})?$"), name="account_region_iso"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person who signs in, by e-mail address."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    accounts = models.ManyToManyField(Account, through="Membership", related_name="users")

    # By the account's name, where they were read along with the user.
    known_memberships: list["Membership"] | None = None

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints: ClassVar = [
            # One spelling an address, so that the plain unique is one without regard to case.
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_lower"
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        self.email = self.email.lower()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] or self.email


class Membership(models.Model):
    """A user's part in an account."""

    class Role(models.TextChoices):
        ADMIN = "admin", _("Admin")
        MEMBER = "member", _("Member")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "account"], name="membership_unique"),
            # What the composite foreign keys of owner and actor point at.
            models.UniqueConstraint(fields=["account", "id"], name="membership_within_account"),
            models.CheckConstraint(
                condition=models.Q(role__in=["admin", "member"]), name="membership_role"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)


class Lead(models.Model):
    """Somebody who may become a customer of the account.

    Text that is not known is "", which the API renders as null. A lead with `deleted_at` is gone
    for every reader but the admin's restore.
    """

    class Status(models.TextChoices):
        NEW = "new", _("New")
        CONTACTED = "contacted", _("Contacted")
        QUALIFIED = "qualified", _("Qualified")
        UNQUALIFIED = "unqualified", _("Unqualified")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # An index on the account alone would be taken for the foreign keys of entries, and read whole.
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="leads", db_index=False
    )
    first_name = models.CharField(_("first name"), max_length=200, blank=True)
    last_name = models.CharField(_("last name"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=50, blank=True, help_text=_("As given."))
    phone_e164 = models.CharField(_("phone, E.164"), max_length=16, blank=True, editable=False)
    email = models.CharField(_("e-mail"), max_length=320, blank=True)
    source = models.CharField(_("source"), max_length=100, blank=True)
    company = models.CharField(_("company"), max_length=200, blank=True)
    title = models.CharField(_("job title"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.NEW)
    # The composite foreign key (account, owner) is made in the migration: an owner is of the house.
    owner = models.ForeignKey(
        Membership,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="leads",
        verbose_name=_("owner"),
    )
    metadata = models.JSONField(_("metadata"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    deleted_at = models.DateTimeField(_("deleted at"), null=True, blank=True, editable=False)
    # The words that find the lead; `leads.finding` writes and reads them.
    search = SearchVectorField(editable=False, db_default="")
    # The name as shown, folded, so that Álvarez stands beside Alvarez whatever the server's locale.
    sort_name = models.CharField(max_length=400, blank=True, editable=False, db_collation="C")

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        constraints: ClassVar = [
            # What every composite foreign key to a lead points at.
            models.UniqueConstraint(fields=["account", "id"], name="lead_within_account"),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=["new", "contacted", "qualified", "unqualified", "won", "lost"]
                ),
                name="lead_status",
            ),
            models.CheckConstraint(
                condition=models.Q(phone_e164__regex=r"^(\+[1-9][0-9]{1,14})?$"),
                name="lead_phone_e164",
            ),
        ]
        indexes: ClassVar = [
            # The lead list, newest first, by keyset.
            models.Index(
                fields=["account", "-created_at", "-id"],
                name="lead_newest",
                condition=models.Q(deleted_at=None),
            ),
            # The lead list by name, by keyset.
            models.Index(
                fields=["account", "sort_name", "id"],
                name="lead_by_name",
                condition=models.Q(deleted_at=None),
            ),
            # The lead list of one source, newest first, and which sources there are.
            models.Index(
                fields=["account", "source", "-created_at", "-id"],
                name="lead_by_source",
                condition=models.Q(deleted_at=None),
            ),
            # The lead list's search box.
            GinIndex(fields=["search"], name="lead_search"),
            # The admin's list over all accounts, and its dates.
            models.Index(fields=["-created_at", "-id"], name="lead_newest_of_all"),
            # The admin's list of what can be restored.
            models.Index(
                fields=["account", "-created_at", "-id"],
                name="lead_deleted",
                condition=~models.Q(deleted_at=None),
            ),
            # Who is calling, who is writing: matching a sender.
            models.Index(
                fields=["account", "phone_e164"],
                name="lead_by_phone",
                condition=~models.Q(phone_e164=""),
            ),
            models.Index(
                "account", Lower("email"), name="lead_by_email", condition=~models.Q(email="")
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email or self.phone or str(self.id)

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save, with what is derived from the contact fields: see `derive`."""
        self.derive()
        if update_fields is not None:
            update_fields = {*update_fields, "phone_e164", "search", "sort_name", "updated_at"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def derive(self) -> None:
        """Set `phone_e164`, in the account's notation, and what finds and sorts the lead."""
        self.phone_e164 = to_e164(self.phone, self.account.region) if self.phone else ""
        self.sort_name = fold(str(self))[:400]
        self.search = Words(
            finding.words_of_lead(
                (self.first_name, self.last_name, self.company),
                self.email,
                (self.phone, self.phone_e164, without_country(self.phone_e164)),
            )
        )

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
