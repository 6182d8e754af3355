"""The documented endpoint in the OpenAPI document: exact keys, in the page's order.

The values of each word come from `timeline.entries`, the limits from where they are checked.
"""

from leads.api.schema import Json, exactly, headers, keyed, ref, refusal
from leads.errors import InvalidRequest, LeadNotFound
from leads.models import Scope
from timeline import entries
from timeline.api.examples import PAGE
from timeline.api.full_schema import PARAMETERS, components
from timeline.api.parameters import DEFAULT_LIMIT
from timeline.api.schema_words import always, one_of, one_of_or_null, text, text_or_null, time
from timeline.history import MAX_LIMIT, MAX_OFFSET

_TIMESTAMP = time("When it happened.")

_SCHEMAS: Json = {
    "LeadHistory": exactly(
        {
            "success": {"type": "boolean", "const": True},
            "lead": ref("schemas", "Lead"),
            "history": {
                "type": "array",
                "maxItems": MAX_LIMIT,
                "items": {"anyOf": [ref("schemas", "Entry"), ref("schemas", "FullEntry")]},
                "description": (
                    "By `timestamp`, the oldest first unless asked otherwise; ties in a fixed"
                    " order."
                ),
            },
            "pagination": {
                "anyOf": [ref("schemas", "Pagination"), ref("schemas", "CursorPagination")]
            },
        },
        "A page of a lead's history.",
    ),
    "Lead": exactly(
        {
            "id": {"type": "string", "format": "uuid"},
            "first_name": text_or_null("First name."),
            "last_name": text_or_null("Last name."),
            "phone": text_or_null("Phone number, as it was given."),
            "email": text_or_null("E-mail address."),
            "source": text_or_null("Where the lead came from."),
            "created_at": time("When the lead was created."),
        },
        "Somebody who may become a customer.",
    ),
    "Entry": {
        "description": "Something that happened. `type` says which fields there are.",
        "oneOf": [ref("schemas", name) for name in ("Message", "Call", "Activity")],
        "discriminator": {
            "propertyName": "type",
            "mapping": {
                name.lower(): f"#/components/schemas/{name}"
                for name in ("Message", "Call", "Activity")
            },
        },
    },
    "Message": exactly(
        {
            "type": always("message"),
            "channel": one_of(entries.SPOKEN_CHANNELS, "Where it was sent."),
            "direction": one_of(entries.Direction, "Inbound is from the lead."),
            "content": text("The text; empty if there is none, never null."),
            "message_type": one_of(entries.MessageType, "What it is made of."),
            "status": one_of_or_null(entries.MessageStatus, "How far it got."),
            "timestamp": _TIMESTAMP,
        },
        "A WhatsApp message, a mail, or a message left on a call.",
    ),
    "Call": exactly(
        {
            "type": always("call"),
            "channel": always(entries.Channel.CALL),
            "duration_seconds": {
                "type": ["integer", "null"],
                "minimum": 0,
                "description": "How long it took, in seconds.",
            },
            "call_status": text_or_null("How it ended; of a missed call too."),
            "summary": text_or_null("What was said, in short."),
            "recording_url": text_or_null("Where the recording is."),
            "sentiment": one_of_or_null(entries.Sentiment, "The mood of it."),
            "timestamp": _TIMESTAMP,
        },
        "A call, answered or missed.",
    ),
    "Activity": exactly(
        {
            "type": always("activity"),
            "channel": one_of(entries.Channel, "The channel that triggered it, or `system`."),
            "activity_type": text("Such as `status_changed` or `workflow_assigned`."),
            "title": text("What happened, in a line."),
            "description": text_or_null("What happened, in more words."),
            "actor_type": one_of(entries.ActorType, "Who caused it."),
            "timestamp": _TIMESTAMP,
        },
        "An event about the lead.",
    ),
    "Pagination": exactly(
        {
            "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
            "offset": {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET},
            "has_more": {
                "type": "boolean",
                "description": "Whether there are entries after this page. Exact.",
            },
        },
        "Where in the history the page is.",
    ),
}

COMPONENTS: Json = {"schemas": {**_SCHEMAS, **components(_SCHEMAS)}}

_CHANNEL = f"({'|'.join(entries.SPOKEN_CHANNELS)})"

_PARAMETERS: list[Json] = [
    {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "The lead's ID.",
        "schema": {"type": "string", "format": "uuid"},
        "example": "550e8400-e29b-41d4-a716-446655440000",
    },
    {
        "name": "channel",
        "in": "query",
        "description": (
            "Keep the entries of these channels, separated by commas: messages, calls, and"
            " activities triggered by them. `system` activities appear only without a filter."
        ),
        "schema": {"type": "string", "pattern": f"^ *({_CHANNEL} *(, *{_CHANNEL} *)*)?$"},
        "examples": {
            "Everything": {"value": ""},
            "CallsAndWhatsApp": {"value": "call,whatsapp"},
        },
    },
    {
        "name": "limit",
        "in": "query",
        "description": "How many entries to return at most.",
        "schema": {
            "type": "integer",
            "minimum": 1,
            "maximum": MAX_LIMIT,
            "default": DEFAULT_LIMIT,
        },
    },
    {
        "name": "offset",
        "in": "query",
        "description": "How many entries to skip.",
        "schema": {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0},
    },
    *PARAMETERS,
    {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of the answer you have.",
        "schema": {"type": "string"},
    },
]

GET_LEAD_HISTORY = keyed(
    {
        "operationId": "getLeadHistory",
        "summary": "Get lead history",
        "description": (
            "Returns the full conversation and activity history for a lead in chronological order:"
            " WhatsApp messages, email messages, calls and activities in one timeline.\n\n"
            "A parameter is taken once; unknown ones are ignored. `HEAD` gives the headers alone."
        ),
        "tags": ["Leads"],
        "parameters": _PARAMETERS,
        "responses": {
            "200": {
                "description": "A page of the lead's history.",
                "headers": headers("ETag"),
                "content": {
                    "application/json": {
                        "schema": ref("schemas", "LeadHistory"),
                        "examples": {"FullHistory": {"value": PAGE}},
                    }
                },
            },
            "304": {
                "description": "Nothing has changed since the answer named in `If-None-Match`.",
                "headers": headers("ETag"),
            },
            "400": refusal(
                "A parameter is not what it has to be. The message names it and says what it"
                " takes.",
                headers(),
                InvalidRequest(f"limit must be an integer between 1 and {MAX_LIMIT}"),
            ),
            "404": refusal(
                "There is no such lead in your account.",
                headers(),
                LeadNotFound(),
            ),
        },
    },
    scope=Scope.HISTORY_READ,
)
