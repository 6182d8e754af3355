"""The statements of a request, as the database sees them: how many, and how they are planned.

They are caught on their way, so that these are the product's own, whatever it makes of a request.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import psycopg
from django.db import connection

from timeline.bench import measure
from timeline.bench.measure import Candidate


class Statement(NamedTuple):
    """What is sent to the database."""

    text: str
    parameters: Any


def statements_of(candidate: Candidate) -> list[Statement]:
    """Send one request; return its statements, those after its answer included."""
    caught: list[Statement] = []

    def catch(execute: Callable[..., Any], sql: str, parameters: Any, *rest: Any) -> Any:
        caught.append(Statement(str(sql), parameters))
        return execute(sql, parameters, *rest)

    with connection.execute_wrapper(catch):
        measure.ask(candidate)
    return caught


def count(candidate: Candidate, requests: int) -> float:
    """Return statements a request: the use of a key is written once a minute, so not a whole."""
    return sum(len(statements_of(candidate)) for _ in range(requests)) / requests


def plan(candidate: Candidate) -> str:
    """Return the plan of the request's first statement, as it ran: EXPLAIN (ANALYZE, BUFFERS)."""
    statement = statements_of(candidate)[0]
    with psycopg.Cursor(connection.connection) as cursor:
        explain = f"EXPLAIN (ANALYZE, BUFFERS) {statement.text}"
        rows = cursor.execute(explain.encode(), statement.parameters).fetchall()
    return "\n".join(line for (line,) in rows)
