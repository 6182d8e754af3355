"""Cursors: a place in a lead's timeline and which way one reads from there, as text.

Pure: no ORM. Signed, so that what comes back is what we gave.
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.core.signing import BadSignature, Signer

from timeline.entries import Position

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Microseconds since 1970, the way, the id.
_FORM = struct.Struct(">q?16s")


class InvalidCursor(ValueError):
    """The text is no cursor of ours."""


class Cursor(NamedTuple):
    """A page continues behind `position`, towards older entries or towards newer ones."""

    position: Position
    newest_first: bool


def encode(cursor: Cursor, whose: str = "") -> str:
    """Return the cursor as text, good for `whose` timeline alone."""
    at, entry_id = cursor.position
    packed = _FORM.pack((at - _EPOCH) // _MICROSECOND, cursor.newest_first, entry_id.bytes)
    return _signer(whose).sign(urlsafe_b64encode(packed).decode().rstrip("="))


def decode(text: str, whose: str = "") -> Cursor:
    """Return the cursor of the text; raises InvalidCursor for any that `encode` did not give."""
    try:
        encoded = _signer(whose).unsign(text)
    except BadSignature as error:
        raise InvalidCursor(text) from error
    packed = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    microseconds, newest_first, id_bytes = _FORM.unpack(packed)
    at = _EPOCH + microseconds * _MICROSECOND
    return Cursor(Position(at, UUID(bytes=id_bytes)), newest_first)


def _signer(whose: str) -> Signer:
    return Signer(salt=f"timeline.cursor{whose}")
