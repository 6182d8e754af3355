"""Prepared statements on Django's own connection."""

from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, DataError, OperationalError, connection, transaction

from leads import prepared

_PID = "SELECT pg_backend_pid()"
_HALF = "SELECT %(n)s::int / %(by)s::int, %(n)s::int, %(text)s::text || '100 %%'"
_PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int /%%'"


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


@pytest.mark.django_db(transaction=True)
def test_a_statement_gives_the_same_whenever_it_is_run() -> None:
    for _ in range(3):
        assert prepared.fetch_all(_HALF, {"n": 9, "by": 2, "text": "of "}) == [(4, 9, "of 100 %")]
        assert prepared.fetch_all(_HALF, {"n": None, "by": 2, "text": None}) == [(None, None, None)]
        with transaction.atomic():
            assert prepared.fetch_one(_HALF, {"n": 9, "by": 3, "text": ""}) == (3, 9, "100 %")
        transaction.set_autocommit(False)
        assert prepared.fetch_one(_HALF, {"n": 8, "by": 2, "text": ""}) == (4, 8, "100 %")
        transaction.rollback()
        transaction.set_autocommit(True)
    # Whatever was rolled back, it is prepared again.
    prepared.fetch_all(_HALF, {"n": 9, "by": 2, "text": ""})
    assert prepared.fetch_all(_PREPARED, {}) == [(0 if settings.POOLER else 1,)]


@pytest.mark.django_db(transaction=True)
def test_the_first_statement_of_a_transaction_is_in_it() -> None:
    for _ in range(2):
        with transaction.atomic():
            (first,) = prepared.fetch_all("SELECT pg_current_xact_id()::text", {})
            (second,) = prepared.fetch_all("SELECT pg_current_xact_id()::text", {})
        assert first == second


@pytest.mark.django_db(transaction=True)
def test_what_the_database_refuses_is_told_as_django_does() -> None:
    for _ in range(3):
        with pytest.raises(DataError, match="division by zero"):
            prepared.fetch_one(_HALF, {"n": 1, "by": 0, "text": ""})
        assert prepared.fetch_one(_HALF, {"n": 1, "by": 1, "text": ""}) == (1, 1, "100 %")


@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_gone_is_an_operational_error() -> None:
    for _ in range(2):
        prepared.fetch_one("SELECT 1", {})
    with pytest.raises(OperationalError):
        _ask_again_within_a_transaction()


@pytest.mark.django_db
def test_json_is_what_it_says() -> None:
    said = "SELECT '{\"é\": [1, 1.5, null, \"\\u00fc\", {}]}'::jsonb, '[]'::jsonb, null::jsonb"
    for _ in range(2):
        assert prepared.fetch_one(said, {}) == ({"é": [1, 1.5, None, "ü", {}]}, [], None)
