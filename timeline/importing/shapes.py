"""What a response of the documented endpoint says, as the fields of a lead and drafts of entries.

Two shapes are understood: the documented one, and the vendor's newer one, whose entries have an
`id` and more to them (`media_url`, `reaction`, `transcript`, …, and ``type: "call_missed"``). Null
and absent are the same, not known. Keys that are neither's are ignored, since more may come; a
`type` or a `channel` that is neither's is not, since the entry would not be what it was.

Pure: what a table cannot hold is `timeline.recording`'s to refuse.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from leads.json_values import (
    RefusedError,
    object_of,
    objects_of,
    seconds_of,
    text_of,
    texts_of,
    time_of,
    whole_number_of,
    yes_or_no_of,
)
from timeline.entries import ActivityDraft, AnyDraft, CallDraft, Channel, MessageDraft

SOURCE = "import"
LEAD_TEXTS = ("first_name", "last_name", "phone", "email", "source")

# Retell's word for a call that never connected, for a `call_missed` that has no `call_status`.
NOT_CONNECTED = "not_connected"


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
    response = object_of(value, "the response")
    if "history" not in response and "error" in response:
        raise RefusedError(f"is an error, not a history: {response['error']!r:.100}")
    lead = object_of(response.get("lead"), "lead")
    history = response.get("history")
    if not isinstance(history, list):
        raise RefusedError("history must be a list")
    pagination = object_of(response.get("pagination") or {}, "pagination")
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
    entry = object_of(value, "the entry")
    kind = text_of(entry, "type")
    if not kind:
        raise RefusedError("type is missing")
    if kind not in _DRAFTS:
        raise RefusedError(f"type {kind!r:.50} is none of {', '.join(_DRAFTS)}")
    occurred_at = time_of(entry, "timestamp")
    if occurred_at is None:
        raise RefusedError("timestamp is missing")
    shared = {
        "lead_id": lead_id,
        "occurred_at": occurred_at,
        "source": SOURCE,
        "external_id": text_of(entry, "id"),
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
        fields = texts_of(lead, *LEAD_TEXTS)
        created_at = time_of(lead, "created_at")
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
        **texts_of(entry, "channel", "direction", "content", "message_type", "status"),
        **texts_of(entry, "subject", "media_url", "reaction", "provider_message_id"),
        sent_at=time_of(entry, "sent_at"),
        delivered_at=time_of(entry, "delivered_at"),
        read_at=time_of(entry, "read_at"),
        attachments=objects_of(entry, "attachments", text_is="url"),
        buttons=objects_of(entry, "buttons", text_is="text"),
    )


def _call(entry: _Entry, shared: _Entry) -> CallDraft:
    if (text_of(entry, "channel") or Channel.CALL) != Channel.CALL:
        raise RefusedError("channel of a call must be call")
    return CallDraft(
        **shared,
        **texts_of(entry, "call_status", "summary", "recording_url", "sentiment"),
        **texts_of(entry, "direction", "disconnection_reason", "provider_call_id"),
        duration_seconds=whole_number_of(entry, "duration_seconds"),
        call_successful=yes_or_no_of(entry, "call_successful"),
        turns=turns_of(entry),
    )


def _missed_call(entry: _Entry, shared: _Entry) -> CallDraft:
    told = {
        **entry,
        "call_status": text_of(entry, "call_status") or NOT_CONNECTED,
        "summary": text_of(entry, "summary") or text_of(entry, "content"),
    }
    return _call(told, shared)


def _activity(entry: _Entry, shared: _Entry) -> ActivityDraft:
    return ActivityDraft(
        **shared,
        **texts_of(entry, "channel", "activity_type", "title", "description", "actor_type"),
    )


_DRAFTS: Mapping[str, Callable[[_Entry, _Entry], AnyDraft]] = {
    "message": _message,
    "call": _call,
    "call_missed": _missed_call,
    "activity": _activity,
}


def turns_of(entry: _Entry) -> list[dict[str, Any]]:
    """Return a transcript as turns; one that is a single text is a single turn of nobody's."""
    whole = entry.get("transcript")
    if isinstance(whole, str):
        entry = {"transcript": [whole] if whole else []}
    turns = objects_of(entry, "transcript", text_is="text")
    try:
        return [
            {
                "speaker": text_of(turn, "speaker"),
                "text": text_of(turn, "text"),
                "start": seconds_of(turn, "start"),
                "end": seconds_of(turn, "end"),
            }
            for turn in turns
        ]
    except RefusedError as error:
        raise RefusedError(f"transcript: {error}") from None
