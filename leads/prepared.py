"""Prepared statements with binary results, for the few reads on the way of every API request.

Django's own cursor binds parameters on the client, so that PostgreSQL parses and plans each
statement anew, and reads results as text. A server-bound, binary cursor of psycopg's on the same
connection costs a third of that. It still runs inside Django's wrapper: transactions, query logs
and query counts in tests see it like any other.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# The alias of the database that reads go to; `config.replica` sends some away from the primary.
reads_from = ContextVar("reads_from", default=DEFAULT_DB_ALIAS)


def fetch_all(statement: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """Return all rows of the statement, its parameters given as ``%(name)s``.

    `statement` must come from a bounded set of texts: each stays prepared on its connection. A
    connection that the server closed meanwhile (a restart, say) is replaced, outside of a
    transaction: asking for its health before each request would cost a statement every time.
    """
    # Django's `connection` looks this up anew for each attribute, which adds up.
    database = connections[reads_from.get()]
    try:
        return _fetch_all(database, statement, parameters)
    except DatabaseError:
        if database.in_atomic_block or database.is_usable():
            raise
        database.close()
        return _fetch_all(database, statement, parameters)


def _fetch_all(
    database: BaseDatabaseWrapper, statement: str, parameters: Mapping[str, object]
) -> list[tuple[Any, ...]]:
    database.ensure_connection()
    raw = cast("psycopg.Connection[tuple[Any, ...]]", database.connection)
    if database.queries_logged or database.execute_wrappers:
        # `_prepare_cursor` is what makes Django's logging and wrappers apply.
        with database._prepare_cursor(psycopg.Cursor(raw)) as wrapped:  # type: ignore[attr-defined]
            wrapped.cursor.format = psycopg.pq.Format.BINARY
            wrapped.execute(statement, parameters)
            return cast("list[tuple[Any, ...]]", wrapped.fetchall())
    database.validate_thread_sharing()
    with database.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        return cursor.execute(statement, parameters, binary=True).fetchall()


def fetch_one(statement: str, parameters: Mapping[str, object]) -> tuple[Any, ...] | None:
    """Return the first row of the statement, or None."""
    rows = fetch_all(statement, parameters)
    return rows[0] if rows else None
