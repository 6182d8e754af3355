"""Columns of values as PostgreSQL's arrays in binary form, as many values a parameter as one likes.

PostgreSQL takes them in with next to no work, where reading the same values out of JSON or text
costs it a tenth of writing them. The forms are those of its receive functions (`array_recv`,
`timestamptz_recv`, `tsvectorrecv` and so on, in src/backend/utils/adt).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from struct import Struct
from typing import Any, NamedTuple, TypeAlias

import orjson
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

# A value in PostgreSQL's form, or None for NULL.
Item: TypeAlias = bytes | None

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INTEGER = Struct("!i").pack
_LONG = Struct("!q").pack
# Dimensions, whether there are nulls, the elements' type, their number, the first one's index.
_HEADER = Struct("!5i").pack


class Kind(NamedTuple):
    """A type of PostgreSQL's: its OID, the same everywhere, and how its values are made."""

    oid: int
    item: Callable[[Any], Item]


class BinaryArray:
    """A parameter; the statement casts it to the array's type."""

    __slots__ = ("data",)

    def __init__(self, kind: Kind, items: Sequence[Item]) -> None:
        # Columns of which all rows have the same are the most of them.
        if items.count(items[0]) == len(items):
            data = _sized(items[0]) * len(items)
        else:
            data = b"".join(map(_sized, items))
        self.data = _HEADER(1, 1, kind.oid, len(items), 1) + data


def _sized(item: Item) -> bytes:
    return b"\xff\xff\xff\xff" if item is None else _INTEGER(len(item)) + item


# --- Values ---------------------------------------------------------------------------------------


def _integer(value: int | None) -> Item:
    return None if value is None else _INTEGER(value)


def _long(value: int | None) -> Item:
    return None if value is None else _LONG(value)


def _boolean(value: bool | None) -> Item:  # noqa: FBT001 - a value of a column
    return None if value is None else b"\1" if value else b"\0"


def _time(value: datetime | None) -> Item:
    return None if value is None else _LONG((value - _EPOCH) // _MICROSECOND)


def _json(value: Any) -> Item:
    return b"\1" + orjson.dumps(value)  # behind the version of the form


def _words(value: Sequence[str]) -> Item:
    """Return the vector of words, in their order by code points, which have no places in a text."""
    return _INTEGER(len(value)) + "".join([f"{word}\0\0\0" for word in value]).encode()


KINDS: Mapping[str, Kind] = {
    "bigint": Kind(20, _long),
    "boolean": Kind(16, _boolean),
    "integer": Kind(23, _integer),
    "jsonb": Kind(3802, _json),
    "text": Kind(25, str.encode),
    "timestamp with time zone": Kind(1184, _time),
    "tsvector": Kind(3614, _words),
    "uuid": Kind(2950, attrgetter("bytes")),
}


# --- Sending them ---------------------------------------------------------------------------------


class _AsIs(Dumper):
    format = Format.BINARY

    def dump(self, obj: BinaryArray) -> Buffer:
        return obj.data


def send_arrays(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Have a new connection take binary arrays as parameters."""
    connection.connection.adapters.register_dumper(BinaryArray, _AsIs)
