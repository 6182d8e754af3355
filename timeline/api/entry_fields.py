"""Entries and additions to them as somebody gives them in JSON; a key nobody knows is refused.

The importer reads the same shapes and passes over what it does not know: there, somebody else's
system is read as it is; here, a misspelt key would lose what it stands for.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from leads.json_values import (
    RefusedError,
    moment_of,
    object_of,
    seconds_of,
    text_of,
    texts_of,
    whole_number_of,
    yes_or_no_of,
)
from timeline.checks import MAX_INTEGER
from timeline.entries import AnyDraft, Kind
from timeline.importing.shapes import read_entry, turns_of

SOURCE = "api"

# The names of fields of a draft that the API calls otherwise.
NAMES = {"turns": "transcript", "occurred_at": "timestamp", "lead_id": "lead"}

_Object = Mapping[str, Any]

# Keys of an entry beside `type`, `timestamp`, `external_id` and `channel`.
KEYS: Mapping[str, tuple[str, ...]] = {
    Kind.MESSAGE: (
        "direction", "content", "message_type", "status", "subject", "html", "sender",
        "recipients", "media_url", "attachments", "reaction", "buttons", "provider_message_id",
        "sent_at", "delivered_at", "read_at", "failed_at", "failure_reason",
    ),
    Kind.CALL: (
        "direction", "duration_seconds", "call_status", "summary", "recording_url", "sentiment",
        "disconnection_reason", "call_successful", "provider_call_id", "transcript",
    ),
    Kind.ACTIVITY: ("activity_type", "title", "description", "actor_type", "actor_name"),
}  # fmt: skip
_WHAT: Mapping[str, str] = {
    Kind.MESSAGE: "a message",
    Kind.CALL: "a call",
    Kind.ACTIVITY: "an activity",
}
_SHARED = ("type", "timestamp", "external_id", "channel")

TIMES = ("timestamp", "sent_at", "delivered_at", "read_at", "failed_at")
# Seconds from a call's start, as many as a call's length may have; bytes of an attachment.
MAX_SECONDS = MAX_INTEGER
MAX_SIZE = 2**53 - 1

# Lists of objects, and the keys of those.
PARTS: Mapping[str, tuple[str, ...]] = {
    "attachments": ("name", "url", "type", "size"),
    "buttons": ("text", "url"),
    "transcript": ("speaker", "text", "start", "end"),
}

# The numbers in them, how each is read, and how large it may be.
_NUMBERS: Mapping[str, tuple[Callable[[_Object, str], float | None], int]] = {
    "size": (whole_number_of, MAX_SIZE),
    "start": (seconds_of, MAX_SECONDS),
    "end": (seconds_of, MAX_SECONDS),
}


def entry_draft(lead_id: UUID, value: Any) -> AnyDraft:
    """Return the draft of an entry; raises RefusedError.

    What is right in itself and still cannot be recorded is `timeline.recording`'s to refuse.
    """
    entry = object_of(value, "An entry")
    kind = text_of(entry, "type")
    if kind not in KEYS:
        raise RefusedError(f"type must be one of {', '.join(KEYS)}")
    _hold_to((*_SHARED, *KEYS[kind]), entry, _WHAT[kind])
    for name in PARTS:
        _check_parts(entry, name)
    for name in TIMES:
        moment_of(entry, name)
    draft = read_entry(lead_id, {**entry, **_assumed(entry, kind)})
    return replace(
        draft, source=SOURCE, external_id=text_of(entry, "external_id"), **_beyond(entry, kind)
    )


def amendment(value: Any) -> dict[str, Any]:
    """Return the fields of a draft that the value changes; raises RefusedError."""
    given = object_of(value, "The body")
    for name in given:
        if name not in _AMENDED:
            raise RefusedError(f"{_shown(name)} cannot be changed")
    _check_parts(given, "transcript")
    fields = {"transcript": "turns"}
    return {fields.get(name, name): _AMENDED[name](given, name) for name in given}


def _assumed(entry: _Object, kind: str) -> dict[str, Any]:
    """Return what an entry need not say."""
    if kind == Kind.MESSAGE and entry.get("message_type") is None:
        return {"message_type": "text"}
    return {}


def _beyond(entry: _Object, kind: str) -> dict[str, Any]:
    """Return the fields that the shapes which are imported do not have."""
    if kind == Kind.MESSAGE:
        texts = texts_of(entry, "html", "sender", "failure_reason")
        return {
            **texts,
            "recipients": _texts(entry, "recipients"),
            "failed_at": moment_of(entry, "failed_at"),
        }
    return texts_of(entry, "actor_name") if kind == Kind.ACTIVITY else {}


def _texts(entry: _Object, name: str) -> list[str]:
    items = entry.get(name)
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise RefusedError(f"{name} must be a list of texts")
    return items


def _check_parts(entry: _Object, name: str) -> None:
    items = entry.get(name)
    if items is None:
        return
    if not isinstance(items, list):
        raise RefusedError(f"{name} must be a list")
    for index, item in enumerate(items):
        where = f"{name}[{index}]"
        part = object_of(item, where)
        _hold_to(PARTS[name], part, where)
        for key, (number_of, limit) in _NUMBERS.items():
            if not 0 <= (number_of(part, key) or 0) <= limit:
                raise RefusedError(f"{where}.{key} must be a number from 0 to {limit}")


def _hold_to(names: tuple[str, ...], entry: _Object, what: str) -> None:
    for name in entry:
        if name not in names:
            raise RefusedError(f"{_shown(name)} is no field of {what}")


def _shown(name: str) -> str:
    return name if name.isidentifier() and len(name) <= 50 else repr(name[:50])


# What may be told of an entry later, and how it is read.
_AMENDED: Mapping[str, Callable[[_Object, str], Any]] = {
    "status": text_of,
    "sent_at": moment_of,
    "delivered_at": moment_of,
    "read_at": moment_of,
    "failed_at": moment_of,
    "failure_reason": text_of,
    "reaction": text_of,
    "call_status": text_of,
    "duration_seconds": whole_number_of,
    "summary": text_of,
    "sentiment": text_of,
    "call_successful": yes_or_no_of,
    "disconnection_reason": text_of,
    "recording_url": text_of,
    "transcript": lambda given, _name: turns_of(given),
}
