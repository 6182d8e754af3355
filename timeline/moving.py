"""Entries that came to the wrong lead, moved to the right one by people of the account."""

from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Subquery
from django.utils import translation

from leads.access import leads_of
from leads.models import Lead, Membership
from timeline import traces
from timeline.acts import record_act
from timeline.entries import Channel
from timeline.models import CallTranscript, Message
from timeline.recording import carry
from timeline.traces import MOVED

# What moves. Activities are traces of what happened to a lead, and stay.
_MOVABLE: tuple[type[Message | CallTranscript], ...] = (Message, CallTranscript)


class Gone(Exception):
    """The entry is not on the lead it is moved from: somebody moved it before, say."""


class SameLead(ValueError):
    """The entry is to move to where it is."""


class Words(NamedTuple):
    """How a trace tells of a kind of entry; `{}` is the other lead."""

    away: str
    here: str


_MESSAGE = Words("Message moved to {}", "Message moved here from {}")
_MAIL = Words("E-mail moved to {}", "E-mail moved here from {}")
_CALL = Words("Call moved to {}", "Call moved here from {}")


@transaction.atomic
def move(member: Membership, entry_id: UUID, from_id: UUID, to_id: UUID) -> Lead:
    """Move a message or a call to another lead of the member's account; return that lead.

    Its id, time and source stay, and both leads have an activity that says who moved it. Raises
    SameLead, Gone, and Lead.DoesNotExist for a lead that is not the account's or was deleted.
    """
    if from_id == to_id:
        raise SameLead
    leads = _held(member.account_id, from_id, to_id)
    row = _movable(member.account_id, from_id, entry_id)
    carry(row, to_id)
    # What is recorded reads the same for everybody, whatever language the member reads.
    with translation.override(settings.LANGUAGE_CODE):
        _tell(member, row, leads[from_id], leads[to_id])
    return leads[to_id]


def whereabouts(account_id: int, entry_id: UUID) -> Lead | None:
    """Return the account's lead that has the message or call, None if there is no such entry."""
    for model in _MOVABLE:
        rows = model._default_manager.filter(account_id=account_id, pk=entry_id)
        lead = leads_of(account_id).filter(pk=Subquery(rows.values("lead_id"))).first()
        if lead is not None:
            return lead
    return None


def _held(account_id: int, *lead_ids: UUID) -> dict[UUID, Lead]:
    """Return the leads, which nobody deletes or begins to count until the transaction ends."""
    # In the order of their ids: of two who move between them, neither waits for the other for ever.
    found = leads_of(account_id).filter(pk__in=lead_ids).order_by("pk")
    leads = {lead.pk: lead for lead in found.select_for_update(no_key=True)}
    for lead_id in lead_ids:
        if lead_id not in leads:
            raise Lead.DoesNotExist(lead_id)
    return leads


def _movable(account_id: int, lead_id: UUID, entry_id: UUID) -> Message | CallTranscript:
    for model in _MOVABLE:
        rows = model._default_manager.filter(account_id=account_id, lead_id=lead_id, pk=entry_id)
        row = rows.select_for_update().first()
        if row is not None:
            return row
    raise Gone(entry_id)


def _tell(
    member: Membership, row: Message | CallTranscript, from_lead: Lead, to_lead: Lead
) -> None:
    words = _words(row)
    of = f"It is of {row.occurred_at:%Y-%m-%d %H:%M} UTC"
    away = traces.away(row.source, row.external_id, row.pk)
    record_act(member, from_lead.pk, MOVED, words.away.format(to_lead), of, about=away)
    here = traces.here(row.pk)
    record_act(member, to_lead.pk, MOVED, words.here.format(from_lead), of, about=here)


def _words(row: Message | CallTranscript) -> Words:
    if isinstance(row, CallTranscript):
        return _CALL
    return _MAIL if row.channel == Channel.EMAIL else _MESSAGE
