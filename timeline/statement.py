"""The text of the one statement that reads a page; `timeline.history` says its shape and why.

Every text is made of constants and the models' own names, values are parameters always. The texts
are few (channel filters × orders × beginnings × details), so each is made once and stays prepared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

from django.db import connection

from timeline import entries
from timeline.entries import Channel
from timeline.models import Activity, CallTranscript, Message


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
    """Where a page begins, as a condition on the rows of every branch."""

    END = ""
    POSITION = " AND (occurred_at, id) {beyond} (%(time)s, %(id)s)"
    OFFSET = (
        " AND (occurred_at, id) {beyond}= ((SELECT occurred_at FROM start), (SELECT id FROM start))"
    )


class Branch(NamedTuple):
    """One index walk: a table, and the channel it is held to, if any."""

    kind: int
    channel: Channel | None


# The models in the order of `Detail.shapes`, with the channels their rows may have.
_TABLES: tuple[tuple[type[Message | CallTranscript | Activity], frozenset[Channel]], ...] = (
    (Message, frozenset(entries.SPOKEN_CHANNELS)),
    (CallTranscript, frozenset({Channel.CALL})),
    (Activity, frozenset(Channel)),
)

# All branches give the same columns: kind, version, the shared ones, then the columns of messages,
# of calls and of activities, those of the other two being null. A null is four bytes.
SHARED = ("id", "occurred_at", "channel")
KIND, VERSION, ID = 0, 1, 2
OWN = ID + len(SHARED)


def own_columns(shape: type[Any]) -> tuple[str, ...]:
    """Return the columns of a shape that follow the shared ones."""
    return tuple(name for name in shape._fields if name not in SHARED)


@cache
def page_statement(
    channels: frozenset[Channel] | None, begin: Begin, detail: Detail, *, newest_first: bool
) -> str:
    """Return the statement, with the parameters account, lead, take, skip, time and id.

    `channels` must not be empty: no statement reads nothing.
    """
    way = "DESC" if newest_first else "ASC"
    order = f"ORDER BY occurred_at {way}, id {way}"
    where = begin.value.format(beyond="<" if newest_first else ">")
    branches = _branches(channels)
    page = _merged(
        f"SELECT {_columns(branch.kind, detail)} {_from(branch)}{where} {order} LIMIT %(take)s::int"
        for branch in branches
    )
    start = _start(branches, order) if begin is Begin.OFFSET else ""
    return f"{start}SELECT * FROM ({page}) page {order} LIMIT %(take)s::int"


def _start(branches: Sequence[Branch], order: str) -> str:
    """Return the walk over keys alone that turns an offset into the position it falls on."""
    keys = _merged(
        f"SELECT occurred_at, id {_from(branch)} {order} LIMIT %(skip)s::bigint + 1"
        for branch in branches
    )
    return (
        "WITH start AS MATERIALIZED (SELECT occurred_at, id"
        f" FROM ({keys}) keys {order} OFFSET %(skip)s::bigint LIMIT 1) "
    )


def _branches(channels: frozenset[Channel] | None) -> list[Branch]:
    branches: list[Branch] = []
    for kind, (_model, possible) in enumerate(_TABLES):
        if channels is None or possible <= channels:
            branches.append(Branch(kind, None))
        else:
            branches += [Branch(kind, channel) for channel in sorted(possible & channels)]
    return branches


def _from(branch: Branch) -> str:
    table = _TABLES[branch.kind][0]._meta.db_table
    channel = f" AND channel = '{branch.channel}'" if branch.channel else ""
    return f"FROM {table} WHERE account_id = %(account)s AND lead_id = %(lead)s{channel}"


def _merged(selects: Any) -> str:
    return " UNION ALL ".join(f"({select})" for select in selects)


def _columns(kind: int, detail: Detail) -> str:
    channel = "'call'::varchar AS channel" if _TABLES[kind][0] is CallTranscript else "channel"
    columns = [f"{kind} AS kind", "xmin::text AS version", "id", "occurred_at", channel]
    for other, shape in enumerate(detail.shapes):
        for name in own_columns(shape):
            value = name if other == kind else f"NULL::{_sql_type(other, name)}"
            columns.append(f"{value} AS {name}_{other}")
    return ", ".join(columns)


def _sql_type(kind: int, name: str) -> str:
    # A foreign key's attribute (`actor_id`) is a column too.
    fields = {field.attname: field for field in _TABLES[kind][0]._meta.concrete_fields}
    sql_type = fields[name].db_type(connection)
    assert sql_type is not None  # noqa: S101 - concrete fields have columns
    return sql_type
