"""Inserting many entries that may be there already, and telling which were not.

Rows travel as columns (`leads.binary_arrays`), a hundred a statement, and while PostgreSQL works on
some the next are made (`leads.in_flight`): more than twice as fast as a statement a row, and no
slower than a COPY through a temporary table. Two writers of the same row wait for each other
instead of failing. What is counted by day is counted by the same statement.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from django.db import connection, models

from leads.binary_arrays import KINDS, BinaryArray, Item, Kind
from leads.in_flight import Answer, Flight
from timeline.branches import TABLES, channel_of
from timeline.day_counts import counting

# Of the rows that are inserted at once; at first fewer, since PostgreSQL has nothing to do until
# they come. A single row may be larger.
_ROWS, _FIRST_ROWS = 100, 25
_BYTES = 2_000_000

_Row: TypeAlias = tuple[Item, ...]


class _Table(NamedTuple):
    """How rows with certain columns are inserted."""

    statement: str
    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    items: tuple[Callable[[Any], Item], ...]


def send(
    flight: Flight,
    kind: int,
    names: tuple[str, ...],
    account_id: int,
    rows: Iterable[Sequence[Any]],
    *,
    counts: bool,
) -> list[Answer]:
    """Insert those of the account's rows that break no unique constraint.

    `kind` is the table, by its place in `branches.TABLES`. With `counts`, those of leads that are
    counted by day are counted, and the leads must be held (`day_counts.hold`).
    The answers are their (source, external id). `names` are the columns of the rows' values,
    besides the account; columns beyond them get their defaults. Values are what the model's fields
    hold; a vector for searching is its words, in order.
    """
    table = _table(kind, names, counts)
    return [
        flight.send(table.statement, {"account": account_id, **_columns(table, chunk)})
        for chunk in _chunks(table, rows)
    ]


@cache
def _table(kind: int, names: tuple[str, ...], counts: bool) -> _Table:  # noqa: FBT001 - a cache's key
    model = TABLES[kind].model
    types = [_type(model, name) for name in names]
    told = (f"unnest(%({name})s::{type_}[])" for name, type_ in zip(names, types, strict=True))
    statement = (
        f"INSERT INTO {model._meta.db_table} (account_id, {', '.join(names)})"
        f" SELECT %(account)s, {', '.join(told)}"
        " ON CONFLICT DO NOTHING RETURNING source, external_id"
    )
    if counts:
        statement = (
            f"WITH made AS ({statement}, lead_id, occurred_at, {channel_of(kind)} AS channel),"
            f" counted AS ({counting(kind, 'made')}) SELECT source, external_id FROM made"
        )
    kinds = tuple(KINDS[type_] for type_ in types)
    return _Table(statement, names, kinds, tuple(kind.item for kind in kinds))


def _type(model: type[models.Model], name: str) -> str:
    field = next(field for field in model._meta.concrete_fields if field.attname == name)
    return "text" if isinstance(field, models.CharField) else str(field.db_type(connection))


def _chunks(table: _Table, rows: Iterable[Sequence[Any]]) -> Iterator[list[_Row]]:
    """Yield the rows as PostgreSQL takes them, in lists of bounded number and size."""
    chunk: list[_Row] = []
    size, most = 0, _FIRST_ROWS
    for values in rows:
        row = tuple([item(value) for item, value in zip(table.items, values, strict=True)])
        bytes_ = sum(map(len, filter(None, row)))
        if chunk and (len(chunk) == most or size + bytes_ > _BYTES):
            yield chunk
            chunk, size, most = [], 0, _ROWS
        chunk.append(row)
        size += bytes_
    if chunk:
        yield chunk


def _columns(table: _Table, chunk: Sequence[_Row]) -> dict[str, BinaryArray]:
    columns = zip(table.names, table.kinds, zip(*chunk, strict=True), strict=True)
    return {name: BinaryArray(kind, items) for name, kind, items in columns}
