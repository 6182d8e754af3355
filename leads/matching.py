"""Which lead somebody is, who writes or calls.

By what the provider calls them, then by phone, then by mail. Several leads with one phone or mail
are told apart by nothing, so the newest counts, and the match says of how many.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Lower

from leads.access import leads_of
from leads.models import Account, Lead, LeadIdentity
from leads.phones import to_e164


class Person(NamedTuple):
    """Somebody as a provider knows them; what is not known is empty.

    `identities` are the provider's own names, the most lasting one first. `phone` is in any
    notation.
    """

    identities: Sequence[str] = ()
    phone: str = ""
    email: str = ""
    name: str = ""


class Match(NamedTuple):
    """The lead, and what it was found by, in words."""

    lead_id: UUID
    by: str


def find(account: Account, person: Person) -> Match | None:
    """Return the account's lead who this is, if there is one; and remember the identities."""
    match = _by_identity(account, person) or _by_phone(account, person) or _by_mail(account, person)
    if match is not None:
        remember(account, match.lead_id, person.identities)
    return match


def make(account: Account, person: Person, *, source: str, at: datetime) -> Match:
    """Make a lead of somebody whom `find` did not find; `at` is when they were first heard of."""
    first, _, last = _clean(person.name).strip().partition(" ")
    lead = Lead(
        account=account,
        first_name=first[:200],
        last_name=last.strip()[:200],
        phone=_clean(person.phone)[:50],
        email=_clean(person.email)[:320],
        source=source,
        created_at=at,
    )
    lead.save(force_insert=True)
    remember(account, lead.pk, person.identities)
    return Match(lead.pk, "nothing: made a new lead")


def remember(account: Account, lead_id: UUID, identities: Sequence[str]) -> None:
    """Have the identities mean the lead from now on; one that means another lead stays there,
    unless that one is deleted.
    """
    if not identities:
        return
    known = LeadIdentity.objects.filter(account=account, value__in=identities)
    known.exclude(lead__deleted_at=None).update(lead_id=lead_id)
    LeadIdentity.objects.bulk_create(
        (LeadIdentity(account=account, lead_id=lead_id, value=value) for value in identities),
        ignore_conflicts=True,
    )


def _by_identity(account: Account, person: Person) -> Match | None:
    if not person.identities:
        return None
    known = dict(
        LeadIdentity.objects.filter(
            account=account, value__in=person.identities, lead__deleted_at=None
        ).values_list("value", "lead_id")
    )
    for value in person.identities:
        if value in known:
            return Match(known[value], "the provider's id")
    return None


def _by_phone(account: Account, person: Person) -> Match | None:
    phone = to_e164(person.phone, account.region) if person.phone else ""
    return _newest(leads_of(account.pk).filter(phone_e164=phone), "phone") if phone else None


def _by_mail(account: Account, person: Person) -> Match | None:
    if not person.email:
        return None
    by_mail = leads_of(account.pk).exclude(email="").alias(lower=Lower("email"))
    return _newest(by_mail.filter(lower=person.email.lower()), "e-mail address")


# Leads alike that are counted; beyond it they are many.
_MANY = 10


def _newest(leads: QuerySet[Lead], by: str) -> Match | None:
    alike = list(leads.order_by("-created_at", "-id").values_list("id", flat=True)[:_MANY])
    if not alike:
        return None
    if len(alike) == 1:
        return Match(alike[0], by)
    number = len(alike) if len(alike) < _MANY else f"{_MANY} or more"
    return Match(alike[0], f"{by}, newest of {number} leads")


def _clean(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
