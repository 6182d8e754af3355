"""Changes of a lead on its page, and the activities that tell of them."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from leads.models import Lead, Membership
from timeline.changes import Stale, change_lead
from timeline.entries import FullActivity
from timeline.history import FULL, read_page


def told(lead: Lead) -> list[tuple[str, str, str]]:
    page = read_page(lead.account_id, lead.id, limit=50, detail=FULL)
    return [
        (entry.activity_type, entry.title, entry.description)
        for entry in page.entries
        if isinstance(entry, FullActivity)
    ]


def test_a_status_moves_and_an_activity_says_who_moved_it(owner: Membership, lead: Lead) -> None:
    change_lead(owner, lead.id, {"status": "qualified"}, {"status": "new"})
    lead.refresh_from_db()
    assert lead.status == Lead.Status.QUALIFIED
    assert told(lead) == [("status_changed", "Status changed to Qualified", "Before: New")]


def test_what_is_told_is_in_one_language_for_all(owner: Membership, lead: Lead) -> None:
    with translation.override("es"):
        change_lead(owner, lead.id, {"status": "won"}, {"status": "new"})
    assert told(lead)[0][1] == "Status changed to Won"


def test_an_owner_is_assigned_and_removed(
    owner: Membership, colleague: Membership, lead: Lead
) -> None:
    change_lead(owner, lead.id, {"owner": colleague}, {"owner": None})
    change_lead(owner, lead.id, {"owner": None}, {"owner": colleague})
    assert [title for _, title, _ in told(lead)] == [
        "Assigned to Carlos Colleague",
        "Owner removed",
    ]


def test_contact_fields_change_together_and_are_told_once(owner: Membership, lead: Lead) -> None:
    changes = {"phone": "(2) 2345 6789", "company": "Núñez SpA"}
    change_lead(owner, lead.id, changes, {"phone": lead.phone, "company": ""})
    lead.refresh_from_db()
    assert lead.phone_e164 == "+56223456789"
    assert told(lead) == [
        (
            "lead_edited",
            "Contact details edited",
            "Phone: +56 9 1234 5678 → (2) 2345 6789\nCompany: — → Núñez SpA",
        )
    ]


def test_the_second_of_two_is_shown_what_the_first_changed(
    owner: Membership, colleague: Membership, lead: Lead
) -> None:
    change_lead(owner, lead.id, {"status": "contacted"}, {"status": "new"})
    with pytest.raises(Stale) as stale:
        change_lead(colleague, lead.id, {"status": "lost"}, {"status": "new"})
    assert stale.value.fields == ["status"]
    assert stale.value.lead.status == "contacted"
    assert len(told(lead)) == 1


def test_two_who_change_different_fields_or_agree_do_not_collide(
    owner: Membership, colleague: Membership, lead: Lead
) -> None:
    change_lead(owner, lead.id, {"company": "A"}, {"company": ""})
    change_lead(colleague, lead.id, {"title": "CEO"}, {"title": ""})
    change_lead(colleague, lead.id, {"company": "A"}, {"company": ""})
    lead.refresh_from_db()
    assert (lead.company, lead.title) == ("A", "CEO")
    assert len(told(lead)) == 2


def test_nothing_changed_tells_nothing(owner: Membership, lead: Lead) -> None:
    change_lead(owner, lead.id, {"status": "new"}, {"status": "new"})
    assert told(lead) == []


def test_a_value_that_is_none_is_refused_whole(owner: Membership, lead: Lead) -> None:
    with pytest.raises(ValidationError):
        change_lead(owner, lead.id, {"status": "nope"}, {"status": "new"})
    assert told(lead) == []


def test_a_stranger_finds_no_lead_to_change(stranger: Membership, lead: Lead) -> None:
    with pytest.raises(Lead.DoesNotExist):
        change_lead(stranger, lead.id, {"status": "won"}, {"status": "new"})
