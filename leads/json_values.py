"""Values of a JSON object by their key, each of the type it has to be, or refused in words.

Pure. Null and absent are the same, not known: a text is then "", anything else None.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID


class RefusedError(ValueError):
    """Something is not what it should be; the text names it and says what is wrong with it."""


def object_of(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RefusedError(f"{name} must be an object")
    return value


def text_of(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RefusedError(f"{name} must be text")
    return value


def texts_of(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: text_of(values, name) for name in names}


def time_of(values: Mapping[str, Any], name: str) -> datetime | None:
    text = text_of(values, name)
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedError(f"{name} must be an ISO 8601 time, not {text!r:.50}") from None
    if time.tzinfo is None:
        raise RefusedError(f"{name} has no time zone: {text!r:.50}")
    # A year from either end, so that every time can be shown in every time zone.
    if not 1 < time.year < 9999:
        raise RefusedError(f"{name} is out of range: {text!r:.50}")
    return time.astimezone(UTC)


def moment_of(values: Mapping[str, Any], name: str) -> datetime | None:
    """Return a time as `time_of` does, but take no empty text for one that is not known."""
    if values.get(name) == "":
        raise RefusedError(f"{name} must be an ISO 8601 time, not ''")
    return time_of(values, name)


def yes_or_no_of(values: Mapping[str, Any], name: str) -> bool | None:
    value = values.get(name)
    if value is not None and not isinstance(value, bool):
        raise RefusedError(f"{name} must be true, false or null")
    return value


def whole_number_of(values: Mapping[str, Any], name: str) -> int | None:
    """Return a whole number; 2.0 is one: JSON knows one kind of numbers."""
    value = values.get(name)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise RefusedError(f"{name} must be a whole number or null")
    return value


def seconds_of(values: Mapping[str, Any], name: str) -> float | None:
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise RefusedError(f"{name} must be seconds from 0")
    return value


def objects_of(values: Mapping[str, Any], name: str, *, text_is: str) -> list[dict[str, Any]]:
    """Return a list of objects, as given; a text in an object's place is its key `text_is`."""
    items = values.get(name)
    if not isinstance(items, list | None):
        raise RefusedError(f"{name} must be a list")
    objects = []
    for index, item in enumerate(items or []):
        where = f"{name}[{index}]"
        objects.append(object_of({text_is: item} if isinstance(item, str) else item, where))
        for key in ("name", "url", "type", "text"):
            if not isinstance(objects[-1].get(key), str | None):
                raise RefusedError(f"{where}.{key} must be text")
    return objects


def uuid_of(values: Mapping[str, Any], name: str) -> UUID | None:
    """Return a UUID as it is usually written; of the other forms Python takes, none."""
    if values.get(name) is None:
        return None
    text = text_of(values, name)
    try:
        parsed = UUID(text)
    except ValueError:
        parsed = None
    if str(parsed) != text.lower():
        raise RefusedError(f"{name} must be a UUID, not {text!r:.50}")
    return parsed


def unstorable(text: str) -> str | None:
    """Say why PostgreSQL cannot hold the text (NUL, a lone surrogate), or return None."""
    if "\0" in text:
        return "contains a NUL character"
    # isascii() is a flag of the string; most texts are told apart without a pass over them.
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "contains a lone surrogate, half of a character"
    return None
