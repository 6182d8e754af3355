"""Owner, colleague and stranger in every test's reach, so that a leak is an ordinary assertion."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import settings

from leads import counters
from leads.models import Account, Lead, Membership, Scope
from tests.factories import (
    AccountFactory,
    ActivityDraftFactory,
    CallDraftFactory,
    LeadFactory,
    MembershipFactory,
    MessageDraftFactory,
    api_key,
)

# The same examples in every run, however slow the machine: what passed here passes elsewhere.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def _fresh_sequences() -> None:
    """Begin the times of drafts anew: no test depends on how many were made before it."""
    for factory in (MessageDraftFactory, CallDraftFactory, ActivityDraftFactory):
        factory.reset_sequence(0, force=True)  # type: ignore[no-untyped-call] # untyped there


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    counters.forget_all_here()
    yield
    cache.clear()


@pytest.fixture
def account(db: None) -> Account:
    return AccountFactory.create(name="Acme Solar", region="CL")


@pytest.fixture
def owner(account: Account) -> Membership:
    """An admin of the account."""
    return MembershipFactory.create(
        account=account,
        role=Membership.Role.ADMIN,
        user__email="owner@acme.example.com",
        user__name="Olivia Owner",
    )


@pytest.fixture
def colleague(account: Account) -> Membership:
    """A member of the account."""
    return MembershipFactory.create(
        account=account, user__email="colleague@acme.example.com", user__name="Carlos Colleague"
    )


@pytest.fixture
def other_account(db: None) -> Account:
    return AccountFactory.create(name="Other Ltd")


@pytest.fixture
def stranger(other_account: Account) -> Membership:
    """An admin of another account."""
    return MembershipFactory.create(
        account=other_account,
        role=Membership.Role.ADMIN,
        user__email="stranger@other.example.com",
        user__name="Sam Stranger",
    )


@pytest.fixture
def lead(account: Account) -> Lead:
    return LeadFactory.create(account=account)


@pytest.fixture
def other_lead(other_account: Account) -> Lead:
    return LeadFactory.create(account=other_account)


class ApiClient:
    """A client of the public API with a key of its own."""

    def __init__(self, key: str | None) -> None:
        self.key = key
        self._client = Client(raise_request_exception=False)

    def get(self, path: str, **headers: str) -> Any:
        return self.request("GET", path, b"", **headers)

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        if self.key is not None:
            headers.setdefault("X_API_Key", self.key)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.generic(method, path, body, headers=named)

    def send(self, method: str, path: str, body: object, **headers: str) -> Any:
        """Send the body, as JSON unless it is bytes, to a path below /api/public/leads."""
        headers.setdefault("Content_Type", "application/json")
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.request(method, f"/api/public/leads{path}", raw, **headers)

    def history(self, lead: Lead | object, query: str = "", **headers: str) -> Any:
        lead_id = lead.id if isinstance(lead, Lead) else lead
        return self.get(f"/api/public/leads/{lead_id}/history{query}", **headers)


@pytest.fixture
def api(account: Account) -> ApiClient:
    """The API with a key of the account."""
    return ApiClient(api_key(account)[1])


@pytest.fixture
def full_api(account: Account) -> ApiClient:
    """The API with a key of the account that may do everything."""
    return ApiClient(api_key(account, *Scope, rate=1_000_000)[1])


@pytest.fixture
def stranger_api(other_account: Account) -> ApiClient:
    """The API with a key of the other account."""
    return ApiClient(api_key(other_account)[1])


@pytest.fixture
def anonymous_api(db: None) -> ApiClient:
    """The API without a key."""
    return ApiClient(None)
