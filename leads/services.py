"""Writes of accounts, keys and leads: small verbs, each whole in itself."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from leads import audit, keys
from leads.audit_models import Action
from leads.models import Account, ApiKey, Lead, Scope, User


def create_account(name: str, region: str = "") -> Account:
    """Make an account; raises ValidationError when the name is taken or the region is none."""
    account = Account(name=name.strip(), region=region.upper())
    account.full_clean()
    account.save()
    return account


@sensitive_variables("key")
@transaction.atomic
def create_api_key(
    account: Account,
    name: str,
    scopes: Iterable[str] = (Scope.HISTORY_READ,),
    *,
    rate_per_minute: int | None = None,
    expires_at: datetime | None = None,
    allowed_networks: Sequence[str] = (),
    created_by: User | None = None,
    key_id: UUID | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; return its row and the key itself, which is nowhere else from here on.

    A `key_id` makes asking twice an error: IntegrityError. Raises ValidationError for an unknown
    scope, a rate below 1, an empty name or what is no network.
    """
    made = _make_key(
        ApiKey(
            account=account,
            name=name.strip(),
            scopes=sorted({str(scope) for scope in scopes}),
            rate_per_minute=rate_per_minute,
            expires_at=expires_at,
            allowed_networks=list(allowed_networks),
            created_by=created_by,
        ),
        key_id,
    )
    audit.tell_of_key(Action.KEY_CREATED, made[0])
    return made


@sensitive_variables("key")
def _make_key(api_key: ApiKey, key_id: UUID | None) -> tuple[ApiKey, str]:
    key = keys.make()
    api_key.prefix = keys.visible_part(key)
    api_key.digest = keys.digest(key)
    if key_id is not None:
        api_key.id = key_id
    api_key.full_clean(exclude={"id"})
    api_key.save(force_insert=True)
    return api_key, key


@transaction.atomic
def revoke_api_key(api_key: ApiKey) -> None:
    """Make the key invalid from the next request on (that a replica which has replayed it answers,
    where there is one). Again changes nothing.
    """
    if ApiKey.objects.filter(pk=api_key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        api_key.refresh_from_db(fields=["revoked_at"])
        audit.tell_of_key(Action.KEY_REVOKED, api_key)


@sensitive_variables("key")
@transaction.atomic
def rotate_api_key(
    api_key: ApiKey,
    grace: timedelta,
    *,
    expires_at: datetime | None = None,
    created_by: User | None = None,
    key_id: UUID | None = None,
) -> tuple[ApiKey, str]:
    """Make a key like this one, which itself lives on for `grace` but never longer than before.

    `expires_at` is the new key's. Asking twice with one `key_id` is an IntegrityError. Raises
    ValidationError for a key that is revoked or expired: what is over has no successor.
    """
    if not api_key.is_active():
        raise ValidationError(_("Only a key that works can be rotated."))
    successor, key = _make_key(
        ApiKey(
            account=api_key.account,
            name=api_key.name,
            scopes=api_key.scopes,
            rate_per_minute=api_key.rate_per_minute,
            expires_at=expires_at,
            allowed_networks=api_key.allowed_networks,
            replaces=api_key,
            created_by=created_by,
        ),
        key_id,
    )
    last_moment = timezone.now() + grace
    api_key.expires_at = min(last_moment, api_key.expires_at or last_moment)
    api_key.save(update_fields=["expires_at"])
    until = f"until {api_key.expires_at:%Y-%m-%d %H:%M %Z}"
    audit.tell_of_key(Action.KEY_ROTATED, api_key, f"replaced by {successor.prefix}…, {until}")
    return successor, key


@transaction.atomic
def extend_api_key(api_key: ApiKey, expires_at: datetime | None) -> None:
    """Have the key live until then, or on and on with None. A revoked key stays revoked."""
    before = api_key.expires_at
    api_key.expires_at = expires_at
    api_key.save(update_fields=["expires_at"])
    detail = f"{_moment(before)} → {_moment(expires_at)}"
    audit.tell_of_key(Action.KEY_EXTENDED, api_key, detail)


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M %Z}" if at else "never"


def add_leads(account: Account, leads: Iterable[Lead]) -> set[UUID]:
    """Add the leads whose ids are new; return the ids that were added. No id may come twice.

    A lead whose id is there already, in this account or another, is left as it is: whoever asks
    for it by account (`leads.access`) then finds their own or nothing.
    """
    # One order for all writers: two with the same leads wait, and never for each other.
    missing = sorted(leads, key=lambda lead: lead.id)
    for lead in missing:
        lead.account = account
        lead.derive()
    while missing := _not_there(missing):
        try:
            with transaction.atomic():
                Lead.objects.bulk_create(missing)
        except IntegrityError:
            # Another writer's leads came between: they are there now. Anything else is an error.
            if len(_not_there(missing)) == len(missing):
                raise
        else:
            break
    return {lead.id for lead in missing}


def _not_there(leads: Sequence[Lead]) -> list[Lead]:
    ids = [lead.id for lead in leads]
    known = set(Lead.objects.filter(id__in=ids).values_list("id", flat=True))
    return [lead for lead in leads if lead.id not in known]


@transaction.atomic
def delete_lead(lead: Lead) -> bool:
    """Hide the lead from every reader; its history stays and `restore_lead` brings both back.

    Return whether it was there to be hidden.
    """
    there = Lead.objects.filter(pk=lead.pk, deleted_at=None)
    if there.update(deleted_at=timezone.now()):
        audit.tell_of_lead(Action.LEAD_DELETED, lead)
        return True
    return False


@transaction.atomic
def restore_lead(lead: Lead) -> bool:
    """Bring a deleted lead back; return whether it was deleted."""
    if Lead.objects.filter(pk=lead.pk).exclude(deleted_at=None).update(deleted_at=None):
        audit.tell_of_lead(Action.LEAD_RESTORED, lead)
        return True
    return False
