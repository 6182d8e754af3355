"""Columns sent in PostgreSQL's own form come back as what was sent."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import DataError, connection
from hypothesis import given
from hypothesis import strategies as st

from leads import prepared
from leads.binary_arrays import KINDS, BinaryArray

pytestmark = pytest.mark.django_db

_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
_WORDS = st.lists(st.text("abcäß漢🙂", min_size=1), unique=True).map(sorted)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner),
)
_TIMES = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001 - as above
    timezones=st.integers(-86399, 86399).map(lambda s: timezone(timedelta(seconds=s))),
)

_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "bigint": st.none() | st.integers(-(2**63), 2**63 - 1),
    "boolean": st.none() | st.booleans(),
    "integer": st.none() | st.integers(-(2**31), 2**31 - 1),
    "jsonb": _JSON,
    "text": _TEXTS,
    "timestamp with time zone": st.none() | _TIMES,
    "tsvector": _WORDS,
    "uuid": st.uuids(),
}


def sent(kind: str, values: list[Any]) -> BinaryArray:
    return BinaryArray(KINDS[kind], [KINDS[kind].item(value) for value in values])


def back(kind: str, values: list[Any]) -> list[Any]:
    statement = f"SELECT unnest(%(values)s::{kind}[])"
    return [value for (value,) in prepared.fetch_all(statement, {"values": sent(kind, values)})]


def test_every_kind_is_tried() -> None:
    assert _VALUES.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", sorted(_VALUES.keys() - {"tsvector"}))
@given(data=st.data())
def test_values_come_back(kind: str, data: st.DataObject) -> None:
    values = data.draw(st.lists(_VALUES[kind], min_size=1))
    assert back(kind, values) == values


@given(st.lists(_WORDS, min_size=1))
def test_words_are_the_vector_that_postgresql_makes_of_them(values: list[list[str]]) -> None:
    statement = """
        SELECT sent::text = made::text, sent = made FROM (
            SELECT unnest(%(values)s::tsvector[]) AS sent,
                array_to_tsvector(ARRAY(
                    SELECT jsonb_array_elements_text(unnest(%(words)s::jsonb[]))
                )) AS made
        ) both_ways
    """
    for words in values:
        parameters = {"values": sent("tsvector", [words]), "words": sent("jsonb", [words])}
        assert prepared.fetch_all(statement, parameters) == [(True, True)]


@pytest.mark.parametrize("values", [[None, 1, None], [None, None], [7, 7, 7], [0]])
def test_what_all_rows_share_and_what_they_do_not(values: list[int | None]) -> None:
    assert back("integer", values) == values


def test_lists_that_only_python_holds_equal_stay_apart() -> None:
    values = [[1], [True], [1.0]]
    assert list(map(repr, back("jsonb", values))) == ["[1]", "[True]", "[1.0]"]


def test_times_are_of_one_moment_in_whatever_zone() -> None:
    noon = datetime(2026, 3, 29, 12, tzinfo=UTC)
    at_home = noon.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert back("timestamp with time zone", [at_home]) == [noon]


def test_what_is_no_text_of_postgresql_s_is_refused() -> None:
    with pytest.raises(DataError):
        back("text", ["a\0b"])


def test_a_bare_cursor_takes_them_too() -> None:
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        ids = [UUID(int=1), UUID(int=2)]
        statement = "SELECT %(ids)s::uuid[]"
        assert cursor.execute(statement, {"ids": sent("uuid", ids)}).fetchone() == (ids,)
