"""The doors to other people's data. Every read goes by account, through one of these."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from leads import prepared
from leads.expressions import Query
from leads.finding import lead_query
from leads.models import Account, Lead, Membership, User
from leads.rows import columns_of, made_of, names_of


class Grant(NamedTuple):
    """What a valid API key opens: one account, some scopes, so many requests a minute.

    `rate_per_minute` is None for the installation's default; `last_used_at` may be None. With
    `allowed_networks` (CIDRs) it opens nothing from anywhere else.
    """

    key_id: UUID
    account_id: int
    scopes: list[str]
    rate_per_minute: int | None
    last_used_at: datetime | None
    allowed_networks: Sequence[str] = ()


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


class Owner(NamedTuple):
    """A member of an account, whom a lead can belong to; `name` is the mail address without one."""

    id: int
    name: str


# Expired and revoked keys are refused by the same statement that refuses unknown ones, so that the
# three cannot be told apart by time.
GRANT_ROW = """
    FROM leads_apikey
    WHERE digest = %(digest)s
      AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > now())
"""

# Both as columns, in the order of `Grant` and of `LeadCard`.
GRANT_COLUMNS = "id, account_id, scopes, rate_per_minute, last_used_at, allowed_networks"
LEAD_COLUMNS = "id, first_name, last_name, phone, email, source, created_at, xmin::text AS version"

_GRANT = f"SELECT {GRANT_COLUMNS} {GRANT_ROW}"

# The one row of the account's lead, or none; parameters account and lead.
LEAD_ROW = """
    FROM leads_lead
    WHERE id = %(lead)s AND account_id = %(account)s AND deleted_at IS NULL
"""

_LEAD_CARD = f"SELECT {LEAD_COLUMNS} {LEAD_ROW}"

# What pages show of a lead; the rest is read where it is asked for.
SHOWN = names_of(Lead, "search", "metadata")
SHOWN_COLUMNS = columns_of("leads_lead", SHOWN)

_LEAD = f"SELECT {SHOWN_COLUMNS} {LEAD_ROW}"

_OWNERS = """
    SELECT member.id, coalesce(nullif(person.name, ''), person.email)
    FROM leads_membership member JOIN leads_user person ON person.id = member.user_id
    WHERE member.account_id = %(account)s
    ORDER BY person.name, person.email
"""

# From one source to the next, by the index `lead_by_source`.
_SOURCES = """
    WITH RECURSIVE sources AS (
        SELECT min(source) AS source FROM leads_lead
        WHERE account_id = %(account)s AND deleted_at IS NULL AND source > ''
        UNION ALL
        SELECT (
            SELECT min(source) FROM leads_lead
            WHERE account_id = %(account)s AND deleted_at IS NULL AND source > sources.source
        ) FROM sources WHERE source IS NOT NULL
    )
    SELECT source FROM sources WHERE source IS NOT NULL
"""


def grant_of(digest: bytes) -> Grant | None:
    """Return what the API key of the digest opens; None if it is unknown, expired or revoked."""
    row = prepared.fetch_one(_GRANT, {"digest": digest})
    return Grant._make(row) if row else None


def lead_card(account_id: int, lead_id: UUID) -> LeadCard | None:
    """Return the account's lead, or None if it has no such lead or the lead is deleted."""
    row = prepared.fetch_one(_LEAD_CARD, {"account": account_id, "lead": lead_id})
    return LeadCard._make(row) if row else None


def read_lead(account_id: int, lead_id: UUID) -> Lead | None:
    """Return the account's lead as `leads_of` has it, read by a prepared statement."""
    row = prepared.fetch_one(_LEAD, {"account": account_id, "lead": lead_id})
    return made_of(Lead, SHOWN, row) if row else None


def leads_of(account_id: int) -> QuerySet[Lead]:
    """Return the account's leads that are not deleted."""
    return Lead.objects.filter(account_id=account_id, deleted_at=None)


def search_leads(account_id: int, text: str) -> QuerySet[Lead]:
    """Return the account's leads that the text finds; all of them for a text without words.

    It finds the beginning of any word of name and company, of the mail or its domain, and a phone
    in any notation by its beginning or its last digits.
    """
    return found_by(leads_of(account_id), text)


def found_by(leads: QuerySet[Lead], text: str) -> QuerySet[Lead]:
    """Return those of the leads that the text finds, as `search_leads` does."""
    query = lead_query(text)
    if not query:
        return leads if not text.strip() else leads.none()
    return leads.filter(search=Query(query))


def members_of(account_id: int) -> QuerySet[Membership]:
    """Return the account's members with their users, by name."""
    members = Membership.objects.filter(account_id=account_id).select_related("user")
    return members.order_by("user__name", "user__email")


def owners_of(account_id: int) -> list[Owner]:
    """Return whom a lead of the account can belong to, by name: `members_of`, as a page has it."""
    return [Owner._make(row) for row in prepared.fetch_all(_OWNERS, {"account": account_id})]


def membership_for(user: User, account: Account) -> Membership:
    """Return the user's membership in the account; for a superuser who is no member, an unsaved
    one, by which what they do there can be told all the same.
    """
    member = Membership.objects.filter(user=user, account=account).first()
    return member or Membership(user=user, account=account)


def sources_of(account_id: int) -> list[str]:
    """Return where the account's leads come from, each source once, in order.

    PostgreSQL has no way of its own to read each value of an index once: as DISTINCT it would read
    every lead.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SOURCES, {"account": account_id})
        return [source for (source,) in cursor.fetchall()]
