"""The shapes of entries in the OpenAPI document as they are given, to be recorded or amended.

Limits are read off the models.
"""

from collections.abc import Iterable
from typing import Any

from leads.api.schema import Json, exactly, ref
from leads.api.writing_schema import GIVEN_TIME, NO_NUL, given_text, results_schema
from timeline import entries, ladder
from timeline.amending import OF_CALLS, OF_MESSAGES
from timeline.api.entry_fields import KEYS, MAX_SECONDS, MAX_SIZE, NAMES
from timeline.checks import MAX_INTEGER
from timeline.models import Activity, AnyEntry, CallTranscript, Message
from timeline.recording import Outcome

EXTERNAL_ID = "crm-message-1042"
RECORDED: dict[str, Any] = {
    "id": "019ba6a2-7c00-7a3e-9a56-2f1f6a0b7c55",
    "external_id": EXTERNAL_ID,
    "outcome": "created",
}


def _text(model: type[AnyEntry], name: str, description: str) -> Json:
    limit: int = model._meta.get_field(name).max_length  # type: ignore[union-attr, assignment]
    return given_text(limit, description)


def _needed(model: type[AnyEntry], name: str, description: str) -> Json:
    return {**_text(model, name, description), "type": "string", "minLength": 1}


def _one_of(values: Iterable[str], description: str) -> Json:
    return {"type": "string", "enum": [str(value) for value in values], "description": description}


def _one_of_or_null(values: Iterable[str], description: str) -> Json:
    enum = [*(str(value) for value in values), "", None]
    return {"type": ["string", "null"], "enum": enum, "description": description}


def _time(description: str) -> Json:
    return {"type": ["string", "null"], **GIVEN_TIME, "description": description}


def _parts(description: str, **properties: Json) -> Json:
    item = {"type": "object", "properties": properties, "additionalProperties": False}
    return {"type": ["array", "null"], "items": item, "description": description}


_PART_TEXT: Json = {"type": ["string", "null"], "pattern": NO_NUL}
_SECONDS: Json = {
    "type": ["number", "null"],
    "minimum": 0,
    "maximum": MAX_SECONDS,
    "description": "Seconds from the call's start.",
}
_YES_OR_NO: Json = {"type": ["boolean", "null"], "description": "Whether it did what it was for."}

_SHARED: Json = {
    "timestamp": {
        "type": "string",
        **GIVEN_TIME,
        "description": "When it happened. ISO 8601 with its time zone.",
    },
    "external_id": _needed(
        Message,
        "external_id",
        "What you call the entry, one of a kind among those of its `type` in your account."
        " The same entry told again is known by it.",
    ),
}

_MESSAGE: Json = {
    "direction": _one_of(entries.Direction, "Inbound is from the lead."),
    "content": _text(Message, "content", "The text."),
    "message_type": {
        **_one_of_or_null(entries.MessageType, "What it is made of; `text` if not given."),
        "enum": [*(str(value) for value in entries.MessageType), None],
    },
    "status": _one_of_or_null(entries.MessageStatus, "How far it got."),
    "subject": _text(Message, "subject", "A mail's subject."),
    "html": _text(Message, "html", "A mail's body in HTML, as received."),
    "sender": _text(Message, "sender", "Who sent it: an address or a number."),
    "recipients": {
        "type": ["array", "null"],
        "items": {"type": "string", "pattern": NO_NUL},
        "description": "To whom it was sent.",
    },
    "media_url": _text(Message, "media_url", "Where its picture, sound or video is."),
    "attachments": _parts(
        "Files that came with it.",
        name=_PART_TEXT,
        url=_PART_TEXT,
        type=_PART_TEXT,
        size={"type": ["integer", "null"], "minimum": 0, "maximum": MAX_SIZE},
    ),
    "reaction": _text(Message, "reaction", "The emoji it was answered with."),
    "buttons": _parts("Buttons under it.", text=_PART_TEXT, url=_PART_TEXT),
    "provider_message_id": _text(Message, "provider_message_id", "The provider's name for it."),
    "sent_at": _time("When it was sent."),
    "delivered_at": _time("When it was delivered."),
    "read_at": _time("When it was read."),
    "failed_at": _time("When it failed."),
    "failure_reason": _text(Message, "failure_reason", "Why it failed."),
}

