"""With a replica: reads of the API come from it, and all else from the primary."""

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Self

import psycopg
import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from config import replica as seam
from leads.models import Account, AuditEntry, Lead, Membership
from tests.conftest import ApiClient
from tests.factories import MessageDraftFactory, api_key
from timeline.recording import record

# The replica's connection sees what is committed.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", seam.REPLICA])


@pytest.fixture(autouse=True)
def _replica(settings: Settings) -> Iterator[None]:
    """Set what `DATABASE_REPLICA_URL` sets."""
    settings.DATABASE_ROUTERS = ["config.replica.Router"]
    settings.MIDDLEWARE = [
        name.replace("config.data.DataMiddleware", "config.replica.ReplicaDataMiddleware")
        for name in settings.MIDDLEWARE
    ]
    yield
    connections[seam.REPLICA].close()


class Asked:
    """How many statements each of the two ran."""

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._captured = {
            alias: self._stack.enter_context(CaptureQueriesContext(connections[alias]))
            for alias in ("default", seam.REPLICA)
        }
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self.primary, self.replica = map(len, self._captured.values())


@pytest.fixture
def message(lead: Lead) -> None:
    record(lead.account_id, MessageDraftFactory.build(lead_id=lead.id, content="Hola"))


@pytest.mark.usefixtures("message")
@pytest.mark.parametrize(
    "path",
    [
        "/api/public/leads/{lead}/history",
        "/api/public/leads/{lead}/history?limit=1&offset=0&view=full",
        "/api/public/leads/{lead}",
        "/api/public/leads",
        "/api/public/files/{lead}",
    ],
)
def test_a_read_of_the_api_asks_the_replica_alone(
    full_api: ApiClient, lead: Lead, path: str
) -> None:
    # The first one in a minute notes that the key is used.
    first = full_api.get(path.format(lead=lead.pk))
    with Asked() as asked:
        assert full_api.get(path.format(lead=lead.pk)).content == first.content
    assert asked.replica > 0
    assert asked.primary == 0


def test_that_a_key_was_used_is_written_to_the_primary(account: Account, lead: Lead) -> None:
    key, secret = api_key(account)
    with Asked() as asked:
        assert ApiClient(secret).history(lead).status_code == 200
    assert (asked.replica, asked.primary > 0) == (1, True)
    key.refresh_from_db()
    assert key.last_used_at is not None


def test_that_a_key_was_refused_is_written_to_the_primary(account: Account, lead: Lead) -> None:
    key, secret = api_key(account)
    key.allowed_networks = ["192.0.2.0/24"]
    key.save()
    assert ApiClient(secret).history(lead).status_code == 401
    assert AuditEntry.objects.filter(action="key_refused").exists()


def test_what_writes_asks_the_primary_alone(full_api: ApiClient, lead: Lead) -> None:
    told = {"channel": "whatsapp", "direction": "inbound", "content": "Hola"}
    message = {"type": "message", "source": "crm", "external_id": "1", **told}
    with Asked() as asked:
        created = full_api.send("POST", "", {"first_name": "Ana"})
        changed = full_api.send("PATCH", f"/{lead.pk}", {"status": "won"})
        full_api.send("POST", f"/{lead.pk}/history", message)
    assert (created.status_code, changed.status_code) == (201, 200)
    assert asked.replica == 0


def test_pages_ask_the_primary_alone(client: Client, owner: Membership, lead: Lead) -> None:
    client.force_login(owner.user)
    with Asked() as asked:
        assert client.get(f"/leads/{lead.pk}/").status_code == 200
    assert asked.replica == 0


def test_while_the_replica_is_away_the_primary_answers(
    full_api: ApiClient,
    lead: Lead,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = 1_000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)

    def refused(_params: object) -> None:
        raise psycopg.OperationalError("Connection refused")

    connections[seam.REPLICA].close()
    monkeypatch.setattr(connections[seam.REPLICA], "get_new_connection", refused)

    def ask() -> list[str]:
        """Return what a read of each kind logs."""
        with caplog.at_level(logging.WARNING, "config.replica"):
            caplog.clear()
            assert full_api.history(lead).status_code == 200
            assert full_api.get("/api/public/leads").status_code == 200
        return [record.name for record in caplog.records]

    # It is tried once, and again after a while.
    assert ask() == ["config.replica"]
    assert ask() == []
    now += seam.RESPITE
    assert ask() == ["config.replica"]


def test_a_replica_that_is_back_is_read_from(full_api: ApiClient, lead: Lead) -> None:
    full_api.history(lead)
    connections[seam.REPLICA].close()
    with Asked() as asked:
        assert full_api.history(lead).status_code == 200
    assert (asked.replica, asked.primary) == (1, 0)
