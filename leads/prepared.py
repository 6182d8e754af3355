"""Prepared statements with binary results, for the few reads on the way of every API request.

Django's own cursor binds parameters on the client, so that PostgreSQL parses and plans each
statement anew, and reads results as text. A server-bound, binary cursor of psycopg's on the same
connection costs a third of that, and once psycopg has prepared a statement, sending it by libpq
itself half of the rest. It still runs inside Django's wrapper: transactions, query logs and query
counts in tests see it like any other.
"""

import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, cast

import orjson
import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.abc import Buffer
from psycopg.adapt import Loader, PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus

# The alias of the database that reads go to; `config.replica` sends some away from the primary.
reads_from = ContextVar("reads_from", default=DEFAULT_DB_ALIAS)

Row: TypeAlias = tuple[Any, ...]
Connection: TypeAlias = psycopg.Connection[Row]


def fetch_all(
    statement: str, parameters: Mapping[str, object], *, alias: str | None = None
) -> list[Row]:
    """Return all rows of the statement, its parameters given as ``%(name)s``.

    `statement` must come from a bounded set of texts: those that are asked for stay prepared on
    their connection. One that the server closed meanwhile (a restart, say) is replaced, outside of
    a transaction: asking for its health before each request would cost a statement every time.

    A statement that writes names the database by its `alias`, and returns rows too.
    """
    # Django's `connection` looks this up anew for each attribute, which adds up.
    database = connections[alias or reads_from.get()]
    try:
        return _fetch_all(database, statement, parameters)
    except DatabaseError:
        if database.in_atomic_block or database.is_usable():
            raise
        database.close()
        return _fetch_all(database, statement, parameters)


def fetch_one(statement: str, parameters: Mapping[str, object]) -> Row | None:
    """Return the first row of the statement, or None."""
    rows = fetch_all(statement, parameters)
    return rows[0] if rows else None


def _fetch_all(
    database: BaseDatabaseWrapper, statement: str, parameters: Mapping[str, object]
) -> list[Row]:
    database.ensure_connection()
    raw = cast("Connection", database.connection)
    if database.queries_logged or database.execute_wrappers:
        # `_prepare_cursor` is what makes Django's logging and wrappers apply.
        with database._prepare_cursor(psycopg.Cursor(raw)) as wrapped:  # type: ignore[attr-defined]
            wrapped.cursor.format = Format.BINARY
            wrapped.execute(statement, parameters)
            return cast("list[Row]", wrapped.fetchall())
    database.validate_thread_sharing()
    sent = _numbered(statement)
    values = [parameters[name] for name in sent.names]
    with database.wrap_database_errors:
        rows = _fetch_prepared(raw, sent.text, values)
        if rows is not None:
            return rows
        with psycopg.RawCursor(raw) as cursor:
            return cursor.execute(sent.text, values, binary=True).fetchall()


class _Json(Loader):
    """Loads jsonb by orjson: numbers beyond 64 bits, which no entry has, would lose digits."""

    format = Format.BINARY

    def load(self, data: Buffer) -> Any:
        return orjson.loads(data[1:])  # behind the version of the form


def load_json_fast(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Have a new connection's binary results load JSON so; Django's own are of text."""
    connection.connection.adapters.register_loader("jsonb", _Json)


class _Numbered(NamedTuple):
    """A statement as PostgreSQL takes it, and the names of its parameters from $1 on."""

    text: bytes
    names: tuple[str, ...]


_PARAMETER = re.compile(r"%\((\w+)\)s|%%")


# As many as there are texts of `timeline.statement`, and some.
@lru_cache(maxsize=2_500)
def _numbered(statement: str) -> _Numbered:
    numbers: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        name = match[1]
        return f"${numbers.setdefault(name, len(numbers) + 1)}" if name else "%"

    text = _PARAMETER.sub(number, statement).encode()
    return _Numbered(text, tuple(numbers))


def _fetch_prepared(raw: Connection, text: bytes, values: Sequence[object]) -> list[Row] | None:
    """Return the rows of a statement that psycopg has prepared; None where it has to run it.

    It does the first time, and where a transaction begins with it.
    """
    server = raw.pgconn
    if not raw.autocommit and server.transaction_status == TransactionStatus.IDLE:
        return None
    adapter = Transformer(raw)
    # Any: None is null there too, which is not declared.
    sent: Any = adapter.dump_sequence(values, [PyFormat.AUTO] * len(values))
    # What psycopg has prepared, and drops when it has it deallocated (after a rollback, say).
    known, key = raw._prepared._names, (text, adapter.types or ())
    name = known.get(key)
    if name is None:
        return None
    known.move_to_end(key)  # the first is what it drops next
    result = server.exec_prepared(name, sent, adapter.formats, Format.BINARY)
    if result.status != ExecStatus.TUPLES_OK:
        if server.status != ConnStatus.OK:
            raise psycopg.OperationalError(server.get_error_message())
        raise psycopg.errors.error_from_result(result, raw.info.encoding)
    adapter.set_pgresult(result)
    return adapter.load_rows(0, result.ntuples, tuple)
