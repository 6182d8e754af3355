"""A client that asks again and again: told in short that nothing changed, and never when it did."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from leads import services
from leads.models import Account, ApiKey, Lead, Scope
from leads.usage import usage_of
from tests.conftest import ApiClient
from tests.contract.page import record_example
from tests.factories import (
    START,
    LeadFactory,
    MembershipFactory,
    MessageDraftFactory,
    api_key,
)
from timeline import moving
from timeline.entries import MessageStatus
from timeline.models import Message
from timeline.recording import record

# What is written counts once it is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def example(account: Account) -> Lead:
    lead = record_example(account)
    record(account.pk, message(lead, MessageStatus.SENT))
    return lead


def message(lead: Lead, status: str) -> Any:
    draft = {"external_id": "last", "occurred_at": START, "content": "Hi", "status": status}
    return MessageDraftFactory.build(lead_id=lead.id, **draft)


class Poller:
    """Asks for a history with the tag of what it has."""

    def __init__(self, api: ApiClient, lead: Lead, query: str = "") -> None:
        self._api, self._lead, self._query = api, lead, query
        self.tag = api.history(lead, query).headers["ETag"]
        # Found out by reading the page, and remembered.
        assert self.ask().status_code == 304

    def ask(self, **headers: str) -> Any:
        return self._api.history(self._lead, self._query, **{"If_None_Match": self.tag, **headers})


@pytest.fixture
def poller(api: ApiClient, example: Lead) -> Poller:
    return Poller(api, example)


def test_what_is_unchanged_is_told_without_reading_the_page(poller: Poller) -> None:
    statements: list[str] = []

    def catch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(catch):
        answer = poller.ask()
    assert (answer.status_code, answer.content) == (304, b"")
    (statement,) = statements
    assert "occurred_at" not in statement


def test_it_is_the_answer_that_reading_the_page_gives(api: ApiClient, example: Lead) -> None:
    def headers_of(answer: Any) -> dict[str, str]:
        own = {"X-Request-Id", "RateLimit-Remaining", "RateLimit-Reset"}
        return {name: value for name, value in answer.items() if name not in own}

    tag = api.history(example).headers["ETag"]
    first, second = (api.history(example, If_None_Match=tag) for _ in range(2))
    assert headers_of(second) == headers_of(first)
    assert int(second["RateLimit-Remaining"]) == int(first["RateLimit-Remaining"]) - 1
    assert second["X-Request-Id"]


def _a_message_comes(lead: Lead) -> None:
    at = START + timedelta(days=1)
    record(lead.account_id, MessageDraftFactory.build(lead_id=lead.id, occurred_at=at))


def _a_message_is_read(lead: Lead) -> None:
    record(lead.account_id, message(lead, MessageStatus.READ))


def _an_entry_is_moved_away(lead: Lead) -> None:
    member = MembershipFactory.create(account=lead.account)
    target = LeadFactory.create(account=lead.account)
    moving.move(member, Message.objects.get(external_id="last").pk, lead.pk, target.pk)


def _the_lead_is_renamed(lead: Lead) -> None:
    Lead.objects.filter(pk=lead.pk).update(first_name="Johnny")


@pytest.mark.parametrize(
    "changes",
    [_a_message_comes, _a_message_is_read, _an_entry_is_moved_away, _the_lead_is_renamed],
)
def test_a_change_is_told(poller: Poller, example: Lead, changes: Callable[[Lead], None]) -> None:
    changes(example)
    answer = poller.ask()
    assert answer.status_code == 200
    assert answer.headers["ETag"] != poller.tag


def test_what_changes_behind_the_page_is_no_change_of_it(api: ApiClient, example: Lead) -> None:
    poller = Poller(api, example, "?limit=2")
    _a_message_comes(example)
    for _ in range(2):
        answer = poller.ask()
        assert (answer.status_code, answer.headers["ETag"]) == (304, poller.tag)


@contextmanager
def _recording(lead: Lead) -> Iterator[Callable[[], None]]:
    """Record a message in another transaction, which commits when it is told to."""
    written, told = Event(), Event()

    def write() -> None:
        try:
            with transaction.atomic():
                _a_message_comes(lead)
                written.set()
                told.wait(10)
        finally:
            connection.close()

    writer = Thread(target=write)
    writer.start()
    assert written.wait(10)

    def commit() -> None:
        told.set()
        writer.join(10)

    try:
        yield commit
    finally:
        commit()


def test_what_is_committed_late_is_told(api: ApiClient, example: Lead) -> None:
    with _recording(example) as commit:
        poller = Poller(api, example)
        # Written in between, and committed before.
        LeadFactory.create(account=example.account)
        assert poller.ask().status_code == 304
        commit()
        assert poller.ask().status_code == 200


def test_a_tag_is_good_for_its_question_alone(
    api: ApiClient, poller: Poller, example: Lead
) -> None:
    for query in ("?limit=1", "?order=desc", "?channel=email"):
        assert api.history(example, query, If_None_Match=poller.tag).status_code == 200
    assert poller.ask(If_None_Match='"other"').status_code == 200


def test_nobody_else_is_told(
    poller: Poller,
    example: Lead,
    account: Account,
    stranger_api: ApiClient,
    anonymous_api: ApiClient,
) -> None:
    _, other_scope = api_key(account, Scope.LEADS_READ)
    askers = {403: ApiClient(other_scope), 404: stranger_api, 401: anonymous_api}
    for status, asker in askers.items():
        assert asker.history(example, If_None_Match=poller.tag).status_code == status
    for wrong in ("nonsense", "nxr_live_" + "0" * 46):
        assert ApiClient(wrong).history(example, If_None_Match=poller.tag).status_code == 401
    assert poller.ask().status_code == 304


def test_a_key_that_is_over_opens_nothing(poller: Poller) -> None:
    ApiKey.objects.update(revoked_at=timezone.now())
    assert poller.ask().status_code == 401


def test_a_key_is_held_to_its_networks(poller: Poller) -> None:
    ApiKey.objects.update(allowed_networks=["192.0.2.0/24"])
    assert poller.ask().status_code == 401


def test_a_key_is_held_to_its_rate(account: Account, example: Lead) -> None:
    key, text = api_key(account, rate=3)
    poller = Poller(ApiClient(text), example)
    assert poller.ask().status_code == 304
    for number in range(2):
        refused = poller.ask()
        assert refused.status_code == 429
        assert refused.headers["RateLimit-Remaining"] == "0"
        key.refresh_from_db()
        assert usage_of([key])[key.pk].last_24_hours == 4 + number


def test_a_deleted_lead_is_gone(poller: Poller, example: Lead) -> None:
    services.delete_lead(example)
    assert poller.ask().status_code == 404


def test_other_methods_are_what_they_are(api: ApiClient, poller: Poller, example: Lead) -> None:
    path = f"/api/public/leads/{example.pk}/history"
    assert api.request("HEAD", path, If_None_Match=poller.tag).status_code == 304
    assert api.request("DELETE", path, If_None_Match=poller.tag).status_code == 405
