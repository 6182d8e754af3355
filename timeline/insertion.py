"""Inserting many rows of a table that may be there already, and telling which were not.

Rows travel as JSON, a hundred a statement, and while PostgreSQL works on some the next are made
(`leads.in_flight`): twice as fast as a statement a row, and no slower than a COPY through a
temporary table. What is empty stays behind: reading it would cost PostgreSQL as much as the rest.
Two writers of the same row wait for each other instead of failing.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from functools import cache
from typing import Any

import orjson
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models

from leads.in_flight import Answer, Flight

# Of the rows that are inserted at once; at first fewer, since PostgreSQL has nothing to do until
# they come. A single row may be larger.
_ROWS, _FIRST_ROWS = 100, 25
_BYTES = 2_000_000


def send(
    flight: Flight,
    model: type[models.Model],
    names: tuple[str, ...],
    account_id: int,
    rows: Iterable[dict[str, Any]],
) -> list[Answer]:
    """Insert those of the account's rows that break no unique constraint.

    The answers are their (source, external id). `names` are the columns that rows have, besides the
    account. Those of a row that are "", [] or None may be missing in it; columns beyond them get
    their defaults. Values are what JSON knows, times (aware) and UUIDs; a vector for searching is
    the text of its words.
    """
    times = tuple(name for name in names if isinstance(_field(model, name), models.DateTimeField))
    statement = _statement(model, names)
    return [
        flight.send(statement, {"account": account_id, "rows": chunk})
        for chunk in _chunks(_as_json(row, times) for row in rows)
    ]


@cache
def _statement(model: type[models.Model], names: tuple[str, ...]) -> str:
    fields = [_field(model, name) for name in names]
    read = ", ".join(map(_read, fields))
    typed = ", ".join(f"{field.attname} {_read_as(field)}" for field in fields)
    return (
        f"INSERT INTO {model._meta.db_table} (account_id, {', '.join(names)})"  # noqa: S608 - names of ours
        f" SELECT %(account)s, {read} FROM json_to_recordset(%(rows)s) AS told ({typed})"
        " ON CONFLICT DO NOTHING RETURNING source, external_id"
    )


@cache
def _field(model: type[models.Model], name: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.attname == name)


def _read(field: Any) -> str:
    """Return the column of a row, which is missing if it is empty."""
    if isinstance(field, SearchVectorField):
        return f"array_to_tsvector(string_to_array({field.attname}, ' '))"
    if isinstance(field, models.JSONField):
        return f"coalesce({field.attname}, '[]')"
    is_text = isinstance(field, models.CharField | models.TextField)
    return f"coalesce({field.attname}, '')" if is_text else str(field.attname)


def _read_as(field: Any) -> str:
    return "text" if isinstance(field, SearchVectorField) else str(field.db_type(connection))


def _as_json(row: dict[str, Any], times: Sequence[str]) -> bytes:
    for name in times:
        if name in row:
            # As JSON writes them, offsets have no seconds; those of long ago do.
            row[name] = row[name].astimezone(UTC).isoformat()
    return orjson.dumps(row)


def _chunks(rows: Iterable[bytes]) -> Iterator[str]:
    """Yield the rows as JSON lists of bounded number and size."""
    chunk: list[bytes] = []
    size, most = 0, _FIRST_ROWS
    for row in rows:
        if chunk and (len(chunk) == most or size + len(row) > _BYTES):
            yield _as_list(chunk)
            chunk, size, most = [], 0, _ROWS
        chunk.append(row)
        size += len(row)
    if chunk:
        yield _as_list(chunk)


def _as_list(rows: Sequence[bytes]) -> str:
    return f"[{b','.join(rows).decode()}]"
