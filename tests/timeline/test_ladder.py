"""How far a message got, in whatever order it is told."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from leads.models import Account, Lead
from tests.factories import (
    START,
    MessageDraftFactory,
)
from tests.timeline.told import kept
from timeline.entries import MessageDraft, MessageStatus
from timeline.recording import Outcome, record

# --- The ladder ----------------------------------------------------------------------------------


def reports(lead: Lead) -> list[MessageDraft]:
    """Return the four reports of one message's way, each with its time."""
    base: MessageDraft = MessageDraftFactory.build(
        lead_id=lead.pk, occurred_at=START, content="Hola", external_id="m"
    )
    times: list[dict[str, Any]] = [
        {"status": status, f"{status}_at": START + timedelta(seconds=number)}
        for number, status in enumerate(MessageStatus)
    ]
    return [replace(base, **time) for time in times]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_message_ends_on_the_highest_rung_reported_in_whatever_order(
    account: Account, lead: Lead, order: tuple[int, ...]
) -> None:
    told = reports(lead)
    for number in order:
        record(account.pk, told[number])
    (message,) = kept(lead)
    assert message.status == "failed"
    assert [message.sent_at, message.delivered_at, message.read_at, message.failed_at] == [
        START + timedelta(seconds=number) for number in range(4)
    ]


def test_a_report_that_moves_a_message_says_so_and_one_that_does_not_too(
    account: Account, lead: Lead
) -> None:
    sent, delivered, read, failed = reports(lead)
    told = [sent, sent, read, delivered, delivered, failed, read]
    assert [record(account.pk, report) for report in told] == [
        Outcome.CREATED,
        Outcome.UNCHANGED,
        Outcome.ADVANCED,
        Outcome.ADVANCED,  # not its status: when it was delivered was not known yet
        Outcome.UNCHANGED,
        Outcome.ADVANCED,
        Outcome.UNCHANGED,
    ]


def test_nothing_brings_a_message_down_or_back_from_failure(account: Account, lead: Lead) -> None:
    base = replace(reports(lead)[0], sent_at=None)
    for status, expected in [
        (MessageStatus.READ, "read"),
        (MessageStatus.DELIVERED, "read"),
        (MessageStatus.SENT, "read"),
        ("", "read"),
        (MessageStatus.FAILED, "failed"),
        (MessageStatus.READ, "failed"),
    ]:
        record(account.pk, replace(base, status=status))
        assert kept(lead)[0].status == expected


def test_of_two_times_for_one_rung_the_earlier_counts(account: Account, lead: Lead) -> None:
    delivered = reports(lead)[1]
    for seconds in (5, 3, 9):
        record(account.pk, replace(delivered, delivered_at=START + timedelta(seconds=seconds)))
    assert kept(lead)[0].delivered_at == START + timedelta(seconds=3)


@pytest.mark.parametrize("order", list(permutations(["", "blocked", "no such number"])))
def test_of_several_reasons_for_a_failure_one_counts_in_whatever_order_they_come(
    account: Account, lead: Lead, order: tuple[str, ...]
) -> None:
    failed = reports(lead)[3]
    for reason in order:
        record(account.pk, replace(failed, failure_reason=reason))
    assert kept(lead)[0].failure_reason == "blocked"
