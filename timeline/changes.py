"""Changes of a lead by people of its account and by its API keys, and the activities that tell."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation

from leads import services
from leads.access import leads_of
from leads.audit import Actor, acting, tell_of_lead
from leads.audit_models import Action
from leads.lead_fields import LeadChanges, merged_metadata
from leads.models import Lead, Membership
from timeline.acts import record_act, record_act_of_key

# What may be changed on a lead's page; all but the first two are told of together.
FIELDS = (
    "status",
    "owner",
    "first_name",
    "last_name",
    "phone",
    "email",
    "company",
    "title",
    "source",
)


class Stale(Exception):
    """Somebody changed the same fields since they were seen; nothing was changed.

    `lead` is the lead as it is now, `fields` names the fields that differ from what was seen.
    """

    def __init__(self, lead: Lead, fields: list[str]) -> None:
        super().__init__(", ".join(fields))
        self.lead = lead
        self.fields = fields


def change_lead(
    member: Membership, lead_id: UUID, changes: Mapping[str, Any], seen: Mapping[str, Any]
) -> Lead:
    """Set fields (of `FIELDS`; an owner is a Membership or None) and record who did it.

    `seen` holds the values of the same fields that the member had before their eyes. Raises
    Lead.DoesNotExist for a lead that is not the account's, Stale, and ValidationError.
    """
    with transaction.atomic():
        lead = leads_of(member.account_id).select_for_update(of=("self",)).get(pk=lead_id)
        before = {name: getattr(lead, name) for name in changes}
        stale = [name for name in changes if before[name] not in (seen[name], changes[name])]
        if stale:
            raise Stale(lead, stale)
        changed = [name for name in FIELDS if name in changes and changes[name] != before[name]]
        for name in changed:
            setattr(lead, name, changes[name])
        if changed:
            lead.clean_fields(exclude={"account", "metadata", "search"})
            lead.save(update_fields=changed)
            # What is recorded reads the same for everybody, whatever language the member reads.
            with translation.override(settings.LANGUAGE_CODE):
                _tell(member, lead, before, changed)
        return lead


@transaction.atomic
def change_lead_by_key(account_id: int, by: Actor, lead_id: UUID, changes: LeadChanges) -> Lead:
    """Change the fields and keys named, as an API key asks; the audit trail tells of it.

    The row is locked while its metadata is read and written, so that changes which come together
    keep each other's keys. Raises Lead.DoesNotExist for a lead that is not the account's, and
    RefusedError for too much metadata.
    """
    leads = leads_of(account_id).select_related("account", "owner__user")
    lead = leads.select_for_update(of=("self",)).get(pk=lead_id)
    before = lead.status
    changed = _take(lead, changes)
    if changed:
        lead.save(update_fields=changed)
        with acting(by):
            tell_of_lead(Action.LEAD_CHANGED, lead, ", ".join(changed))
    if "status" in changed:
        key_name = by.key.name if by.key else by.name
        told = _of_status(lead, before)
        record_act_of_key(account_id, key_name, lead.id, "status_changed", *told)
    return lead


def _take(lead: Lead, changes: LeadChanges) -> list[str]:
    """Give the lead what is new to it; return the names of the fields that changed."""
    changed = [name for name, value in changes.fields.items() if getattr(lead, name) != value]
    for name in changed:
        setattr(lead, name, changes.fields[name])
    metadata = merged_metadata(lead.metadata, changes.metadata)
    # As JSON: to Python, true and 1 are equal.
    if json.dumps(metadata, sort_keys=True) != json.dumps(lead.metadata, sort_keys=True):
        lead.metadata = metadata
        changed.append("metadata")
    return changed


@transaction.atomic
def delete_lead(member: Membership, lead: Lead) -> bool:
    """Hide the lead from every reader until it is restored; return whether it was there."""
    return services.delete_lead(lead) and _tell_of(member, lead, "lead_deleted", "Lead deleted")


@transaction.atomic
def restore_lead(member: Membership, lead: Lead) -> bool:
    """Bring a deleted lead back with its history; return whether it was deleted."""
    return services.restore_lead(lead) and _tell_of(member, lead, "lead_restored", "Lead restored")


def _tell_of(member: Membership, lead: Lead, activity_type: str, title: str) -> bool:
    record_act(member, lead.id, activity_type, title, "")
    return True


def _tell(member: Membership, lead: Lead, before: Mapping[str, Any], changed: list[str]) -> None:
    if "status" in changed:
        record_act(member, lead.id, "status_changed", *_of_status(lead, before["status"]))
    if "owner" in changed:
        title = f"Assigned to {lead.owner}" if lead.owner else "Owner removed"
        was = f"Before: {before['owner']}" if before["owner"] else ""
        record_act(member, lead.id, "owner_assigned", title, was)
    edited = [name for name in changed if name not in {"status", "owner"}]
    if edited:
        lines = [f"{_label(name)}: {_change(before[name], lead, name)}" for name in edited]
        record_act(member, lead.id, "lead_edited", "Contact details edited", "\n".join(lines))


def _of_status(lead: Lead, before: str) -> tuple[str, str]:
    """Return title and description of a status that was changed."""
    title = f"Status changed to {lead.get_status_display()}"
    return title, f"Before: {Lead.Status(before).label}"


def _label(name: str) -> str:
    return str(Lead._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]


def _change(before: str, lead: Lead, name: str) -> str:
    return f"{before or '—'} → {getattr(lead, name) or '—'}"
