"""Writing the audit trail. Reading it is the admin's.

Who acts is said once, where a request comes in (`acting`), so that no verb below can forget it.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple
from uuid import UUID

from django.core.cache import cache

from leads.audit_models import Action, AuditEntry
from leads.expressions import Words
from leads.folding import words_to_index
from leads.models import ApiKey, Lead, Membership, User

# Looking at a lead again within the hour is the same look.
_SAME_LOOK = 3600  # seconds
_SAME_REFUSAL = 60


class Actor(NamedTuple):
    """Who acts, and from which address; neither a user nor a key is the command line."""

    user: User | None = None
    address: str | None = None
    key: ApiKey | None = None

    @property
    def name(self) -> str:
        if self.key is not None:
            return f"API: {self.key}"
        if self.user is None:
            return "command line"
        return f"{self.user.name} <{self.user.email}>" if self.user.name else self.user.email


COMMAND_LINE = Actor()
_current: ContextVar[Actor] = ContextVar("audit_actor", default=COMMAND_LINE)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Have all that is done inside told of the actor."""
    token = _current.set(actor)
    try:
        yield
    finally:
        _current.reset(token)


def current() -> Actor:
    return _current.get()


def tell_of_key(action: Action, key: ApiKey, detail: str = "") -> None:
    _entry(action, key.account_id, key.pk, str(key), detail).save(force_insert=True)


def tell_of_lead(action: Action, lead: Lead, detail: str = "") -> None:
    _entry(action, lead.account_id, lead.pk, "", detail).save(force_insert=True)


def tell_of_leads_created(leads: Sequence[Lead]) -> None:
    """Tell of leads that one request created, at least one, in one line."""
    one = leads[0].pk if len(leads) == 1 else ""
    detail = "" if one else f"{len(leads):,} leads"
    entry = _entry(Action.LEADS_CREATED, leads[0].account_id, one, "", detail)
    entry.save(force_insert=True)


def tell_of_member(action: Action, member: Membership, detail: str = "") -> None:
    entry = _entry(action, member.account_id, member.user_id, member.user.email, detail)
    entry.save(force_insert=True)


def tell_of_channel(
    action: Action, account_id: int, channel_id: int, channel: str, detail: str = ""
) -> None:
    _entry(action, account_id, channel_id, channel, detail).save(force_insert=True)


def tell_of_export(account_ids: Iterable[int], detail: str) -> None:
    """Tell each of the accounts that its trail was exported."""
    for account_id in account_ids:
        _entry(Action.AUDIT_EXPORTED, account_id, "", "", detail).save(force_insert=True)


def tell_of_exported_leads(leads: Iterable[Lead], detail: str, by: Actor) -> None:
    """Tell of each lead that was exported; `by` because a stream outlives its request."""
    AuditEntry.objects.bulk_create(
        _entry(Action.LEAD_EXPORTED, lead.account_id, lead.pk, "", detail, by) for lead in leads
    )


def tell_of_look(lead: Lead, by: Actor | None = None) -> None:
    """Tell that the lead was looked at, once an hour for each who looks."""
    by = by or current()
    if by.user and cache.add(f"look:{by.user.pk}:{lead.pk}", 1, timeout=_SAME_LOOK):
        entry = _entry(Action.LEAD_VIEWED, lead.account_id, lead.pk, "", "", by)
        entry.save(force_insert=True)


def tell_of_refusal(account_id: int, key_id: UUID, address: str | None) -> None:
    """Tell that a valid key came from where it is not allowed, at most once a minute a key."""
    if cache.add(f"key-refused:{key_id}", 1, timeout=_SAME_REFUSAL):
        key = ApiKey.objects.only("name", "prefix", "account").get(pk=key_id)
        by = Actor(address=address)
        entry = _entry(Action.KEY_REFUSED, account_id, key_id, str(key), "", by)
        entry.actor = "API"
        entry.save(force_insert=True)


def _entry(
    action: Action,
    account_id: int,
    target_id: object,
    target: str,
    detail: str,
    by: Actor | None = None,
) -> AuditEntry:
    by = by or current()
    return AuditEntry(
        action=action,
        account_id=account_id,
        user=by.user,
        actor=by.name[:320],
        address=by.address,
        target_id=str(target_id),
        target=target[:200],
        detail=detail[:500],
        search=Words(words_to_index(by.name, target, detail)),
    )
