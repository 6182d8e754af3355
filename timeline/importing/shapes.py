"""What a response of the documented endpoint says, as the fields of a lead and drafts of entries.

Two shapes are understood: the documented one, and the vendor's newer one, whose entries have an
`id` and more to them (`media_url`, `reaction`, `transcript`, …, and ``type: "call_missed"``). Null
and absent are the same, not known. Keys that are neither's are ignored, since more may come; a
`type` or a `channel` that is neither's is not, since the entry would not be what it was.

Pure: what a table cannot hold is `timeline.recording`'s to refuse.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from timeline.entries import ActivityDraft, AnyDraft, CallDraft, Channel, MessageDraft

SOURCE = "import"
LEAD_TEXTS = ("first_name", "last_name", "phone", "email", "source")

# Retell's word for a call that never connected, for a `call_missed` that has no `call_status`.
NOT_CONNECTED = "not_connected"


class RefusedError(ValueError):
    """A response or an entry is not what it should be; the text says what is wrong with it."""


class Response(NamedTuple):
    """A page of a lead's history.

    `lead` are the fields of the model, `created_at` among them only if it is known. `offset` is the
    position of the first entry in the whole history, None when the page does not say.
    """

    lead_id: UUID
    lead: dict[str, Any]
    offset: int | None
    has_more: bool
    history: list[Any]


def read_response(value: Any) -> Response:
    """Return what the response says; raise RefusedError if it is none."""
    response = _object(value, "the response")
    if "history" not in response and "error" in response:
        raise RefusedError(f"is an error, not a history: {response['error']!r:.100}")
    lead = _object(response.get("lead"), "lead")
    history = response.get("history")
    if not isinstance(history, list):
        raise RefusedError("history must be a list")
    pagination = _object(response.get("pagination") or {}, "pagination")
    return Response(
        lead_id=_lead_id(lead.get("id")),
        lead=_lead_fields(lead),
        offset=_offset(pagination.get("offset")),
        has_more=pagination.get("has_more") is not False,
        history=history,
    )


def read_entry(lead_id: UUID, value: Any) -> AnyDraft:
    """Return the draft of one entry of a history, its `external_id` "" if it has no `id`.

    Raises RefusedError for what is no entry at all; whether each field may be kept is not said yet.
    """
    entry = _object(value, "the entry")
    kind = _text(entry, "type")
    if not kind:
        raise RefusedError("type is missing")
    if kind not in _DRAFTS:
        raise RefusedError(f"type {kind!r:.50} is none of {', '.join(_DRAFTS)}")
    occurred_at = _time(entry, "timestamp")
    if occurred_at is None:
        raise RefusedError("timestamp is missing")
    shared = {
        "lead_id": lead_id,
        "occurred_at": occurred_at,
        "source": SOURCE,
        "external_id": _text(entry, "id"),
    }
    return _DRAFTS[kind](entry, shared)


# --- Leads --------------------------------------------------------------------------------------


def _lead_id(value: Any) -> UUID:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise RefusedError(f"lead.id must be a UUID, not {value!r:.50}") from None


def _lead_fields(lead: Mapping[str, Any]) -> dict[str, Any]:
    try:
        fields = _texts(lead, *LEAD_TEXTS)
        created_at = _time(lead, "created_at")
    except RefusedError as error:
        raise RefusedError(f"lead.{error}") from None
    return fields if created_at is None else {**fields, "created_at": created_at}


def _offset(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RefusedError("pagination.offset must be a whole number from 0")
    return value


# --- Entries ------------------------------------------------------------------------------------

_Entry = Mapping[str, Any]


def _message(entry: _Entry, shared: _Entry) -> MessageDraft:
    return MessageDraft(
        **shared,
        **_texts(entry, "channel", "direction", "content", "message_type", "status"),
        **_texts(entry, "subject", "media_url", "reaction", "provider_message_id"),
        sent_at=_time(entry, "sent_at"),
        delivered_at=_time(entry, "delivered_at"),
        read_at=_time(entry, "read_at"),
        attachments=_objects(entry, "attachments", text_is="url"),
        buttons=_objects(entry, "buttons", text_is="text"),
    )


def _call(entry: _Entry, shared: _Entry) -> CallDraft:
    if (_text(entry, "channel") or Channel.CALL) != Channel.CALL:
        raise RefusedError("channel of a call must be call")
    return CallDraft(
        **shared,
        **_texts(entry, "call_status", "summary", "recording_url", "sentiment"),
        **_texts(entry, "direction", "disconnection_reason", "provider_call_id"),
        duration_seconds=_whole_number(entry, "duration_seconds"),
        call_successful=_yes_or_no(entry, "call_successful"),
        turns=_turns(entry),
    )


def _missed_call(entry: _Entry, shared: _Entry) -> CallDraft:
    told = {
        **entry,
        "call_status": _text(entry, "call_status") or NOT_CONNECTED,
        "summary": _text(entry, "summary") or _text(entry, "content"),
    }
    return _call(told, shared)


def _activity(entry: _Entry, shared: _Entry) -> ActivityDraft:
    return ActivityDraft(
        **shared,
        **_texts(entry, "channel", "activity_type", "title", "description", "actor_type"),
    )


_DRAFTS: Mapping[str, Callable[[_Entry, _Entry], AnyDraft]] = {
    "message": _message,
    "call": _call,
    "call_missed": _missed_call,
    "activity": _activity,
}


def _turns(entry: _Entry) -> list[dict[str, Any]]:
    """Return a transcript as turns; one that is a single text is a single turn of nobody's."""
    whole = entry.get("transcript")
    if isinstance(whole, str):
        entry = {"transcript": [whole] if whole else []}
    turns = _objects(entry, "transcript", text_is="text")
    try:
        return [
            {
                "speaker": _text(turn, "speaker"),
                "text": _text(turn, "text"),
                "start": _seconds(turn, "start"),
                "end": _seconds(turn, "end"),
            }
            for turn in turns
        ]
    except RefusedError as error:
        raise RefusedError(f"transcript: {error}") from None


# --- Values -------------------------------------------------------------------------------------


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RefusedError(f"{name} must be an object")
    return value


def _text(values: _Entry, name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RefusedError(f"{name} must be text")
    return value


def _texts(values: _Entry, *names: str) -> dict[str, Any]:
    return {name: _text(values, name) for name in names}


def _time(values: _Entry, name: str) -> datetime | None:
    text = _text(values, name)
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


def _yes_or_no(values: _Entry, name: str) -> bool | None:
    value = values.get(name)
    if value is not None and not isinstance(value, bool):
        raise RefusedError(f"{name} must be true, false or null")
    return value


def _whole_number(values: _Entry, name: str) -> int | None:
    value = values.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise RefusedError(f"{name} must be a whole number or null")
    return value


def _seconds(values: _Entry, name: str) -> float | None:
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise RefusedError(f"{name} must be seconds from 0")
    return value


def _objects(values: _Entry, name: str, *, text_is: str) -> list[dict[str, Any]]:
    """Return a list of objects, as given; a text in an object's place is its key `text_is`."""
    items = values.get(name)
    if not isinstance(items, list | None):
        raise RefusedError(f"{name} must be a list")
    objects = []
    for index, item in enumerate(items or []):
        where = f"{name}[{index}]"
        objects.append(_object({text_is: item} if isinstance(item, str) else item, where))
        for key in ("name", "url", "type", "text"):
            if not isinstance(objects[-1].get(key), str | None):
                raise RefusedError(f"{where}.{key} must be text")
    return objects
