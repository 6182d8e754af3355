"""The plans that read a lead of 20,000 entries among thousands of leads with a single one.

Whatever PostgreSQL knows of the values (a custom plan) or not (a generic one, which it turns to
after some runs), a page must be read from the indexes, bounded by its own size.
"""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from leads import keys, prepared
from leads.models import Account, Lead
from tests.factories import START, AccountFactory, LeadFactory, api_key
from timeline import day_counts, live
from timeline.entries import EVERYTHING, Channel, Direction, Filter, Position
from timeline.glance import glance
from timeline.history import Question, position_of, read_page
from timeline.keyed import grant_if_unchanged, keyed_statement

LIMIT = 50
TABLES = {"timeline_message", "timeline_calltranscript", "timeline_activity"}

# 14,000 messages (1,000 of them mails, 100 outbound), 2,000 calls and 4,000 activities; rows lie
# scattered. Most messages, and all activities, are of one channel, and most messages of a single
# direction, so that PostgreSQL is tempted to filter an index without the channel, and to read all
# of a table for the other direction.
FILL = """
    INSERT INTO leads_lead
        (id, account_id, created_at, updated_at, first_name, last_name, phone, phone_e164, email,
         source, company, title, status, metadata, sort_name)
    SELECT gen_random_uuid(), %(account)s, %(start)s, %(start)s, '', '', '', '', '', '', '', '',
           'new', '{}', ''
    FROM generate_series(1, 5000);
    INSERT INTO timeline_message
        (id, account_id, lead_id, occurred_at, source, external_id, channel, direction, content,
         message_type, status, subject, html, sender, recipients, media_url, attachments, reaction,
         buttons, provider_message_id, failure_reason)
    SELECT gen_random_uuid(), %(account)s, id, %(start)s, 'plan', id, 'whatsapp', 'inbound', 'Hola',
           'text', 'read', '', '', '', '[]', '', '[]', '', '[]', '', ''
    FROM leads_lead WHERE account_id = %(account)s AND id <> %(lead)s;
    INSERT INTO timeline_message
        (id, account_id, lead_id, occurred_at, source, external_id, channel, direction, content,
         message_type, status, subject, html, sender, recipients, media_url, attachments, reaction,
         buttons, provider_message_id, failure_reason)
    SELECT gen_random_uuid(), %(account)s, %(lead)s, %(start)s + n * interval '1 minute', 'plan', n,
           CASE WHEN n %% 14 = 0 THEN 'email' ELSE 'whatsapp' END,
           CASE WHEN n %% 140 = 70 THEN 'outbound' ELSE 'inbound' END, repeat('Hola ', 20), 'text',
           'read', '', '', '', '[]', '', '[]', '', '[]', '', ''
    FROM generate_series(1, 14000) n ORDER BY random();
    INSERT INTO timeline_calltranscript
        (id, account_id, lead_id, occurred_at, source, external_id, direction, call_status, summary,
         recording_url, sentiment, disconnection_reason, provider_call_id, turns)
    SELECT gen_random_uuid(), %(account)s, %(lead)s, %(start)s + n * interval '7 minutes', 'plan',
           n, 'inbound', 'ended', repeat('Hola ', 20), '', '', '', '', '[]'
    FROM generate_series(1, 2000) n ORDER BY random();
    INSERT INTO timeline_activity
        (id, account_id, lead_id, occurred_at, source, external_id, channel, activity_type, title,
         description, actor_type, actor_name)
    SELECT gen_random_uuid(), %(account)s, %(lead)s, %(start)s + n * interval '3 minutes', 'plan',
           n, 'system', 'note', 'A note', '', 'system', ''
    FROM generate_series(1, 4000) n ORDER BY random();
"""


@pytest.fixture(scope="module")
def long_lead(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Lead]:
    with django_db_blocker.unblock():
        account: Account = AccountFactory.create(name="Of the long lead")
        lead: Lead = LeadFactory.create(account=account)
        with psycopg.ClientCursor(connection.connection) as cursor:
            cursor.execute(FILL, {"account": account.pk, "lead": lead.pk, "start": START})
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"VACUUM ANALYZE {table}")
        yield lead
        account.delete()


