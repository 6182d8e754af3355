"""What the head of a lead's page says."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leads.models import Account, Lead
from tests.factories import (
    START,
    ActivityDraftFactory,
    CallDraftFactory,
    LeadFactory,
    MessageDraftFactory,
)
from timeline.entries import Channel, Direction
from timeline.glance import DayCount, Glance, glance, glance_of, last_touches
from timeline.history import FULL, MAX_LIMIT, read_page
from timeline.recording import record, record_all

NOW = START + timedelta(days=2)
UTC_ZONE = ZoneInfo("UTC")


def at_a_glance(lead: Lead, zone: ZoneInfo = UTC_ZONE) -> Glance:
    """Return the glance, which is the same by statements and by the entries themselves."""
    seen = glance(lead.account_id, lead.id, now=NOW, zone=zone)
    page = read_page(lead.account_id, lead.id, limit=MAX_LIMIT, detail=FULL)
    if not page.has_more:
        assert glance_of(page.entries, now=NOW, zone=zone) == seen
    return seen


def wrote(lead: Lead, minute: int, direction: Direction, **fields: Any) -> None:
    record(
        lead.account_id,
        MessageDraftFactory.build(
            lead_id=lead.id,
            occurred_at=START + timedelta(minutes=minute),
            direction=direction,
            **fields,
        ),
    )


def called(
    lead: Lead, minute: int, direction: Direction, seconds: int | None, **fields: Any
) -> None:
    record(
        lead.account_id,
        CallDraftFactory.build(
            lead_id=lead.id,
            occurred_at=START + timedelta(minutes=minute),
            direction=direction,
            duration_seconds=seconds,
            **fields,
        ),
    )


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


def test_a_lead_with_nothing_yet_waits_for_nothing(lead: Lead) -> None:
    assert at_a_glance(lead) == Glance(None, None, None, None, dict.fromkeys(Channel, 0), [])


def test_a_lead_waits_since_the_first_of_its_unanswered_words(lead: Lead) -> None:
    wrote(lead, 0, Direction.INBOUND)
    wrote(lead, 5, Direction.OUTBOUND)
    wrote(lead, 7, Direction.INBOUND)
    wrote(lead, 9, Direction.INBOUND)
    seen = at_a_glance(lead)
    assert seen.waiting_since == minute(7)
    assert seen.first_response == timedelta(minutes=5)
    assert seen.last_inbound is not None
    assert seen.last_inbound.occurred_at == minute(9)
    assert seen.last_outbound is not None
    assert seen.last_outbound.occurred_at == minute(5)


def test_an_answer_ends_the_wait(lead: Lead) -> None:
    wrote(lead, 0, Direction.INBOUND)
    wrote(lead, 5, Direction.OUTBOUND)
    assert at_a_glance(lead).waiting_since is None


def test_a_call_on_which_both_spoke_ends_the_wait_whoever_called(lead: Lead) -> None:
    wrote(lead, 0, Direction.INBOUND)
    called(lead, 5, Direction.INBOUND, 60)
    assert at_a_glance(lead).waiting_since is None


def test_a_missed_call_from_the_lead_waits_and_one_to_the_lead_answers_nothing(lead: Lead) -> None:
    called(lead, 0, Direction.INBOUND, 0)
    called(lead, 5, Direction.OUTBOUND, None)
    assert at_a_glance(lead).waiting_since == minute(0)
    assert at_a_glance(lead).first_response is None


def test_entries_are_counted_by_channel_activities_too(lead: Lead) -> None:
    wrote(lead, 0, Direction.INBOUND)
    wrote(lead, 1, Direction.INBOUND, channel=Channel.EMAIL)
    called(lead, 2, Direction.INBOUND, 1)
    record(lead.account_id, ActivityDraftFactory.build(lead_id=lead.id, channel=Channel.CALL))
    record(lead.account_id, ActivityDraftFactory.build(lead_id=lead.id))
    assert at_a_glance(lead).counts == {
        Channel.WHATSAPP: 1,
        Channel.EMAIL: 1,
        Channel.CALL: 2,
        Channel.SYSTEM: 1,
    }


def test_days_are_the_readers_own(lead: Lead) -> None:
    at = datetime(2026, 1, 10, 1, 30, tzinfo=UTC)
    record(lead.account_id, MessageDraftFactory.build(lead_id=lead.id, occurred_at=at))
    whatsapp = Channel.WHATSAPP
    assert at_a_glance(lead).days == [DayCount(date(2026, 1, 10), whatsapp, 1)]
    there = ZoneInfo("America/Santiago")
    assert at_a_glance(lead, there).days == [DayCount(date(2026, 1, 9), whatsapp, 1)]


def test_days_before_the_last_ninety_are_left_out(lead: Lead) -> None:
    wrote(lead, -100 * 24 * 60, Direction.INBOUND)
    assert at_a_glance(lead).days == []


def test_another_accounts_lead_shows_nothing(lead: Lead, other_account: Account) -> None:
    wrote(lead, 0, Direction.INBOUND)
    seen = glance(other_account.pk, lead.id, now=NOW, zone=UTC_ZONE)
    assert seen.last_inbound is None
    assert set(seen.counts.values()) == {0}
    assert last_touches(other_account.pk, [lead.id]) == {}


def test_the_last_touches_of_many_leads_are_read_at_once(
    account: Account, django_assert_num_queries: Any
) -> None:
    leads = LeadFactory.create_batch(5, account=account)
    for lead in leads[:4]:
        wrote(lead, 0, Direction.OUTBOUND)
        called(lead, 1, Direction.INBOUND, 0)
    with django_assert_num_queries(1):
        touches = last_touches(account.pk, [lead.id for lead in leads])
    assert set(touches) == {lead.id for lead in leads[:4]}
    assert {last.touch.channel for last in touches.values()} == {Channel.CALL}
    assert all(last.is_waiting for last in touches.values())


def waits(lead: Lead) -> bool:
    """Tell whether the lead waits, and hold list and page to one answer."""
    listed = last_touches(lead.account_id, [lead.id])[lead.id].is_waiting
    assert listed == (at_a_glance(lead).waiting_since is not None)
    return listed


def test_a_message_that_failed_answers_nothing(lead: Lead) -> None:
    wrote(lead, 0, Direction.INBOUND)
    wrote(lead, 1, Direction.OUTBOUND, status="failed")
    assert waits(lead)
    assert at_a_glance(lead).first_response is None


def test_a_voicemail_is_no_talk(lead: Lead) -> None:
    wrote(lead, 0, Direction.INBOUND)
    called(lead, 1, Direction.OUTBOUND, 15, disconnection_reason="voicemail_reached")
    assert waits(lead)


def test_a_voicemail_from_the_lead_waits(lead: Lead) -> None:
    wrote(lead, 0, Direction.OUTBOUND)
    called(lead, 1, Direction.INBOUND, 15, call_status="voicemail")
    assert waits(lead)


def test_a_call_nobody_took_leaves_the_lead_waiting_as_before(lead: Lead) -> None:
    wrote(lead, 0, Direction.INBOUND)
    called(lead, 1, Direction.OUTBOUND, 0)
    assert waits(lead)
    assert last_touches(lead.account_id, [lead.id])[lead.id].touch.channel == Channel.CALL
    wrote(lead, 2, Direction.OUTBOUND)
    assert not waits(lead)


# newest touches, figures; the oldest touches where there are more than are looked at
@pytest.mark.parametrize(("entries", "statements"), [(1, 2), (199, 2), (200, 3), (250, 3)])
def test_a_glance_costs_few_statements_on_any_lead(
    lead: Lead, entries: int, statements: int, django_assert_num_queries: Any
) -> None:
    drafts = MessageDraftFactory.build_batch(
        entries, lead_id=lead.id, direction=Direction.INBOUND, channel=Channel.WHATSAPP
    )
    record_all(lead.account_id, drafts)
    with django_assert_num_queries(statements):
        seen = glance(lead.account_id, lead.id, now=NOW, zone=UTC_ZONE)
    assert seen.counts[Channel.WHATSAPP] == entries
    assert seen.waiting_since is not None
