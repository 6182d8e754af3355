"""What providers send, taken as what it should be, or as nothing: whatever it is, none of this
raises, but for a body that is no JSON object at all.
"""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

from timeline.webhooks.provider import Malformed

Object: TypeAlias = Mapping[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# No provider was there before, and none sends a time beyond that it means.
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_MAX_INTEGER = 2**31 - 1
# Digits of a number that is taken to be one.
_MAX_DIGITS = 18


class Unusable(ValueError):
    """One thing in a delivery cannot be used; the message says why, to be shown."""


def parse_object(body: bytes) -> Object:
    """Return the JSON object that the body is; raise Malformed if it is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is no JSON") from None
    if not isinstance(value, dict):
        raise Malformed("the body is no JSON object")
    return value


def object_of(value: Any) -> Object:
    """Return the object, or an empty one."""
    return value if isinstance(value, dict) else {}


def objects_of(value: Any) -> list[Object]:
    """Return those of a list that are objects."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """Return the text, a number as its digits, or "" for anything else."""
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number and math.isfinite(value) else ""


def first_text(values: Object, *names: str) -> str:
    """Return the first text that there is under one of the names, or ""."""
    return next((text for name in names if (text := text_of(values.get(name)))), "")


def whole_number(value: Any) -> int | None:
    """Return a number of a column's range, given as a number or in digits; None for none."""
    number = _integer(value)
    return number if number is not None and 0 <= number <= _MAX_INTEGER else None


def yes_or_no(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def seconds_of(value: Any) -> float | None:
    """Return a length of time in seconds, to the millisecond; None if it is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return round(float(value), 3) if 0 <= value <= _MAX_INTEGER else None


def unix_time(value: Any, *, a_second: int = 1) -> datetime | None:
    """Return the time that so many parts of a second after 1970 is (`a_second` parts make one)."""
    number = _integer(value)
    if number is None or not 0 < number < 10_000_000_000 * a_second:
        return None
    return _sensible(_EPOCH + timedelta(microseconds=number * 1_000_000 // a_second))


def mail_time(value: Any) -> datetime | None:
    """Return the time that is written as in mails (RFC 2822)."""
    try:
        time = parsedate_to_datetime(text_of(value))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # A zone of -0000 is UTC of which nobody says where.
    return _sensible(time if time.tzinfo else time.replace(tzinfo=UTC))


def phone_of(value: Any) -> str:
    """Return a phone number that is written with its country code as +digits, else ""."""
    digits = text_of(value).strip().removeprefix("+")
    is_number = digits.isascii() and digits.isdecimal() and 5 <= len(digits) <= 15
    return f"+{digits}" if is_number else ""


def named(value: Any) -> str:
    """Return what a thing is called, as a reason names it."""
    return f"{text_of(value)[:100]!r}" if value is not None else "none"


def _integer(value: Any) -> int | None:
    if isinstance(value, str) and len(value) <= _MAX_DIGITS and value.isdecimal():
        return int(value)
    if isinstance(value, float):
        return round(value) if math.isfinite(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _sensible(time: datetime) -> datetime | None:
    try:
        return time.astimezone(UTC) if _EARLIEST <= time < _LATEST else None
    except OverflowError:
        return None