# --- What a plan does ----------------------------------------------------------------------------


class Plan:
    """The plan of one statement, as EXPLAIN ANALYZE tells it."""

    def __init__(self, tree: dict[str, Any]) -> None:
        self.nodes = list(_walk(tree, within_start=False))
        # Pages of the database's that were looked at.
        self.buffers = tree["Shared Hit Blocks"] + tree["Shared Read Blocks"]

    def scans(
        self, tables: Collection[str] = TABLES, *, of_start: bool = False
    ) -> list[dict[str, Any]]:
        """Return the nodes that read the tables: of the page, or of the walk to where it begins."""
        return [
            node
            for node, within_start in self.nodes
            if node.get("Relation Name") in tables and within_start is of_start
        ]

    def sorted_rows(self) -> list[float]:
        """Return how many rows each sort was given."""
        return [
            sum(read(child) for child in node["Plans"])
            for node, _ in self.nodes
            if "Sort" in node["Node Type"]
        ]


def _walk(node: dict[str, Any], *, within_start: bool) -> Iterator[tuple[dict[str, Any], bool]]:
    within_start = within_start or node.get("Subplan Name") == "CTE start"
    yield node, within_start
    for child in node.get("Plans", []):
        yield from _walk(child, within_start=within_start)


def read(node: dict[str, Any]) -> float:
    """Return how many rows a node went through, those it threw away too."""
    rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return float(rows * node["Actual Loops"])


@pytest.fixture(params=["force_custom_plan", "force_generic_plan"])
def plan_mode(request: pytest.FixtureRequest) -> str:
    mode: str = request.param
    return mode


def plan_of(lead: Lead, mode: str, monkeypatch: pytest.MonkeyPatch, **asked: Any) -> Plan:
    """Return the plan of the very statement that `read_page` runs for the question."""

    def read_it() -> None:
        page = read_page(lead.account_id, lead.pk, limit=LIMIT, **asked)
        assert len(page.entries) == LIMIT
        assert page.has_more

    (plan,) = plans_of(read_it, mode, monkeypatch)
    return plan


