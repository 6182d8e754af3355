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

from config.api_docs import document
from config.wsgi import application
from leads.models import Account, Scope
from tests.contract.page import EXAMPLE, record_example
from tests.factories import api_key
from tests.timeline.told import kept


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
    lead = record_example(account)
    _ENTRIES.update(
        {"message": str(kept(lead)[1].id), "call": str(kept(lead)[3].id)},
    )
    return api_key(account, *Scope, rate=1_000_000)[1]


_ENTRIES: dict[str, str] = {}
OF_A_CALL = set(document()["components"]["schemas"]["CallChange"]["properties"])


def map_case(_context: Any, case: Any) -> Any:
    """Ask for the lead and the entry that are there wherever an ID could be one.

    The entry is of the kind that the body could change.
    """
    kind = "call" if isinstance(case.body, dict) and OF_A_CALL & set(case.body) else "message"
    there = {"id": EXAMPLE["lead"]["id"], "entry": _ENTRIES.get(kind)}
    for name, value in (case.path_parameters or {}).items():
        if there.get(name) and _is_uuid(value):
            case.path_parameters[name] = there[name]
    return case


def map_query(_context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """Ask for what can be: no cursor can be made up, nor can signs alone be looked for."""
    if query and isinstance(query.get("cursor"), str):
        query = {**query, "cursor": ""}
    if query and isinstance(query.get("q"), str):
        query = {**query, "q": "".join(filter(str.isalnum, query["q"])) and "price"}
    return query


def _is_uuid(value: Any) -> bool:
    try:
        UUID(value)
    except (ValueError, TypeError, AttributeError):
        return False
    return True


config = schemathesis.Config.from_dict(
    {
        "seed": 1,
        # The key is the test's, so it is no parameter to make up; `ignored_auth` takes it away.
        # No schema can say of `metadata`, whatever is in it, that it holds no NUL.
        "generation": {
            "max-examples": 20,
            "with-security-parameters": False,
            "allow-x00": False,
        },
        "phases": {"coverage": {"generate-duplicate-query-parameters": True}},
        "operations": [
            # Three kinds of entries with all their fields are thousands of cases, made anew in
            # each process of the tests; test_write_history.py has the bounds of each field.
            {"include-operation-id": "recordEntries", "phases": {"coverage": {"enabled": False}}}
        ],
    }
)
schema = schemathesis.openapi.from_wsgi("/api/schema/", application, config=config)
schema.hook(map_case)
schema.hook(map_query)


@schema.parametrize()
@settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_api_keeps_what_its_document_promises(case: Any, secret: str) -> None:
    case.call_and_validate(headers={"X-API-Key": secret})
