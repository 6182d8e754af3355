"""What goes beyond the vendor's page in the OpenAPI document: opt-in, by parameters."""

from typing import Any

from leads.api.schema import Json, exactly, ref
from leads.api.writing_schema import GIVEN_TIME
from timeline import entries
from timeline.api.parameters import MAX_QUERY
from timeline.api.schema_words import always, one_of_or_null, text, text_or_null, time_or_null

_ID: Json = {"type": "string", "format": "uuid", "description": "The entry's own ID."}


def _nullable(kind: str, description: str) -> Json:
    return {"type": [kind, "null"], "description": description}


def _list_of(properties: Json, description: str) -> Json:
    items = {"type": "object", "required": list(properties), "properties": properties}
    return {"type": "array", "items": items, "description": description}


def components(documented: Json) -> Json:
    """Return the schemas of entries in full, made of the documented ones."""
    message, call, activity = (
        documented[name]["properties"] for name in ("Message", "Call", "Activity")
    )
    full_call = {**call, "id": _ID, **_CALL}
    missed = {
        **call,
        "type": always("call_missed"),
        "content": text("That it was missed, and why, in English."),
        **{key: value for key, value in full_call.items() if key not in call},
    }
    names = {
        "message": "FullMessage",
        "call": "FullCall",
        "call_missed": "FullMissedCall",
        "activity": "FullActivity",
    }
    return {
        "FullEntry": {
            "description": "An entry with `view=full`. `type` says which fields there are.",
            "oneOf": [ref("schemas", name) for name in names.values()],
            "discriminator": {
                "propertyName": "type",
                "mapping": {kind: f"#/components/schemas/{name}" for kind, name in names.items()},
            },
        },
        "FullMessage": exactly({**message, "id": _ID, **_MESSAGE}, "A message in full."),
        "FullCall": exactly(full_call, "A call in full."),
        "FullMissedCall": exactly(missed, "A call that never connected, in full."),
        "FullActivity": exactly({**activity, "id": _ID}, "An activity in full."),
        "CursorPagination": exactly(
            {
                "limit": documented["Pagination"]["properties"]["limit"],
                "next_cursor": text_or_null("What to ask for the next page with."),
                "has_more": documented["Pagination"]["properties"]["has_more"],
            },
            "Where in the history the page is, when asked for by `cursor`.",
        ),
    }


_MESSAGE: Json = {
    "subject": text_or_null("A mail's subject."),
    "media_url": text_or_null("Where the picture, sound or film is."),
    "attachments": _list_of(
        {
            "name": text_or_null("The file's name."),
            "type": text_or_null("Its media type."),
            "size": _nullable("integer", "In bytes."),
            "url": text_or_null("Where it is; below our own address, asked for with the key."),
        },
        "What came attached.",
    ),
    "provider_message_id": text_or_null("What the provider calls it."),
    "sent_at": time_or_null("When it was sent."),
    "delivered_at": time_or_null("When it was delivered."),
    "read_at": time_or_null("When it was read."),
    "reaction": text_or_null("An emoji that answered it."),
    "buttons": _list_of(
        {"text": text_or_null("What it says."), "url": text_or_null("Where it leads.")},
        "Buttons below it.",
    ),
}

_CALL: Json = {
    "direction": one_of_or_null(entries.Direction, "Inbound is from the lead."),
    "call_successful": _nullable("boolean", "Whether it came to what it was for."),
    "disconnection_reason": text_or_null("Why it ended, in the provider's word."),
    "provider_call_id": text_or_null("What the provider calls it."),
    "transcript": _list_of(
        {
            "speaker": text_or_null("`agent`, `lead`, or a name."),
            "text": text_or_null("What was said."),
            "start": _nullable("number", "Seconds into the call."),
            "end": _nullable("number", "Seconds into the call."),
        },
        "What was said, a turn a speaker.",
    ),
}


def _parameter(name: str, description: str, schema: Json, **examples: str) -> dict[str, Any]:
    named = {key: {"value": value} for key, value in examples.items()}
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": schema,
        "examples": named,
    }


def _listed(words: Any) -> Json:
    word = f"({'|'.join(words)})"
    return {"type": "string", "pattern": f"^ *({word} *(, *{word} *)*)?$"}


_WHEN: Json = {
    "type": "string",
    "anyOf": [
        {**GIVEN_TIME, "format": "date"},
        GIVEN_TIME,
        {"const": ""},
    ],
}

PARAMETERS: list[dict[str, Any]] = [
    _parameter(
        "order",
        "`desc` for the newest first.",
        {"type": "string", "enum": ["asc", "desc"], "default": "asc"},
        NewestFirst="desc",
    ),
    _parameter(
        "type",
        "Keep entries of these types, separated by commas; `call` is missed calls too.",
        _listed(entries.Kind),
        MessagesAndCalls="message,call",
    ),
    _parameter(
        "direction",
        "Keep messages and calls of this direction. Activities have none.",
        {"type": "string", "enum": [str(each) for each in entries.Direction]},
        FromTheLead="inbound",
    ),
    _parameter(
        "since",
        "Keep entries from then on: a time with its zone, or a date, which is its midnight in UTC.",
        _WHEN,
        ADay="2026-01-10",
    ),
    _parameter(
        "until",
        "Keep entries before then, written as `since` is.",
        _WHEN,
        ATime="2026-01-10T12:00:00Z",
    ),
    _parameter(
        "q",
        "Keep entries with all of these words, the last one as a beginning: in messages, subjects,"
        " summaries, transcripts and activities, whatever their case, accents or script.",
        {"type": "string", "maxLength": MAX_QUERY},
        Words="pricing dem",
    ),
    _parameter(
        "cursor",
        "Ask for pages by cursor instead of offset: empty for the first page, then the answer's"
        " `next_cursor`. What is recorded meanwhile moves nothing. Good for one lead and order.",
        {"type": "string"},
        FirstPage="",
    ),
    _parameter(
        "view",
        "`full` adds each entry's ID and all that is known of it.",
        {"type": "string", "enum": ["full"]},
        Everything="full",
    ),
]
