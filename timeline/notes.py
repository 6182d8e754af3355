"""Notes that people of an account write on a lead's timeline, and may mend for a while."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from leads.models import Lead, Membership
from timeline.acts import record_act
from timeline.entries import FullActivity
from timeline.models import Activity
from timeline.recording import amend_activity

# How long the writer may edit a note or take it back.
MENDABLE_FOR = timedelta(minutes=15)

ADDED, EDITED, TAKEN_BACK = "note_added", "note_edited", "note_taken_back"


class NoteRefused(Exception):
    """A note cannot be changed; `code` says why: unknown (or taken back), not_yours, too_late."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NoteChanged(Exception):
    """The note was changed meanwhile, in another window say; `text` is what it reads now."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def add(member: Membership, lead: Lead, text: str) -> UUID:
    """Record a note of the member on the lead; return the entry's id. Raises InvalidEntry."""
    return record_act(member, lead.id, ADDED, "Note", text)


def edit(member: Membership, lead: Lead, note_id: UUID, text: str, *, seen: str) -> None:
    """Change the text of the member's own note that read `seen`.

    The trace it leaves says who and when, and not what the note read before: a note that is taken
    back takes all its words along.

    Raises NoteRefused, NoteChanged and InvalidEntry.
    """
    with transaction.atomic():
        note = _mendable(member, lead, note_id)
        if note.description != seen:
            raise NoteChanged(note.description)
        if text != seen:
            amend_activity(note, activity_type=ADDED, title=note.title, description=text)
            record_act(member, lead.id, EDITED, "Note edited", "")


def take_back(member: Membership, lead: Lead, note_id: UUID) -> None:
    """Take the member's own note back: its text goes, that there was one stays.

    Raises NoteRefused.
    """
    with transaction.atomic():
        note = _mendable(member, lead, note_id)
        amend_activity(note, activity_type=TAKEN_BACK, title="Note taken back", description="")


def is_mendable(entry: FullActivity, member: Membership) -> bool:
    """Tell whether the entry is a note that the member may still edit or take back."""
    return (
        entry.activity_type == ADDED
        and entry.actor_id == member.pk
        and timezone.now() - entry.occurred_at <= MENDABLE_FOR
    )


def _mendable(member: Membership, lead: Lead, note_id: UUID) -> Activity:
    note = (
        Activity.objects.select_for_update()
        .filter(account_id=member.account_id, lead=lead, id=note_id, activity_type=ADDED)
        .first()
    )
    if note is None:
        raise NoteRefused("unknown")
    if note.actor_id != member.pk:
        raise NoteRefused("not_yours")
    if timezone.now() - note.occurred_at > MENDABLE_FOR:
        raise NoteRefused("too_late")
    return note