def plans_of(read: Callable[[], object], mode: str, monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Return the plans of all prepared statements that the reading runs."""
    run: list[tuple[str, dict[str, Any]]] = []
    fetch_all = prepared.fetch_all

    def noted(statement: str, parameters: dict[str, Any]) -> Any:
        run.append((statement, parameters))
        return fetch_all(statement, parameters)

    with monkeypatch.context() as patch:
        patch.setattr(prepared, "fetch_all", noted)
        read()
    return [_explained(statement, parameters, mode) for statement, parameters in run]


def plan_of_keyed(lead: Lead, mode: str, **asked: Any) -> Plan:
    """Return the plan of the statement that a request of the API runs: key, lead and page."""
    question = Question(LIMIT, **asked)
    statement = keyed_statement(question.shape)
    assert statement is not None
    digest = keys.digest(api_key(lead.account)[1])
    return _explained(statement, {**question.parameters, "digest": digest, "lead": lead.pk}, mode)


def _explained(statement: str, parameters: dict[str, Any], mode: str) -> Plan:
    used = [name for name in parameters if f"%({name})s" in statement]
    numbered = statement % {name: f"${number}" for number, name in enumerate(used, 1)}
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL plan_cache_mode = {mode}")
    assert connection.connection is not None
    with psycopg.ClientCursor(connection.connection) as cursor:
        cursor.execute(f"PREPARE page AS {numbered}".encode())
        values = ", ".join(["%s"] * len(used))
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE page({values})".encode(),
            [parameters[name] for name in used],
        )
        row = cursor.fetchone()
        cursor.execute("DEALLOCATE page")
    assert row is not None
    (explained,) = row[0] if isinstance(row[0], list) else json.loads(row[0])
    return Plan(explained["Plan"])


def holds(plan: Plan, *, branches: int) -> None:
    """Assert what must be true of every page, wherever it begins and whatever it keeps."""
    scans = plan.scans()
    assert len(scans) == branches
    for scan in scans + plan.scans(of_start=True):
        assert scan["Node Type"] in {"Index Scan", "Index Only Scan"}
        _is_of_the_lead(scan)
        assert not scan.get("Rows Removed by Filter")
    _is_merged(scans)
    # A row at most is a page of the table's and one of the index's; a walk to a row some few.
    assert plan.buffers <= branches * (2 * (LIMIT + 1) + 10)
    assert all(rows <= branches * (LIMIT + 1) for rows in plan.sorted_rows())


def _is_merged(scans: list[dict[str, Any]]) -> None:
    """Assert that the branches were read as far as the page goes, and a row of each beyond."""
    assert sum(map(read, scans)) <= LIMIT + 1 + len(scans)


ONLY = [
    pytest.param(EVERYTHING, 3, id="everything"),
    # A branch for each table and channel, but one for a table that has no other channel.
    pytest.param(Filter(channels=frozenset({Channel.WHATSAPP})), 2, id="a frequent channel"),
    pytest.param(Filter(channels=frozenset({Channel.EMAIL})), 2, id="a rare channel"),
    pytest.param(Filter(channels=frozenset({Channel.CALL})), 3, id="calls"),
    pytest.param(
        Filter(channels=frozenset({Channel.CALL, Channel.EMAIL})), 5, id="several channels"
    ),
]


@pytest.mark.django_db
@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(("only", "branches"), ONLY)
class TestThePlan:
    def test_from_an_end_reads_no_more_than_a_page_of_each_branch(
        self,
        long_lead: Lead,
        plan_mode: str,
        monkeypatch: pytest.MonkeyPatch,
        only: Filter,
        branches: int,
        newest_first: bool,
    ) -> None:
        plan = plan_of(long_lead, plan_mode, monkeypatch, only=only, newest_first=newest_first)
        holds(plan, branches=branches)
        _channels_are_conditions(plan, only)

    def test_from_a_position_begins_there_by_an_index_condition(
        self,
        long_lead: Lead,
        plan_mode: str,
        monkeypatch: pytest.MonkeyPatch,
        only: Filter,
        branches: int,
        newest_first: bool,
    ) -> None:
        after = _somewhere(long_lead, only, newest_first=newest_first)
        plan = plan_of(
            long_lead, plan_mode, monkeypatch, only=only, newest_first=newest_first, after=after
        )
        holds(plan, branches=branches)
        _channels_are_conditions(plan, only)
        for scan in plan.scans():
            assert "(ROW(occurred_at, id) " in scan["Index Cond"]

    def test_from_an_offset_walks_keys_alone_up_to_it(
        self,
        long_lead: Lead,
        plan_mode: str,
        monkeypatch: pytest.MonkeyPatch,
        only: Filter,
        branches: int,
        newest_first: bool,
    ) -> None:
        offset = 1_000 if Channel.EMAIL not in (only.channels or ()) else 500
        plan = plan_of(
            long_lead, plan_mode, monkeypatch, only=only, newest_first=newest_first, offset=offset
        )
        walked = [scan for scan in plan.scans(of_start=True) if scan["Actual Loops"]]
        for scan in plan.scans():
            assert scan["Node Type"] == "Index Scan"
            assert "(ROW(occurred_at, id) " in scan["Index Cond"]
            assert read(scan) <= LIMIT + 1
        assert len(plan.scans()) == len(walked) == branches
        for scan in walked:
            assert scan["Node Type"] == "Index Only Scan"
            assert read(scan) <= offset + 1
        _channels_are_conditions(plan, only)


@pytest.mark.django_db
@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(("only", "branches"), ONLY)
def test_with_key_and_lead_no_more_is_read(
    long_lead: Lead, plan_mode: str, only: Filter, branches: int, newest_first: bool
) -> None:
    plan = plan_of_keyed(long_lead, plan_mode, only=only, newest_first=newest_first)
    scans = plan.scans()
    assert len(scans) == branches
    for scan in scans:
        assert scan["Node Type"] == "Index Scan"
        _is_of_the_lead(scan)
    _is_merged(scans)
    assert plan.buffers <= branches * 10 + 2 * (LIMIT + 1)
    # The one of the key is put in order with itself.
    assert all(rows <= 1 for rows in plan.sorted_rows())
    _channels_are_conditions(plan, only)


@pytest.mark.django_db
@pytest.mark.parametrize(("only", "branches"), ONLY)
def test_of_a_lead_that_is_not_there_nothing_is_read(
    long_lead: Lead, plan_mode: str, only: Filter, branches: int
) -> None:
    nobody = LeadFactory.build(account=long_lead.account)
    plan = plan_of_keyed(nobody, plan_mode, only=only)
    assert [read(scan) for scan in plan.scans()] == [0] * branches
    assert plan.buffers <= 10 * branches


@pytest.mark.django_db
@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(("only", "branches"), ONLY)
def test_between_two_times_no_more_is_read(
    long_lead: Lead,
    plan_mode: str,
    monkeypatch: pytest.MonkeyPatch,
    only: Filter,
    branches: int,
    newest_first: bool,
) -> None:
    since, until = START + timedelta(days=1), START + timedelta(days=8)
    only = replace(only, since=since, until=until)
    after = _somewhere(long_lead, only, newest_first=newest_first, offset=10)
    for begin in ({}, {"after": after}):
        plan = plan_of(
            long_lead, plan_mode, monkeypatch, only=only, newest_first=newest_first, **begin
        )
        holds(plan, branches=branches)


@pytest.mark.django_db
def test_a_deep_offset_walks_no_further_than_its_day(
    long_lead: Lead, plan_mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    day_counts.tend(long_lead.account_id, long_lead.pk)
    for newest_first in (False, True):
        plan = plan_of(long_lead, plan_mode, monkeypatch, offset=15_000, newest_first=newest_first)
        walked = plan.scans(of_start=True)
        assert len(plan.scans()) == len(walked) == 3
        for scan in walked:
            # A day has 1,440 messages, the most of any kind; fifteen thousand keys are passed over.
            assert scan["Node Type"] == "Index Only Scan"
            assert read(scan) <= 2_500


# A message on each of 3,000 days.
FILL_YEARS = """
    INSERT INTO timeline_message
        (id, account_id, lead_id, occurred_at, source, external_id, channel, direction, content,
         message_type, status, subject, html, sender, recipients, media_url, attachments, reaction,
         buttons, provider_message_id, failure_reason)
    SELECT gen_random_uuid(), %(account)s, %(lead)s, %(start)s + n * interval '1 day', 'plan', n,
           'whatsapp', 'inbound', 'Hola', 'text', 'read', '', '', '', '[]', '', '[]', '', '[]', '',
           ''
    FROM generate_series(1, 3000) n;
"""


@pytest.mark.django_db
def test_a_deep_offset_of_many_years_adds_up_few_days_and_walks_few(
    long_lead: Lead, plan_mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead: Lead = LeadFactory.create()  # among the others, of another account
    with psycopg.ClientCursor(connection.connection) as cursor:
        cursor.execute(FILL_YEARS, {"account": lead.account_id, "lead": lead.pk, "start": START})
    day_counts.tend(lead.account_id, lead.pk)
    for newest_first in (False, True):
        plan = plan_of(lead, plan_mode, monkeypatch, offset=2_500, newest_first=newest_first)
        (counts,) = plan.scans({"timeline_daycount"})
        assert read(counts) <= day_counts.MOST
        # The end of the days that are counted as one takes their width.
        widths = plan.scans({"timeline_countedlead"})
        assert [read(width) for width in widths] == ([1] if newest_first else [])
        for scan in plan.scans(of_start=True):
            assert read(scan) <= 16


@pytest.mark.django_db
@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("begins", ["from an end", "from a position", "from an offset"])
def test_a_direction_is_told_on_the_way_along_the_index(
    long_lead: Lead,
    plan_mode: str,
    monkeypatch: pytest.MonkeyPatch,
    direction: Direction,
    begins: str,
    newest_first: bool,
) -> None:
    only = Filter(direction=direction)
    asked: dict[str, Any] = {"only": only, "newest_first": newest_first}
    if begins == "from a position":
        asked["after"] = _somewhere(long_lead, only, newest_first=newest_first, offset=20)
    elif begins == "from an offset":
        asked["offset"] = 20
    plan = plan_of(long_lead, plan_mode, monkeypatch, **asked)
    # Activities have no direction.
    assert {scan["Relation Name"] for scan in plan.scans()} == TABLES - {"timeline_activity"}
    for scan in plan.scans():
        assert scan["Node Type"] == "Index Scan"
        assert "(account_id = " in scan["Index Cond"]
        assert "(lead_id = " in scan["Index Cond"]
        assert begins == "from an end" or "(ROW(occurred_at, id) " in scan["Index Cond"]
        if direction is Direction.INBOUND:
            assert read(scan) <= LIMIT + 2  # one in 140 is the other way
    assert all(rows <= 2 * (LIMIT + 1) for rows in plan.sorted_rows())


def _a_page(lead: Lead, token: str) -> None:
    assert live.changes_since(lead.account_id, lead.pk, token) is None


def _a_poll(lead: Lead, token: str) -> None:
    assert live.idle_reader("nobody's", 0, lead.pk, token) is None


def _a_client(lead: Lead, token: str) -> None:
    assert grant_if_unchanged(bytes(32), lead.pk, "3", token) is None


@pytest.mark.django_db
@pytest.mark.parametrize("asks", [_a_page, _a_poll, _a_client])
def test_who_has_the_page_looks_at_what_was_written_since_and_at_nothing_else(
    long_lead: Lead,
    plan_mode: str,
    monkeypatch: pytest.MonkeyPatch,
    asks: Callable[[Lead, str], None],
) -> None:
    token = live.token()
    (plan,) = plans_of(lambda: asks(long_lead, token), plan_mode, monkeypatch)
    assert {scan["Relation Name"] for scan in plan.scans()} == TABLES
    for scan in plan.scans():
        # How many that are depends on what else runs on the server: transactions that are open
        # anywhere keep entries from counting as seen.
        _is_of_the_lead(scan)
        assert "(changed_in >= " in scan["Index Cond"]


@pytest.mark.django_db
def test_a_lead_at_a_glance_passes_over_nothing(
    long_lead: Lead, plan_mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look() -> None:
        glance(long_lead.account_id, long_lead.pk, now=START, zone=ZoneInfo("UTC"))

    for plan in plans_of(look, plan_mode, monkeypatch):
        for scan in plan.scans():
            _is_of_the_lead(scan)
            assert not scan.get("Rows Removed by Filter")


def _is_of_the_lead(scan: dict[str, Any]) -> None:
    for column in ("account_id", "lead_id"):
        assert f"({column} = " in scan["Index Cond"]


def _channels_are_conditions(plan: Plan, only: Filter) -> None:
    for scan in plan.scans() + plan.scans(of_start=True):
        has_channels = scan["Relation Name"] != "timeline_calltranscript"
        if only.channels and has_channels:
            assert "channel" in scan["Index Cond"]


def _somewhere(lead: Lead, only: Filter, *, newest_first: bool, offset: int = 400) -> Position:
    """Return a position well inside of what the filter keeps."""
    page = read_page(
        lead.account_id, lead.pk, limit=1, offset=offset, only=only, newest_first=newest_first
    )
    return position_of(page.entries[0])
