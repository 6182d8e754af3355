"""What changed on a lead's timeline since a page of it was read.

A page remembers a token of when it was read (`timeline.snapshots`), so what was recorded late, or
committed late, is seen like anything else. Nothing is counted or kept for it, so writers to one
lead do not wait for each other.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from leads import prepared
from leads.access import LEAD_ROW, SHOWN, SHOWN_COLUMNS
from leads.models import Lead
from leads.rows import made_of
from timeline.branches import Branch, rows_of
from timeline.entries import Entry, Filter, FullActivity
from timeline.history import FULL, MAX_LIMIT, read_page
from timeline.snapshots import IS_TO_COME, TOKEN, WRITTEN_SINCE
from timeline.traces import MOVED, gone

# PostgreSQL's text of a snapshot: xmin:xmax:transactions in progress.
_TOKEN = re.compile(r"\d{1,20}:\d{1,20}:(?:\d{1,20}(?:,\d{1,20}){0,500})?", re.ASCII)

# Every transaction's number is below.
_BEYOND = 2**63

_OPEN = f"SELECT {TOKEN}, {SHOWN_COLUMNS} {LEAD_ROW}"

# No row is no such lead, an id of null is nothing changed.
_CHANGED = (
    f"SELECT {TOKEN}, {IS_TO_COME}, id"
    f" FROM (SELECT 1 {LEAD_ROW}) lead LEFT JOIN ({WRITTEN_SINCE}) changed ON true"
    " LIMIT %(take)s::int"
)

# The session, who reads the lead by it, if they may, and whether nothing changed.
_IDLE = f"""
    WITH reader AS MATERIALIZED (
        SELECT s.session_data, u.password, l.account_id,
            (SELECT count(*) FROM leads_membership WHERE user_id = u.id) AS memberships
        FROM django_session s, leads_user u
        JOIN leads_membership m ON m.user_id = u.id
        JOIN leads_lead l ON l.account_id = m.account_id
        WHERE s.session_key = %(session)s AND s.expire_date > now()
          AND u.id = %(user)s AND u.is_active AND l.id = %(lead)s AND l.deleted_at IS NULL
    )
    SELECT reader.* FROM reader WHERE NOT {IS_TO_COME} AND NOT EXISTS (
        {WRITTEN_SINCE.replace("%(account)s", "(SELECT account_id FROM reader)")}
    )
"""


# What the traces of moves say of which entry.
_TRACES = (
    f"SELECT external_id {rows_of(Branch(2, None))} AND id = ANY(%(ids)s) ORDER BY occurred_at, id"
)


class Changes(NamedTuple):
    """Entries that are new or changed, oldest first, and the token to ask with next.

    `gone` are entries that were moved to another lead meanwhile. `is_partial` says that there are
    more changes than these: better read the page anew.
    """

    entries: list[Entry]
    token: str
    is_partial: bool
    gone: list[UUID]


class Reader(NamedTuple):
    """Who may read a lead: what their session holds and their password, as they are stored, the
    lead's account, and in how many accounts they are.
    """

    session_data: str
    password: str
    account_id: int
    memberships: int


class UnknownToken(ValueError):
    """The token is none of ours: the page must be read anew."""


class Opened(NamedTuple):
    """A lead, and the token of when it was read: read the page after it."""

    lead: Lead
    token: str


def open_lead(account_id: int, lead_id: UUID) -> Opened | None:
    """Return the account's lead with the token of now, or None if it has no such lead."""
    row = prepared.fetch_one(_OPEN, {"account": account_id, "lead": lead_id})
    return Opened(made_of(Lead, SHOWN, row[1:]), row[0]) if row else None


def token() -> str:
    """Return the token of now. Take it before reading the page it is for."""
    row = prepared.fetch_one(f"SELECT {TOKEN}", {})
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return str(row[0])


def changes_since(account_id: int, lead_id: UUID, token: str) -> Changes | None:
    """Return what is new or changed on the account's lead since the token, or None for nothing.

    Costs one statement when nothing changed. Raises UnknownToken, and Lead.DoesNotExist for a lead
    that is not the account's or was deleted.
    """
    if not _is_snapshot(token):
        raise UnknownToken(token)
    rows = prepared.fetch_all(
        _CHANGED,
        {"account": account_id, "lead": lead_id, "token": token, "take": MAX_LIMIT + 1},
    )
    if not rows:
        raise Lead.DoesNotExist(lead_id)
    now, is_to_come, first = rows[0]
    if is_to_come:
        raise UnknownToken(token)
    if first is None:
        return None
    ids = tuple(row[2] for row in rows[:MAX_LIMIT])
    page = read_page(account_id, lead_id, limit=MAX_LIMIT, only=Filter(ids=ids), detail=FULL)
    return Changes(
        page.entries,
        token=now,
        is_partial=len(rows) > MAX_LIMIT,
        gone=_gone(account_id, lead_id, page.entries),
    )


def idle_reader(session_key: str, user_id: int, lead_id: UUID, token: str) -> Reader | None:
    """Return who asks for changes, if they may and there are none; None whatever else is the case.

    Costs one statement. Whether the session is the user's is for the caller to find out.
    """
    if not _is_snapshot(token):
        return None
    asked = {"session": session_key, "user": user_id, "lead": lead_id, "token": token, "take": 1}
    row = prepared.fetch_one(_IDLE, asked)
    return Reader._make(row) if row else None


def _gone(account_id: int, lead_id: UUID, changed: Sequence[Entry]) -> list[UUID]:
    """Return the entries of whose move away the changed ones tell, less those that are back."""
    traces = [
        entry.id
        for entry in changed
        if isinstance(entry, FullActivity) and entry.activity_type == MOVED
    ]
    if not traces:
        return []
    parameters = {"account": account_id, "lead": lead_id, "ids": traces}
    told = [gone(external_id) for (external_id,) in prepared.fetch_all(_TRACES, parameters)]
    present = {entry.id for entry in changed}
    return [entry_id for entry_id in told if entry_id and entry_id not in present]


def _is_snapshot(text: str) -> bool:
    """Tell whether PostgreSQL would take the text for a snapshot."""
    if not _TOKEN.fullmatch(text):
        return False
    low, high, *running = (int(number) for number in re.split("[:,]", text) if number)
    return (
        0 < low <= high < _BEYOND
        and running == sorted(set(running))
        and all(low <= number < high for number in running)
    )
