"""Notes: written, mended for a while, taken back; always with a trace."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from leads.folding import words_to_find
from leads.models import Lead, Membership
from timeline import notes
from timeline.checks import InvalidEntry
from timeline.entries import Filter, FullActivity
from timeline.history import FULL, read_page


def entries_of(lead: Lead) -> list[FullActivity]:
    page = read_page(lead.account_id, lead.id, limit=50, detail=FULL)
    assert all(isinstance(entry, FullActivity) for entry in page.entries)
    return page.entries  # type: ignore[return-value] # asserted above


@pytest.fixture
def note(owner: Membership, lead: Lead) -> UUID:
    return notes.add(owner, lead, "Wants a quote for 12 panels")


def test_a_note_is_an_activity_of_its_writer(note: UUID, owner: Membership, lead: Lead) -> None:
    (entry,) = entries_of(lead)
    assert (entry.id, entry.activity_type, entry.description, entry.actor_type) == (
        note,
        "note_added",
        "Wants a quote for 12 panels",
        "user",
    )
    assert (entry.actor_id, entry.actor_name) == (owner.pk, "Olivia Owner")
    assert notes.is_mendable(entry, owner)


def test_an_edited_note_leaves_a_trace_of_who_and_when_but_not_of_its_words(
    note: UUID, owner: Membership, lead: Lead
) -> None:
    notes.edit(owner, lead, note, "14 panels", seen="Wants a quote for 12 panels")
    edited, trace = entries_of(lead)
    assert edited.description == "14 panels"
    assert trace.activity_type == "note_edited"
    assert (trace.actor_id, trace.description) == (owner.pk, "")


def test_a_note_taken_back_takes_all_it_ever_said_along(
    note: UUID, owner: Membership, lead: Lead
) -> None:
    notes.edit(owner, lead, note, "14 panels", seen="Wants a quote for 12 panels")
    notes.take_back(owner, lead, note)
    for word in ("panels", "quote", "12"):
        only = Filter(words=words_to_find(word))
        assert read_page(lead.account_id, lead.id, limit=50, only=only).entries == []
    assert not any("panels" in str(entry) for entry in entries_of(lead))


def test_an_edit_that_changes_nothing_leaves_no_trace(
    note: UUID, owner: Membership, lead: Lead
) -> None:
    text = "Wants a quote for 12 panels"
    notes.edit(owner, lead, note, text, seen=text)
    assert len(entries_of(lead)) == 1


def test_a_note_taken_back_leaves_that_there_was_one(
    note: UUID, owner: Membership, lead: Lead
) -> None:
    notes.take_back(owner, lead, note)
    (entry,) = entries_of(lead)
    assert (entry.activity_type, entry.description) == ("note_taken_back", "")
    with pytest.raises(notes.NoteRefused, match="unknown"):
        notes.take_back(owner, lead, note)


def test_an_edit_of_what_has_changed_meanwhile_is_told_the_new_text(
    note: UUID, owner: Membership, lead: Lead
) -> None:
    with pytest.raises(notes.NoteChanged) as changed:
        notes.edit(owner, lead, note, "mine", seen="what I saw an hour ago")
    assert changed.value.text == "Wants a quote for 12 panels"
    assert entries_of(lead)[0].description == "Wants a quote for 12 panels"


def test_a_colleague_cannot_mend_somebody_elses_note(
    note: UUID, colleague: Membership, lead: Lead
) -> None:
    with pytest.raises(notes.NoteRefused, match="not_yours"):
        notes.take_back(colleague, lead, note)
    assert not notes.is_mendable(entries_of(lead)[0], colleague)


def test_a_stranger_does_not_find_the_note(note: UUID, stranger: Membership, lead: Lead) -> None:
    with pytest.raises(notes.NoteRefused, match="unknown"):
        notes.take_back(stranger, lead, note)
    with pytest.raises(InvalidEntry, match="lead_id"):
        notes.add(stranger, lead, "hello")


def test_after_a_quarter_of_an_hour_a_note_stands(
    note: UUID, owner: Membership, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = timezone.now() + timedelta(minutes=16)
    monkeypatch.setattr(timezone, "now", lambda: later)
    with pytest.raises(notes.NoteRefused, match="too_late"):
        notes.edit(owner, lead, note, "new", seen="Wants a quote for 12 panels")
    assert not notes.is_mendable(entries_of(lead)[0], owner)


def test_a_note_too_long_or_with_a_nul_is_refused(owner: Membership, lead: Lead) -> None:
    for text in ("x" * 100_001, "a\0b"):
        with pytest.raises(InvalidEntry, match="description"):
            notes.add(owner, lead, text)
