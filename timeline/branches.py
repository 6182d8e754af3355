"""The branches that a timeline is read in: index walks over a table, or over a channel of one.

Every text is made of constants and the models' own names, values are parameters always.
"""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from timeline import entries
from timeline.entries import Channel, Kind
from timeline.models import Activity, AnyEntry, CallTranscript, Message


class Branch(NamedTuple):
    """One index walk: a table, and the channel it is held to, if any."""

    kind: int
    channel: Channel | None


class Table(NamedTuple):
    """A table of entries, and the channels its rows may have."""

    kind: Kind
    model: type[AnyEntry]
    channels: frozenset[Channel]


# In the order of `Detail.shapes`.
TABLES = (
    Table(Kind.MESSAGE, Message, frozenset(entries.SPOKEN_CHANNELS)),
    Table(Kind.CALL, CallTranscript, frozenset({Channel.CALL})),
    Table(Kind.ACTIVITY, Activity, frozenset(Channel)),
)


class Bound(NamedTuple):
    """A place in the order, as SQL, that rows stand beyond (or, if it is `included`, at)."""

    occurred_at: str
    id: str
    included: bool = False


# An id before all that entries have: with it, a bound is a time.
NIL = UUID(int=0)
NIL_ID = f"'{NIL}'::uuid"


def rows_of(branch: Branch, low: Bound | None = None, high: Bound | None = None) -> str:
    """Return FROM and WHERE of one branch, between the bounds; parameters account and lead."""
    table = TABLES[branch.kind].model._meta.db_table
    # Not a constant: where most rows have the channel, PostgreSQL would rather filter the index
    # without it, and walk the whole of a lead on which the channel is rare.
    channel = f" AND channel = (SELECT '{branch.channel}'::varchar)" if branch.channel else ""
    return (
        f"FROM {table} WHERE account_id = %(account)s AND lead_id = %(lead)s{channel}"
        f"{_beyond(low, '>')}{_beyond(high, '<')}"
    )


def _beyond(bound: Bound | None, side: str) -> str:
    if bound is None:
        return ""
    operator = f"{side}=" if bound.included else side
    return f" AND (occurred_at, id) {operator} ({bound.occurred_at}, {bound.id})"


def order_of(way: str) -> str:
    """Return the order of a timeline, by which a branch's index is walked: ASC or DESC."""
    return f"ORDER BY occurred_at {way}, id {way}"


def merged(selects: Iterable[str]) -> str:
    """Return the selects as one, in no order."""
    return " UNION ALL ".join(f"({select})" for select in selects)


def channel_of(kind: int) -> str:
    """Return the expression of a row's channel: calls have no column for it."""
    return "'call'::varchar" if TABLES[kind].kind is Kind.CALL else "channel"


# One branch for each table, whatever the channel.
WHOLE_TABLES = tuple(Branch(number, None) for number in range(len(TABLES)))

# Where one entry stands, by its id; parameters account, lead and id.
FIND = merged(
    f"SELECT occurred_at, id {rows_of(branch)} AND id = %(id)s" for branch in WHOLE_TABLES
)
