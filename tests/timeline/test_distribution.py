"""Accounts could be spread over many databases: rows, keys and reads say whose they are."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from leads.models import Lead, Membership
from tests.conftest import ApiClient
from tests.factories import ActivityDraftFactory, CallDraftFactory, MessageDraftFactory
from timeline.recording import record_all

pytestmark = pytest.mark.django_db

BY_ACCOUNT = (Path(settings.BASE_DIR) / "docs" / "by-account.sql").read_text()

# What every database would have a copy of: few rows, and asked for before the account is known.
SHARED = {
    "leads_account",
    "leads_apikey",
    "leads_apikeyday",
    "leads_auditentry",
    "leads_membership",
    "leads_user",
    "leads_user_groups",
    "leads_user_user_permissions",
    "timeline_providerchannel",
}

_TABLES = r"""
    SELECT relname, array_agg(attname::text)
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
        AND relname ~ '^(leads|timeline)_'
    GROUP BY relname
"""

_UNIQUES = """
    SELECT indrelid::regclass::text, indexrelid::regclass::text
    FROM pg_index
    WHERE indisunique AND indrelid::regclass::text = ANY(%s) AND NOT EXISTS (
        SELECT FROM pg_attribute
        WHERE attrelid = indrelid AND attname = 'account_id' AND attnum = ANY(indkey)
    )
"""

_FOREIGN_KEYS = """
    SELECT conname::text, pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)
        AND confrelid::regclass::text = ANY(%s)
"""


def rows(statement: str, *names: list[str]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [*names] or None)
        return [*cursor.fetchall()]


@pytest.fixture
def tables() -> dict[str, list[str]]:
    """Return the columns of each table."""
    return {name: [*columns] for name, columns in rows(_TABLES)}


@pytest.fixture
def spread(tables: dict[str, list[str]]) -> list[str]:
    """Return the tables that are not `SHARED`."""
    return sorted(tables.keys() - SHARED)


def test_every_row_says_whose_it_is(tables: dict[str, list[str]], spread: list[str]) -> None:
    assert tables.keys() >= SHARED
    assert {"timeline_message", "timeline_calltranscript", "timeline_activity"} <= {*spread}
    for table in [*spread, *(name for name, columns in tables.items() if "lead_id" in columns)]:
        assert "account_id" in tables[table], table


def test_keys_can_be_made_to_say_so_too(spread: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BY_ACCOUNT)
    assert not rows(_UNIQUES, spread)
    for name, definition in rows(_FOREIGN_KEYS, spread, spread):
        ours, theirs = re.findall(r"\(([^)]*account_id[^)]*)\)", definition)[:2]
        # In the same place on both sides.
        assert ours.split(", ").index("account_id") == theirs.split(", ").index("account_id"), name


# --- What is read --------------------------------------------------------------------------------


@contextmanager
def statements() -> Iterator[list[str]]:
    """Give the texts of what is run meanwhile."""
    run: list[str] = []

    def noted(execute: Callable[..., object], sql: str, *rest: object) -> object:
        run.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(noted):
        yield run


def parts(statement: str) -> Iterator[str]:
    """Yield the statement's selects, each up to where the next one begins."""
    return (part for part in re.split(r"\bSELECT\b", statement) if part.strip())


def named(part: str, tables: list[str]) -> set[str]:
    return {
        table for table in tables if re.search(rf'\b(FROM|JOIN)\s+"?{table}\b', part) is not None
    }


# The account itself, or a range of an index that begins with it.
_OF_AN_ACCOUNT = r'account_id"? (=|IN )|\(account_id, [a-z_, ]+\) [<>]'


def not_by_account(statement: str, spread: list[str]) -> list[str]:
    """Return the selects that read of a spread table and do not say whose rows."""
    return [
        part
        for part in parts(statement)
        if named(part, spread) and not re.search(_OF_AN_ACCOUNT, part)
    ]


@pytest.mark.parametrize(
    "path",
    [
        "/api/public/leads/{lead}/history",
        "/api/public/leads/{lead}/history?channel=email,whatsapp&offset=1&limit=1",
        "/api/public/leads/{lead}/history?offset=2500",
        "/api/public/leads/{lead}/history?cursor=&limit=1&view=full&order=desc&direction=inbound",
        "/api/public/leads/{lead}",
        "/api/public/leads?limit=1",
        "/api/public/files/{lead}",
    ],
)
def test_reads_of_the_api_stay_within_the_account(
    full_api: ApiClient, lead: Lead, spread: list[str], path: str
) -> None:
    _tell_something_of(lead)
    with statements() as run:
        answer = full_api.get(path.format(lead=lead.pk))
    assert answer.status_code == 200 or "/files/" in path
    read = [statement for statement in run if named(statement, spread)]
    assert read
    for statement in read:
        assert not not_by_account(statement, spread), statement


@pytest.mark.parametrize("path", ["/leads/", "/leads/{lead}/"])
def test_reads_of_the_pages_stay_within_the_account(
    client: Client, owner: Membership, lead: Lead, spread: list[str], path: str
) -> None:
    _tell_something_of(lead)
    client.force_login(owner.user)
    with statements() as run:
        assert client.get(path.format(lead=lead.pk)).status_code == 200
    read = [statement for statement in run if named(statement, spread)]
    assert len(read) > 1
    for statement in read:
        assert not not_by_account(statement, spread), statement


def test_a_read_that_says_no_account_is_told(spread: list[str]) -> None:
    assert not_by_account("SELECT id FROM timeline_message WHERE lead_id = 1", spread)
    assert not_by_account(
        "SELECT 1 FROM leads_lead WHERE account_id = 1 UNION SELECT 2 FROM timeline_activity",
        spread,
    )
    assert not not_by_account("SELECT id FROM leads_user", spread)


def _tell_something_of(lead: Lead) -> None:
    factories = (MessageDraftFactory, CallDraftFactory, ActivityDraftFactory)
    record_all(lead.account_id, [factory.build(lead_id=lead.id) for factory in factories])
