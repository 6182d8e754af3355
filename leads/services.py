"""Writes of accounts, keys and leads: small verbs, each whole in itself."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from leads import keys
from leads.models import Account, ApiKey, Lead, Scope, User


def create_account(name: str, region: str = "") -> Account:
    """Make an account; raises ValidationError when the name is taken or the region is none."""
    account = Account(name=name.strip(), region=region.upper())
    account.full_clean()
    account.save()
    return account


def create_api_key(
    account: Account,
    name: str,
    scopes: Iterable[str] = (Scope.HISTORY_READ,),
    *,
    rate_per_minute: int | None = None,
    expires_at: datetime | None = None,
    created_by: User | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; return its row and the key itself, which is nowhere else from here on.

    Raises ValidationError for an unknown scope, a rate below 1 or an empty name.
    """
    key = keys.make()
    api_key = ApiKey(
        account=account,
        name=name.strip(),
        prefix=keys.visible_part(key),
        digest=keys.digest(key),
        scopes=sorted({str(scope) for scope in scopes}),
        rate_per_minute=rate_per_minute,
        expires_at=expires_at,
        created_by=created_by,
    )
    api_key.full_clean()
    api_key.save()
    return api_key, key


def revoke_api_key(api_key: ApiKey) -> None:
    """Make the key invalid from the next request on. Again changes nothing."""
    if ApiKey.objects.filter(pk=api_key.pk, revoked_at=None).update(revoked_at=timezone.now()):
        api_key.refresh_from_db(fields=["revoked_at"])


@transaction.atomic
def rotate_api_key(
    api_key: ApiKey, grace: timedelta, *, created_by: User | None = None
) -> tuple[ApiKey, str]:
    """Make a key like this one, which itself lives on for `grace` but never longer than before."""
    successor, key = create_api_key(
        api_key.account,
        api_key.name,
        api_key.scopes,
        rate_per_minute=api_key.rate_per_minute,
        created_by=created_by,
    )
    last_moment = timezone.now() + grace
    api_key.expires_at = min(last_moment, api_key.expires_at or last_moment)
    api_key.save(update_fields=["expires_at"])
    return successor, key


def add_leads(account: Account, leads: Sequence[Lead]) -> set[UUID]:
    """Add the leads whose ids are new; return the ids that were added.

    A lead whose id is there already, in this account or another, is left as it is: whoever asks
    for it by account (`leads.access`) then finds their own or nothing.
    """
    known = set(
        Lead.objects.filter(id__in=[lead.id for lead in leads]).values_list("id", flat=True)
    )
    new = [lead for lead in leads if lead.id not in known]
    for lead in new:
        lead.account = account
        lead.derive()
    Lead.objects.bulk_create(new, ignore_conflicts=True)
    return {lead.id for lead in new}


def delete_lead(lead: Lead) -> None:
    """Hide the lead from every reader; its history stays and `restore_lead` brings both back."""
    Lead.objects.filter(pk=lead.pk, deleted_at=None).update(deleted_at=timezone.now())


def restore_lead(lead: Lead) -> None:
    """Bring a deleted lead back."""
    Lead.objects.filter(pk=lead.pk).update(deleted_at=None)
