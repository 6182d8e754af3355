"""Prepared statements on Django's own connection."""

from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from leads import prepared

_PID = "SELECT pg_backend_pid()"


def _server_closes_the_connection() -> None:
    """Do what a restart of the server does to a connection that idles."""
    (pid,) = prepared.fetch_all(_PID, {})[0]
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@pytest.mark.django_db
def test_statements_are_seen_and_counted_like_any_other(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        assert prepared.fetch_one("SELECT %(n)s::int + 1", {"n": 1}) == (2,)
        assert prepared.fetch_one("SELECT 1 WHERE false", {}) is None


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_closed_is_replaced() -> None:
    _server_closes_the_connection()
    assert prepared.fetch_one("SELECT 1", {}) == (1,)


@transaction.atomic
def _ask_again_within_a_transaction() -> None:
    _server_closes_the_connection()
    prepared.fetch_one("SELECT 1", {})


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_a_lost_connection_is_an_error() -> None:
    with pytest.raises(DatabaseError):
        _ask_again_within_a_transaction()
    assert prepared.fetch_one("SELECT 1", {}) == (1,)


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_is_wrong_is_an_error_and_not_tried_again(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(1), pytest.raises(DatabaseError):
        prepared.fetch_one("SELECT no_such_column", {})