_CALL: Json = {
    "direction": _one_of_or_null(entries.Direction, "Inbound is from the lead."),
    "duration_seconds": {
        "type": ["integer", "null"],
        "minimum": 0,
        "maximum": MAX_INTEGER,
        "description": "How long it took, in seconds.",
    },
    "call_status": _text(CallTranscript, "call_status", "How it ended; of a missed call too."),
    "summary": _text(CallTranscript, "summary", "What was said, in short."),
    "recording_url": _text(CallTranscript, "recording_url", "Where the recording is."),
    "sentiment": _one_of_or_null(entries.Sentiment, "The mood of it."),
    "disconnection_reason": _text(CallTranscript, "disconnection_reason", "Who or what ended it."),
    "call_successful": _YES_OR_NO,
    "provider_call_id": _text(CallTranscript, "provider_call_id", "The provider's name for it."),
    "transcript": _parts(
        "What was said, turn by turn. `speaker` is `agent`, `lead` or a name.",
        speaker=_PART_TEXT,
        text=_PART_TEXT,
        start=_SECONDS,
        end=_SECONDS,
    ),
}

_ACTIVITY: Json = {
    "activity_type": _needed(Activity, "activity_type", "Such as `workflow_assigned`."),
    "title": _needed(Activity, "title", "What happened, in a line."),
    "description": _text(Activity, "description", "What happened, in more words."),
    "actor_type": _one_of(entries.ActorType, "Who caused it."),
    "actor_name": _text(Activity, "actor_name", "The name of who caused it."),
}


def _new(kind: entries.Kind, channels: Json, own: Json, *required: str) -> Json:
    """Return the shape of an entry of the kind, whose keys are those that are read."""
    properties = {
        "type": {"type": "string", "const": str(kind)},
        "channel": channels,
        **{name: own[name] for name in KEYS[kind]},
        **_SHARED,
    }
    return {
        "type": "object",
        "description": f"A {kind} to record.",
        "required": ["type", "timestamp", "external_id", *required],
        "properties": properties,
        "additionalProperties": False,
    }


_CALL_CHANNEL = {"type": ["string", "null"], "enum": [str(entries.Channel.CALL), None]}


def _change(own: Json, names: Iterable[str], description: str) -> Json:
    return {
        "type": "object",
        "description": description,
        "properties": {name: own[name] for name in names},
        "additionalProperties": False,
    }


COMPONENTS: Json = {
    "schemas": {
        "NewEntry": {
            "description": "An entry to record. `type` says which keys there may be.",
            "oneOf": [ref("schemas", name) for name in ("NewMessage", "NewCall", "NewActivity")],
        },
        "NewMessage": _new(
            entries.Kind.MESSAGE,
            _one_of(entries.SPOKEN_CHANNELS, "Where it was sent."),
            _MESSAGE,
            "channel",
            "direction",
        ),
        "NewCall": _new(entries.Kind.CALL, _CALL_CHANNEL, _CALL),
        "NewActivity": _new(
            entries.Kind.ACTIVITY,
            _one_of(entries.Channel, "The channel that triggered it, or `system`."),
            _ACTIVITY,
            "channel",
            "activity_type",
            "title",
            "actor_type",
        ),
        "EntryChange": {
            "description": "What became known of an entry since: of a message, or of a call.",
            "anyOf": [ref("schemas", "MessageChange"), ref("schemas", "CallChange")],
        },
        "MessageChange": _change(
            _MESSAGE,
            (*ladder.REPORTED, *OF_MESSAGES),
            "How far a message got: what would move it back changes nothing. And its reaction.",
        ),
        "CallChange": _change(
            _CALL,
            (NAMES.get(name, name) for name in OF_CALLS),
            "What became known of a call; what is told last is kept, and `null` empties.",
        ),
        "RecordedEntry": exactly(
            {
                "id": {"type": "string", "format": "uuid", "description": "Our name for it."},
                "external_id": {"type": "string", "description": "Your name for it."},
                "outcome": {
                    "type": "string",
                    "enum": [*(outcome.value for outcome in Outcome), "amended"],
                    "description": (
                        "`created`; `advanced`: known, and the message has got further;"
                        " `amended`; `unchanged`."
                    ),
                },
            },
            "What became of an entry.",
        ),
        "EntryAnswer": exactly(
            {
                "success": {"type": "boolean", "const": True},
                "entry": ref("schemas", "RecordedEntry"),
            },
            "An entry.",
        ),
        "EntryResults": results_schema(
            ref("schemas", "EntryAnswer"), *(outcome.value for outcome in Outcome)
        ),
    }
}
