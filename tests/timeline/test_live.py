"""What an open page is told of what happened since it was read."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from leads import services
from leads.models import Account, Lead
from tests.factories import START, LeadFactory, MessageDraftFactory
from timeline import live
from timeline.recording import entry_id, record

# What others wrote is seen when they have committed: these tests are in no transaction themselves.
pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_new_is_told_in_one_statement(lead: Lead, django_assert_num_queries: Any) -> None:
    record(lead.account_id, MessageDraftFactory.build(lead_id=lead.id))
    token = live.token()
    with django_assert_num_queries(1):
        assert live.changes_since(lead.account_id, lead.id, token) is None


def test_a_new_entry_is_told_once(lead: Lead) -> None:
    token = live.token()
    draft = MessageDraftFactory.build(lead_id=lead.id)
    record(lead.account_id, draft)
    changes = live.changes_since(lead.account_id, lead.id, token)
    assert changes is not None
    assert [entry.id for entry in changes.entries] == [entry_id(lead.account_id, draft)]
    assert live.changes_since(lead.account_id, lead.id, changes.token) is None


def test_an_entry_that_arrives_late_is_told_like_any_other(lead: Lead) -> None:
    record(lead.account_id, MessageDraftFactory.build(lead_id=lead.id))
    token = live.token()
    draft = MessageDraftFactory.build(lead_id=lead.id, occurred_at=START - timedelta(days=300))
    record(lead.account_id, draft)
    changes = live.changes_since(lead.account_id, lead.id, token)
    assert changes is not None
    assert [entry.occurred_at for entry in changes.entries] == [draft.occurred_at]


def test_a_tick_is_told_as_a_change_of_its_message(lead: Lead) -> None:
    draft = MessageDraftFactory.build(lead_id=lead.id, status="sent", external_id="m")
    record(lead.account_id, draft)
    token = live.token()
    read = MessageDraftFactory.build(
        lead_id=lead.id,
        status="read",
        external_id="m",
        occurred_at=draft.occurred_at,
        content=draft.content,
    )
    record(lead.account_id, read)
    changes = live.changes_since(lead.account_id, lead.id, token)
    assert changes is not None
    assert [getattr(entry, "status", None) for entry in changes.entries] == ["read"]


def test_what_commits_after_a_later_one_is_not_missed(lead: Lead) -> None:
    """The slow writer begins first and commits last: a counter or a clock would lose it."""
    began, may_commit = threading.Event(), threading.Event()
    slow, quick = MessageDraftFactory.build_batch(2, lead_id=lead.id)

    def write_slowly() -> None:
        try:
            with transaction.atomic():
                record(lead.account_id, slow)
                began.set()
                may_commit.wait(timeout=10)
        finally:
            connection.close()

    writer = threading.Thread(target=write_slowly)
    writer.start()
    assert began.wait(timeout=10)
    token = live.token()
    record(lead.account_id, quick)
    first = live.changes_since(lead.account_id, lead.id, token)
    may_commit.set()
    writer.join(timeout=10)
    assert first is not None
    assert [entry.id for entry in first.entries] == [entry_id(lead.account_id, quick)]
    second = live.changes_since(lead.account_id, lead.id, first.token)
    assert second is not None
    assert [entry.id for entry in second.entries] == [entry_id(lead.account_id, slow)]


def test_more_changes_than_a_page_holds_say_so(lead: Lead) -> None:
    token = live.token()
    for draft in MessageDraftFactory.build_batch(201, lead_id=lead.id):
        record(lead.account_id, draft)
    changes = live.changes_since(lead.account_id, lead.id, token)
    assert changes is not None
    assert changes.is_partial
    assert len(changes.entries) == 200


def test_changes_of_other_leads_and_for_strangers_are_not_told(
    lead: Lead, other_account: Account
) -> None:
    token = live.token()
    record(lead.account_id, MessageDraftFactory.build(lead_id=lead.id))
    neighbour = LeadFactory.create(account=lead.account)
    assert live.changes_since(lead.account_id, neighbour.id, token) is None
    with pytest.raises(Lead.DoesNotExist):
        live.changes_since(other_account.pk, lead.id, token)


def test_a_deleted_lead_is_not_told_of(lead: Lead) -> None:
    token = live.token()
    services.delete_lead(lead)
    with pytest.raises(Lead.DoesNotExist):
        live.changes_since(lead.account_id, lead.id, token)


def test_a_token_with_transactions_in_progress_is_ours(lead: Lead) -> None:
    assert live.changes_since(lead.account_id, lead.id, "10:20:") is None
    assert live.changes_since(lead.account_id, lead.id, "10:20:10,12,19") is None


def test_a_token_of_a_time_to_come_is_none_of_ours(lead: Lead) -> None:
    """It is of another server, before a restore: nothing would ever be new to it."""
    now = int(live.token().split(":")[1])
    with pytest.raises(live.UnknownToken):
        live.changes_since(lead.account_id, lead.id, f"{now}:{now + 1000}:")


_BEYOND = 2**63
MALFORMED = ["", "x", "1:2", "1:2:3;--", "9" * 30 + ":1:", "1:2:" + "3," * 5000 + "4"]
MALFORMED += ["5:3:", "3:5:9", "3:5:5", "3:5:2", "0:0:", "0:5:", "10:20:15,12", "10:20:12,12"]
MALFORMED += [f"1:{_BEYOND}:", f"{_BEYOND}:{_BEYOND}:", f"1:{2**64}:", f"1:2:1,{2**64}"]


@pytest.mark.parametrize("token", MALFORMED)
def test_a_token_that_is_none_is_refused(lead: Lead, token: str) -> None:
    with pytest.raises(live.UnknownToken):
        live.changes_since(lead.account_id, lead.id, token)
