"""Writers of the same entries at the same time."""

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
from django.db import connection

from leads.models import Account, Lead
from tests.factories import ActivityDraftFactory, CallDraftFactory, MessageDraftFactory
from timeline.entries import AnyDraft
from timeline.models import Message
from timeline.recording import Outcome, Result, record_all

pytestmark = pytest.mark.django_db(transaction=True)


def record_at_once(account: Account, *batches: Sequence[AnyDraft]) -> list[Result]:
    """Record the batches in a thread each, all starting together; return all results."""
    together = threading.Barrier(len(batches))
    results: list[Result] = []

    def write(batch: Sequence[AnyDraft]) -> None:
        try:
            together.wait(timeout=10)
            results.extend(record_all(account.pk, batch))
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def test_the_same_history_in_opposite_orders_is_recorded_once(account: Account, lead: Lead) -> None:
    drafts: list[AnyDraft] = [
        *MessageDraftFactory.build_batch(100, lead_id=lead.id),
        *CallDraftFactory.build_batch(50, lead_id=lead.id),
        *ActivityDraftFactory.build_batch(50, lead_id=lead.id),
    ]
    results = record_at_once(account, drafts, drafts[::-1], drafts[50:] + drafts[:50])
    assert len(results) == 3 * len(drafts)
    assert results.count(Outcome.CREATED) == len(drafts)
    assert results.count(Outcome.UNCHANGED) == 2 * len(drafts)


def test_who_tells_of_known_and_new_entries_at_once_waits_for_nobody_in_a_circle(
    account: Account, lead: Lead
) -> None:
    messages = MessageDraftFactory.build_batch(120, lead_id=lead.id, status="sent")
    calls = CallDraftFactory.build_batch(120, lead_id=lead.id)
    record_all(account.pk, [*messages[::2], *calls[::2]])
    told: list[AnyDraft] = [*(replace(each, status="read") for each in messages), *calls]
    results = record_at_once(account, told, told[::-1], told[120:] + told[:120])
    assert len(results) == 3 * len(told)
    assert results.count(Outcome.CREATED) == 120
    assert results.count(Outcome.ADVANCED) == 60
    assert not Message.objects.exclude(status="read").exists()


def test_reports_of_one_message_that_come_together_all_count(account: Account, lead: Lead) -> None:
    reports = MessageDraftFactory.build_batch(
        3, lead_id=lead.id, external_id="m", occurred_at=lead.created_at, content="hi"
    )
    sent, delivered, read = (
        [replace(report, status=status)]
        for report, status in zip(reports, ("sent", "delivered", "read"), strict=True)
    )
    record_at_once(account, read, sent, delivered)
    assert Message.objects.get().status == "read"
