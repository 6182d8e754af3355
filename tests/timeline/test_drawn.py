"""Entries that were drawn before look as if they were drawn just now, to everybody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.template import engines
from django.utils import timezone, translation
from markupsafe import Markup

from leads.models import Lead, Membership
from tests.factories import START, ActivityDraftFactory, MessageDraftFactory
from tests.timeline.test_pages import a_bit_of_everything, tell
from timeline import drawn, notes
from timeline.entries import AnyDraft
from timeline.here import Here
from timeline.history import FULL, read_page
from timeline.presenting import show_all
from timeline.recording import record
from timeline.shown import Reading, Shown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_is_drawn_yet() -> Iterator[None]:
    drawn.forget()
    yield
    drawn.forget()


def shown_of(lead: Lead, reading: Reading) -> list[Shown]:
    page = read_page(lead.account_id, lead.pk, limit=50, detail=FULL)
    return show_all(page.entries, reading)


def draw(lead: Lead, reading: Reading) -> str:
    source = '{% from "timeline/_entries.html" import entries %}{{ entries(all, "") }}'
    with translation.override(reading.here.language):
        template: Any = engines["jinja2"].from_string(source)
        return str(template.render({"all": shown_of(lead, reading)}))


def readings_of(lead: Lead, member: Membership) -> list[Reading]:
    now = timezone.now()
    soon = START + timedelta(hours=1)
    here = [
        Here(zone=ZoneInfo(zone), language=language, now=at)
        for zone in ("UTC", "Asia/Tokyo")
        for language in ("en", "es")
        for at in (now, soon)
    ]
    readers = [Reading(lead.pk, reader, here=each) for reader in (None, member) for each in here]
    return [
        *readers,
        replace(readers[-1], words=("terms",)),
        replace(readers[-1], whole=True),
    ]


def test_whoever_saw_it_before(lead: Lead, colleague: Membership) -> None:
    tell(lead, *a_bit_of_everything(lead, 20))
    readings = readings_of(lead, colleague)
    anew = []
    for reading in readings:
        drawn.forget()
        anew.append(draw(lead, reading))
    assert len(set(anew)) == len(readings)
    for _ in range(2):
        assert [draw(lead, reading) for reading in readings] == anew


def test_whatever_changed(lead: Lead, colleague: Membership) -> None:
    reading = Reading(lead.pk, colleague)
    seen = set()
    for status in ("sent", "delivered", "read"):
        with transaction.atomic():
            record(
                lead.account_id,
                MessageDraftFactory.build(
                    lead_id=lead.pk,
                    external_id="m",
                    occurred_at=lead.created_at - timedelta(9),
                    direction="outbound",
                    content="Hola",
                    status=status,
                ),
            )
        seen.add(draw(lead, reading))
    assert len(seen) == 3


def test_what_is_settled_is_drawn_once(lead: Lead, colleague: Membership) -> None:
    now = timezone.now()
    drafts: list[AnyDraft] = [
        MessageDraftFactory.build(lead_id=lead.pk, occurred_at=now - timedelta(days=1)),
        MessageDraftFactory.build(lead_id=lead.pk, occurred_at=now - timedelta(hours=1)),
        MessageDraftFactory.build(lead_id=lead.pk, occurred_at=now + timedelta(hours=1)),
        ActivityDraftFactory.build(
            lead_id=lead.pk, occurred_at=now - timedelta(days=1), activity_type=notes.ADDED
        ),
    ]
    ids = tell(lead, *drafts)
    calls: list[str] = []

    def macro(shown: Shown) -> Markup:
        calls.append(shown.id)
        return Markup(shown.id)

    for _ in range(2):
        for shown in shown_of(lead, Reading(lead.pk, colleague)):
            assert drawn.drawn(shown, macro) == shown.id
    settled, *others = map(str, ids)
    assert calls.count(settled) == 1
    assert [calls.count(other) for other in others] == [2, 2, 2]
