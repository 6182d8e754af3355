"""The text of the one statement that reads a page; `timeline.history` says its shape and why.

Every text is made of constants and the models' own names, values are parameters always. Texts
differ by filters, orders, beginnings and details; of the thousands there could be, those that are
asked for are made once and stay prepared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.db import connection

from timeline.branches import NIL_ID, TABLES, Bound, Branch, channel_of, merged, order_of, rows_of
from timeline.entries import Channel, Kind


@dataclass(frozen=True, slots=True)
class Detail:
    """What is read of an entry: one named tuple for each table, whose fields are columns."""

    message: type[Any]
    call: type[Any]
    activity: type[Any]

    @property
    def shapes(self) -> tuple[type[Any], ...]:
        return self.message, self.call, self.activity


class Begin(Enum):
    """Where a page begins: at a bound (an end of the lead's, if there is none), or at an offset.

    An offset that is deep is one worth looking up the entries by day for (`timeline.day_counts`).
    """

    BOUND = auto()
    OFFSET = auto()
    DEEP_OFFSET = auto()


_LOW = Bound("%(low_time)s", "%(low_id)s")
_HIGH = Bound("%(high_time)s", "%(high_id)s")


class Shape(NamedTuple):
    """All that makes one text of the statement differ from another.

    `is_bounded` says below (older) and above.
    """

    begin: Begin
    is_bounded: tuple[bool, bool]
    detail: Detail
    newest_first: bool
    channels: frozenset[Channel] | None
    kinds: frozenset[Kind] | None
    conditions: tuple[str, ...]


# The parts of a `Filter` that are conditions on every branch, by the field that asks for them.
CONDITIONS = {
    # Not a constant: for a direction that is rare in the table, PostgreSQL would rather read all
    # there is and sort it than walk the lead in order.
    "direction": " AND direction = (SELECT %(direction)s::varchar)",
    "words": " AND search @@ %(query)s::tsquery",
    "ids": " AND id = ANY(%(ids)s)",
}

# Texts that are kept; a client that asks for everything in every combination gets no more of our
# memory than one that asks for what people ask for.
TEXTS = 1_000

# All branches give the same columns: kind, version, the shared ones, then *slots* for what else
# there is of messages, of calls or of activities. A slot is of one type; each kind fills those of
# its types in order, and what it does not fill is null.
SHARED = ("id", "occurred_at", "channel")
KIND, VERSION, ID, OCCURRED_AT, CHANNEL = range(5)
_SLOTS = CHANNEL + 1


class Layout(NamedTuple):
    """Where a row has what: the slots' types, and for each table, in order, its shape's columns."""

    slots: tuple[str, ...]
    columns: tuple[tuple[int, ...], ...]

    @property
    def width(self) -> int:
        """Return how many columns a row has."""
        return _SLOTS + len(self.slots)


@cache
def layout(detail: Detail) -> Layout:
    slots: list[str] = []
    columns: list[tuple[int, ...]] = []
    for kind, shape in enumerate(detail.shapes):
        free = dict(enumerate(slots))
        of_shape = []
        for name in shape._fields:
            if name in SHARED:
                of_shape.append(ID + SHARED.index(name))
                continue
            sql_type = _sql_type(kind, name)
            slot = next((slot for slot in free if free[slot] == sql_type), len(slots))
            if slot in free:
                del free[slot]
            else:
                slots.append(sql_type)
            of_shape.append(_SLOTS + slot)
        columns.append(tuple(of_shape))
    return Layout(tuple(slots), tuple(columns))


class Parts(NamedTuple):
    """A statement in pieces: what comes before it, its branches, and the order of their rows."""

    ctes: list[str]
    branches: list[str]
    way: str


@lru_cache(TEXTS)
def page_statement(shape: Shape) -> str | None:
    """Return the statement, or None where nothing can match (no channel, or none of these kinds).

    Its parameters are account, lead and take; skip with an offset; time and id of the bounds there
    are; direction, query and ids with the conditions that ask for them.
    """
    parts = parts_of(shape)
    if parts is None:
        return None
    before = f"WITH {', '.join(parts.ctes)} " if parts.ctes else ""
    order = order_of(parts.way)
    return f"{before}SELECT * FROM ({merged(parts.branches)}) page {order} LIMIT %(take)s::int"


@lru_cache(TEXTS)
def parts_of(shape: Shape) -> Parts | None:
    branches = _branches(shape)
    if not branches:
        return None
    way = "DESC" if shape.newest_first else "ASC"
    conditions = "".join(CONDITIONS[name] for name in shape.conditions)
    low, high = (_LOW if shape.is_bounded[0] else None), (_HIGH if shape.is_bounded[1] else None)
    ctes = []
    if shape.begin is Begin.DEEP_OFFSET:
        ctes.append(_day(branches, newest_first=shape.newest_first))
        from_day = _FROM_DAY[shape.newest_first]
        of_day = (low, from_day) if shape.newest_first else (from_day, high)
        ctes.append(_start(branches, of_day, conditions, way, _REST))
    elif shape.begin is Begin.OFFSET:
        ctes.append(_start(branches, (low, high), conditions, way))
    if ctes and shape.newest_first:
        high = _START[shape.newest_first]
    elif ctes:
        low = _START[shape.newest_first]
    return Parts(
        ctes,
        [
            f"SELECT {_columns(branch.kind, shape.detail)} {rows_of(branch, low, high)}{conditions}"
            f" {order_of(way)} LIMIT %(take)s::int"
            for branch in branches
        ],
        way,
    )


# By whether the newest come first. Past the last entry, there is nothing to start at.
_START = {
    newest_first: Bound(
        f"coalesce((SELECT occurred_at FROM start), '{beyond}')",
        f"coalesce((SELECT id FROM start), {NIL_ID})",
        included=True,
    )
    for newest_first, beyond in ((False, "infinity"), (True, "-infinity"))
}

_SKIP = "%(skip)s::bigint"


def _start(
    branches: Sequence[Branch],
    bounds: tuple[Bound | None, Bound | None],
    conditions: str,
    way: str,
    skip: str = _SKIP,
) -> str:
    """Return the walk over keys alone that turns an offset into the position it falls on."""
    keys = merged(
        f"SELECT occurred_at, id {rows_of(branch, *bounds)}{conditions} {order_of(way)}"
        f" LIMIT {skip} + 1"
        for branch in branches
    )
    return (
        "start AS MATERIALIZED (SELECT occurred_at, id"
        f" FROM ({keys}) keys {order_of(way)} OFFSET {skip} LIMIT 1)"
    )


# What of the offset is left to walk from the day on; all of it where nothing is counted.
_REST = f"({_SKIP} - coalesce((SELECT before FROM day), 0))"

# By whether the newest come first.
_FROM_DAY = {
    False: Bound("coalesce((SELECT edge FROM day), '-infinity')", NIL_ID),
    True: Bound("coalesce((SELECT edge FROM day), 'infinity')", NIL_ID),
}

# How many days are counted as one.
_WIDTH = (
    "SELECT width FROM timeline_countedlead WHERE account_id = %(account)s AND lead_id = %(lead)s"
)


def _day(branches: Sequence[Branch], *, newest_first: bool) -> str:
    """Return the look-up of the day that an offset falls on, and of the entries `before` it.

    Its `edge` is where the day begins, on the way that is walked.
    """
    way, back = ("DESC", "ASC") if newest_first else ("ASC", "DESC")
    counted = " OR ".join(
        f"kind = {branch.kind}" + (f" AND channel = '{branch.channel}'" if branch.channel else "")
        for branch in branches
    )
    edge = f"day + ({_WIDTH}) * interval '24 hours'" if newest_first else "day"
    # Whole numbers and rows (there is one of a day): a third cheaper than what it is by default.
    before = f"sum(sum(entries)::int) OVER (ORDER BY day {way} ROWS UNBOUNDED PRECEDING)"
    return (
        f"day AS MATERIALIZED (SELECT {edge} AS edge, before"
        f" FROM (SELECT day, {before} - sum(entries) AS before"
        " FROM timeline_daycount WHERE account_id = %(account)s AND lead_id = %(lead)s"
        f" AND ({counted}) GROUP BY day) days"
        f" WHERE before <= {_SKIP} ORDER BY day {back} LIMIT 1)"
    )


def _branches(shape: Shape) -> list[Branch]:
    branches: list[Branch] = []
    for number, table in enumerate(TABLES):
        if shape.kinds is not None and table.kind not in shape.kinds:
            continue
        if "direction" in shape.conditions and table.kind is Kind.ACTIVITY:
            continue
        if shape.channels is None or table.channels <= shape.channels:
            branches.append(Branch(number, None))
        else:
            wanted = sorted(table.channels & shape.channels)
            branches += [Branch(number, channel) for channel in wanted]
    return branches


def _columns(kind: int, detail: Detail) -> str:
    places = layout(detail)
    named = dict(zip(places.columns[kind], detail.shapes[kind]._fields, strict=True))
    columns = [f"{kind} AS kind", "xmin AS version", "id", "occurred_at"]
    columns.append(f"{channel_of(kind)}::text AS channel")
    for place, sql_type in enumerate(places.slots, start=_SLOTS):
        columns.append(f"{named.get(place, 'NULL')}::{sql_type} AS slot_{place}")
    return ", ".join(columns)


def _sql_type(kind: int, name: str) -> str:
    """Return the type of the column's slot: all texts are of one."""
    # A foreign key's attribute (`actor_id`) is a column too.
    fields = {field.attname: field for field in TABLES[kind].model._meta.concrete_fields}
    sql_type = fields[name].db_type(connection)
    assert sql_type is not None  # noqa: S101 - concrete fields have columns
    return "text" if sql_type.startswith("varchar") else sql_type
