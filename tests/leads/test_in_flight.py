"""Statements in flight: each sees what those before it did, and what fails is raised."""

from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from pytest_django import DjangoAssertNumQueries

from leads import prepared
from leads.in_flight import flight, listed
from leads.models import Account

pytestmark = pytest.mark.django_db

_KEEP = "INSERT INTO leads_account (name, region, created_at) VALUES (%(name)s, '', now())"
_NAMES = "SELECT name FROM leads_account ORDER BY name"


def test_statements_see_what_those_before_them_did() -> None:
    with flight() as sending:
        sending.send(_KEEP, {"name": "a"})
        before = sending.send(_NAMES, {})
        sending.send(_KEEP, {"name": "b"})
        assert before.fetchall() == [("a",)]  # read on the way
        after = sending.send(_NAMES, {})
    assert after.fetchall() == [("a",), ("b",)]
    assert prepared.fetch_all(_NAMES, {}) == [("a",), ("b",)]


def test_what_fails_is_raised_and_what_follows_is_not_run() -> None:
    with pytest.raises(DatabaseError, match="division by zero"):
        _fly("SELECT 1 / %(n)s::int")
    assert not Account.objects.exists()


def test_what_fails_on_our_side_undoes_what_is_in_flight() -> None:
    with pytest.raises(DatabaseError, match="parameter missing"):
        _fly("SELECT %(another)s::int")
    assert not Account.objects.exists()


@transaction.atomic
def _fly(statement: str) -> None:
    with flight() as sending:
        sending.send(_KEEP, {"name": "a"})
        sending.send(statement, {"n": 0})
        sending.send(_KEEP, {"name": "b"})


def test_statements_are_counted_like_any_other(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(2), flight() as sending:
        sending.send("SELECT 1", {})
        assert sending.send("SELECT %(n)s::int", {"n": 2}).fetchall() == [(2,)]


def test_a_list_is_a_parameter_that_is_cast() -> None:
    ids = [UUID(int=1), UUID(int=2)]
    statement = "SELECT %(ids)s::uuid[], %(numbers)s::bigint[], %(none)s::uuid[]"
    parameters = {"ids": listed(ids), "numbers": listed([1, 2**40]), "none": listed([])}
    assert prepared.fetch_all(statement, parameters) == [(ids, [1, 2**40], [])]
