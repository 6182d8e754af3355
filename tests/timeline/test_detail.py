"""How much of an entry is read, and the version of a page."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from leads.models import Lead, Membership
from tests.factories import (
    START,
    ActivityDraftFactory,
    CallDraftFactory,
    MessageDraftFactory,
)
from tests.timeline.told import tell
from timeline.entries import (
    Activity,
    AnyDraft,
    Call,
    Channel,
    Entry,
    EntryKey,
    FullActivity,
    FullCall,
    FullMessage,
    Message,
    MessageStatus,
)
from timeline.history import FULL, KEYS, Page, read_page
from timeline.recording import record_all


def read(lead: Lead, **asked: Any) -> Page:
    return read_page(lead.account_id, lead.pk, **{"limit": 200, **asked})


@pytest.fixture
def busy(lead: Lead) -> Lead:
    """A lead with 24 entries of all kinds and channels, three at a time at the same moment."""
    drafts: list[AnyDraft] = []
    for number in range(8):
        moment = START + timedelta(hours=number)
        spoken = [Channel.WHATSAPP, Channel.EMAIL, Channel.CALL][number % 3]
        drafts += [
            MessageDraftFactory.build(lead_id=lead.pk, occurred_at=moment, channel=spoken),
            CallDraftFactory.build(lead_id=lead.pk, occurred_at=moment),
            ActivityDraftFactory.build(
                lead_id=lead.pk, occurred_at=moment, channel=list(Channel)[number % 4]
            ),
        ]
    tell(lead, *drafts[::2], *drafts[1::2])
    return lead


# --- Detail --------------------------------------------------------------------------------------


def one(lead: Lead, **asked: Any) -> Entry:
    (entry,) = read(lead, **asked).entries
    return entry


def test_keys_are_read_without_the_texts(busy: Lead) -> None:
    whole, keys = read(busy), read(busy, detail=KEYS)
    assert keys.entries == [
        EntryKey(entry.id, entry.occurred_at, entry.channel) for entry in whole.entries
    ]


def test_a_message_is_read_as_it_was_told(lead: Lead) -> None:
    tell(lead, MessageDraftFactory.build(lead_id=lead.pk, occurred_at=START, content="Hola"))
    assert one(lead) == Message(one(lead).id, START, "whatsapp", "inbound", "Hola", "text", "sent")
    full = one(lead, detail=FULL)
    assert isinstance(full, FullMessage)
    assert (full.content, full.recipients, full.attachments, full.buttons) == ("Hola", [], [], [])
    assert (full.sent_at, full.read_at, full.subject, full.reaction) == (None, None, "", "")


def test_a_call_is_read_as_it_was_told(lead: Lead) -> None:
    turns = [{"speaker": "agent", "text": "¿Aló?", "start": 0, "end": 1.5}]
    tell(
        lead,
        CallDraftFactory.build(
            lead_id=lead.pk, occurred_at=START, turns=turns, call_successful=True
        ),
    )
    assert one(lead) == Call(
        one(lead).id,
        START,
        "call",
        185,
        "ended",
        "Discussed pricing tiers",
        "https://storage.example.com/recordings/abc123.wav",
        "positive",
    )
    full = one(lead, detail=FULL)
    assert isinstance(full, FullCall)
    assert (full.turns, full.call_successful, full.direction) == (turns, True, "")


def test_an_activity_is_read_as_it_was_told(lead: Lead, owner: Membership) -> None:
    tell(
        lead,
        ActivityDraftFactory.build(
            lead_id=lead.pk, occurred_at=START, actor_id=owner.pk, actor_name="Olivia"
        ),
    )
    assert one(lead) == Activity(
        one(lead).id,
        START,
        "system",
        "workflow_assigned",
        "Assigned to Sales Outreach",
        "Lead enrolled via API",
        "system",
    )
    full = one(lead, detail=FULL)
    assert isinstance(full, FullActivity)
    assert (full.actor_id, full.actor_name) == (owner.pk, "Olivia")


# --- Versions ------------------------------------------------------------------------------------


def test_the_version_of_a_page_is_the_same_whatever_is_read_of_it(busy: Lead) -> None:
    versions = {read(busy, detail=detail).version for detail in (KEYS, FULL)}
    assert versions == {read(busy).version}


def test_a_page_that_says_something_else_has_another_version(busy: Lead) -> None:
    told = {"lead_id": busy.pk, "occurred_at": datetime.max.replace(year=9998, tzinfo=START.tzinfo)}
    versions = [read(busy).version]
    for status in MessageStatus:
        draft = MessageDraftFactory.build(**told, external_id="m", content="", status=status)
        with transaction.atomic():  # of its own, as in life
            record_all(busy.account_id, [draft])
        versions.append(read(busy).version)
        assert read(busy).version == versions[-1]
    assert len(set(versions)) == 5


def test_an_entry_behind_the_page_changes_the_version_as_it_changes_has_more(busy: Lead) -> None:
    exact, within = read(busy, limit=24), read(busy, limit=10)
    tell(busy, MessageDraftFactory.build(lead_id=busy.pk, occurred_at=START + timedelta(days=9)))
    assert read(busy, limit=24).version != exact.version
    assert read(busy, limit=10).version == within.version
