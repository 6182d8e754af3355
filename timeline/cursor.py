"""Cursors: a place in a lead's timeline and which way one reads from there, as text.

Pure: no ORM. Signed, so that what comes back is what we gave.
"""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from django.conf import settings

from timeline.entries import Position

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Microseconds since 1970, the way, the id.
_FORM = struct.Struct(">q?16s")
# Bytes of the signature; with those of the form, a number that base64 needs not fill up.
_SIGNED = 20


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
    return urlsafe_b64encode(packed + _signature(packed, whose)).decode()


def decode(text: str, whose: str = "") -> Cursor:
    """Return the cursor of the text; raises InvalidCursor for any that `encode` did not give."""
    try:
        signed = urlsafe_b64decode(text)
    except ValueError as error:
        raise InvalidCursor(text) from error
    packed = signed[: _FORM.size]
    # What is decoded may have been written otherwise.
    is_ours = hmac.compare_digest(signed[_FORM.size :], _signature(packed, whose))
    if not is_ours or urlsafe_b64encode(signed).decode() != text:
        raise InvalidCursor(text)
    microseconds, newest_first, id_bytes = _FORM.unpack(packed)
    at = _EPOCH + microseconds * _MICROSECOND
    return Cursor(Position(at, UUID(bytes=id_bytes)), newest_first)


def _signature(packed: bytes, whose: str) -> bytes:
    return hmac.digest(_key(settings.SECRET_KEY), packed + whose.encode(), "sha256")[:_SIGNED]


@lru_cache
def _key(secret: str) -> bytes:
    """Return a key for cursors alone; Django's `Signer` makes one anew for each signature."""
    return sha256(f"timeline.cursor {secret}".encode()).digest()
