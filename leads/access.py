"""The doors to other people's data. Every read goes by account, through one of these."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from leads import keys, prepared
from leads.models import Account, Lead, User


class Grant(NamedTuple):
    """What a valid API key opens: one account, some scopes, so many requests a minute.

    `rate_per_minute` is None for the installation's default; `last_used_at` may be None.
    """

    key_id: UUID
    account_id: int
    scopes: list[str]
    rate_per_minute: int | None
    last_used_at: datetime | None


class LeadCard(NamedTuple):
    """A lead as the public API shows it; "" where a text is not known.

    `version` is another one after every change of the lead's row.
    """

    id: UUID
    first_name: str
    last_name: str
    phone: str
    email: str
    source: str
    created_at: datetime
    version: str


# Expired and revoked keys are refused by the same statement that refuses unknown ones, so that the
# three cannot be told apart by time.
_GRANT = """
    SELECT id, account_id, scopes, rate_per_minute, last_used_at
    FROM leads_apikey
    WHERE digest = %(digest)s
      AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > now())
"""

_LEAD_CARD = """
    SELECT id, first_name, last_name, phone, email, source, created_at, xmin::text
    FROM leads_lead
    WHERE id = %(lead)s AND account_id = %(account)s AND deleted_at IS NULL
"""


def grant_of(key: str) -> Grant | None:
    """Return what the API key opens, or None for a key that is unknown, expired or revoked."""
    row = prepared.fetch_one(_GRANT, {"digest": keys.digest(key)})
    return Grant._make(row) if row else None


def lead_card(account_id: int, lead_id: UUID) -> LeadCard | None:
    """Return the account's lead, or None if it has no such lead or the lead is deleted."""
    row = prepared.fetch_one(_LEAD_CARD, {"account": account_id, "lead": lead_id})
    return LeadCard._make(row) if row else None


def leads_of(account_id: int) -> QuerySet[Lead]:
    """Return the account's leads that are not deleted."""
    return Lead.objects.filter(account_id=account_id, deleted_at=None)


def accounts_of(user: User) -> QuerySet[Account]:
    """Return the accounts the user is a member of, by name."""
    return Account.objects.filter(memberships__user=user).order_by("name")
