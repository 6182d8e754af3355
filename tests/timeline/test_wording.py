"""What Leadline itself recorded, in English, as somebody who reads Spanish reads it."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from timeline.here import Here
from timeline.times import day_heading
from timeline.wording import description_of, title_of

TITLES = [
    ("status_changed", "Status changed to Won", "El estado cambió a Ganado"),
    ("status_changed", "Status changed to On hold", "Status changed to On hold"),
    ("status_changed", "Moved by the CRM", "Moved by the CRM"),
    ("owner_assigned", "Assigned to Won {}", "Asignado a Won {}"),
    ("owner_assigned", "Owner removed", "Se quitó el responsable"),
    ("owner_assigned", "Owner removed by hand", "Owner removed by hand"),
    ("note_taken_back", "Note taken back", "Nota retirada"),
    ("lead_restored", "Lead restored", "Lead restaurado"),
    ("form_submitted", "Note", "Note"),
]
DESCRIPTIONS = [
    ("status_changed", "Before: New", "Antes: Nuevo"),
    ("note_edited", "Before: New\nBefore: x", "Antes: New\nBefore: x"),
    ("note_added", "Before: New", "Before: New"),
    ("lead_edited", "Phone: — → 1\nFax: 2 → 3", "Teléfono: — → 1\nFax: 2 → 3"),
    ("imported", "", ""),
]


@pytest.mark.parametrize(("activity_type", "told", "read"), TITLES)
def test_a_title_of_our_own_is_translated_and_no_other(
    activity_type: str, told: str, read: str
) -> None:
    assert title_of(activity_type, told, "en") == told
    assert title_of(activity_type, told, "es") == read


@pytest.mark.parametrize(("activity_type", "told", "read"), DESCRIPTIONS)
def test_a_description_is_translated_but_for_what_people_wrote(
    activity_type: str, told: str, read: str
) -> None:
    assert description_of(activity_type, told, "en") == told
    assert description_of(activity_type, told, "es") == read


def test_the_heading_of_a_day_speaks_the_reader_s_language() -> None:
    day = timezone.localtime().date() - timedelta(days=3)
    with translation.override("es"):
        assert "hace 3 días" in day_heading(day, Here())
    with translation.override("en"):
        assert "3 days ago" in day_heading(day, Here())
