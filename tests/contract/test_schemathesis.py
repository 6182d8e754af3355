"""The OpenAPI document against the running API, by schemathesis: what is promised is kept.

Good and bad data, all checks it has on; in this process, without a network, the same cases always.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings

from config.wsgi import application
from leads.models import Account, Scope
from tests.contract.page import EXAMPLE, record_example
from tests.factories import api_key


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Let requests see what the test's open transaction holds, as those of Django's client do."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def secret(account: Account, _one_connection: None) -> str:
    """A key to an account that has the example's lead."""
    record_example(account)
    return api_key(account, *Scope, rate=1_000_000)[1]


def map_path_parameters(_context: Any, path_parameters: dict[str, Any]) -> dict[str, Any]:
    """Ask for the lead that is there wherever an ID could be one."""
    try:
        UUID(path_parameters["id"])
    except (ValueError, TypeError, AttributeError, KeyError):
        return path_parameters
    return {**path_parameters, "id": EXAMPLE["lead"]["id"]}


config = schemathesis.Config.from_dict(
    {
        "seed": 1,
        # The key is the test's, so it is no parameter to make up; `ignored_auth` takes it away.
        "generation": {"max-examples": 50, "with-security-parameters": False},
        "phases": {"coverage": {"generate-duplicate-query-parameters": True}},
    }
)
schema = schemathesis.openapi.from_wsgi("/api/schema/", application, config=config)
schema.hook(map_path_parameters)


@schema.parametrize()
@settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_api_keeps_what_its_document_promises(case: Any, secret: str) -> None:
    case.call_and_validate(headers={"X-API-Key": secret})
