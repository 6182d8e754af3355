"""Statements sent one after the other, for writing: PostgreSQL works on one while the next is made.

They are prepared and their results binary, as those of `leads.prepared`, and run inside Django's
wrapper like them. They go to the primary.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias, cast
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# What a statement answers, once somebody reads from it.
Answer: TypeAlias = psycopg.Cursor[tuple[Any, ...]]


class Flight:
    """Takes statements; each runs when the one before has ended, and sees what that did."""

    def __init__(self, database: BaseDatabaseWrapper) -> None:
        self.database = database
        self.connection = cast("psycopg.Connection[tuple[Any, ...]]", database.connection)
        self._is_watched = bool(database.queries_logged or database.execute_wrappers)

    def send(self, statement: str, parameters: Mapping[str, object]) -> Answer:
        """Send the statement, its parameters given as ``%(name)s``, and wait for nothing.

        `statement` must come from a bounded set of texts, as in `leads.prepared`.
        """
        cursor = psycopg.Cursor(self.connection)
        if not self._is_watched:
            return cursor.execute(statement, parameters, binary=True)
        cursor.format = psycopg.pq.Format.BINARY
        # `_prepare_cursor` is what makes Django's logging and wrappers apply.
        self.database._prepare_cursor(cursor).execute(statement, parameters)  # type: ignore[attr-defined]
        return cursor


def listed(values: Iterable[UUID | int]) -> str:
    """Return the values as a parameter that is cast to an array: psycopg would look at each."""
    return f"{{{','.join(map(str, values))}}}"


@contextmanager
def flight() -> Iterator[Flight]:
    """Give what sends. Who reads an answer waits for it, and who leaves waits for all of them.

    There it is raised if a statement fails; those after it are not run. Belongs in a transaction.
    """
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    database.validate_thread_sharing()
    sending = Flight(database)
    with database.wrap_database_errors, sending.connection.pipeline():
        yield sending
