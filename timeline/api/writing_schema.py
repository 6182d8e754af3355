"""The operations that write a history in the OpenAPI document."""

from typing import Any

from leads.api.bodies import MAX_ITEMS
from leads.api.schema import keyed, ref
from leads.api.writing_schema import (
    KEY_HEADER,
    LEAD_ID,
    answers_of,
    one_or_many,
    refusals_of,
    takes,
)
from leads.errors import Conflict, InvalidRequest
from leads.models import Scope
from timeline.api.writing_shapes import EXTERNAL_ID, RECORDED

_MESSAGE: dict[str, Any] = {
    "type": "message",
    "external_id": EXTERNAL_ID,
    "timestamp": "2026-01-10T09:05:00Z",
    "channel": "whatsapp",
    "direction": "inbound",
    "content": "Yes, I'd like to learn more about pricing",
}
_CALL: dict[str, Any] = {
    "type": "call",
    "external_id": "crm-call-77",
    "timestamp": "2026-01-10T14:00:00Z",
    "direction": "outbound",
    "call_status": "ended",
    "duration_seconds": 185,
    "transcript": [{"speaker": "agent", "text": "Hello John!", "start": 0.4, "end": 1.9}],
}
_REFUSED = InvalidRequest("mesage_type is no field of a message")
_ANSWER = {"success": True, "entry": RECORDED}

RECORD_ENTRIES = keyed(
    {
        "operationId": "recordEntries",
        "summary": "Add to a lead's history",
        "description": (
            f"Records an entry, or up to {MAX_ITEMS:,} of a list, each in itself: one that is"
            " refused does not keep the others out, and the answer says so in its place.\n\n"
            "An entry that is told again changes nothing, except that a message may have got"
            " further since; told again with another content it is refused with 409."
        ),
        "tags": ["Histories"],
        "parameters": [LEAD_ID, KEY_HEADER],
        "requestBody": takes(one_or_many("NewEntry"), One=_MESSAGE, Many=[_MESSAGE, _CALL]),
        "responses": {
            "200": {
                **answers_of("", "EntryResults", {}, replayed=True),
                "description": "The entry, which was known; or what became of each of a list.",
                "content": {
                    "application/json": {
                        "schema": {
                            "anyOf": [ref("schemas", "EntryResults"), ref("schemas", "EntryAnswer")]
                        },
                        "examples": {
                            "Known": {
                                "value": {**_ANSWER, "entry": {**RECORDED, "outcome": "unchanged"}}
                            },
                            "List": {
                                "value": {
                                    "success": False,
                                    "results": [
                                        _ANSWER,
                                        {
                                            "success": False,
                                            "error": _REFUSED.error,
                                            "message": str(_REFUSED.detail),
                                        },
                                    ],
                                    "summary": {
                                        "created": 1,
                                        "advanced": 0,
                                        "unchanged": 0,
                                        "failed": 1,
                                    },
                                }
                            },
                        },
                    }
                },
            },
            "201": answers_of("The new entry.", "EntryAnswer", _ANSWER, replayed=True),
            **refusals_of(
                status_400=("The entry cannot be recorded.", _REFUSED),
                status_409=(
                    "The entry is known with another content, or the idempotency key is.",
                    Conflict("external_id is known already, with another content"),
                ),
            ),
        },
    },
    scope=Scope.HISTORY_WRITE,
)

AMEND_ENTRY = keyed(
    {
        "operationId": "amendEntry",
        "summary": "Add to an entry",
        "description": (
            "Tells what became known of an entry since: how far a message got, a call's summary,"
            " transcript or recording. Everything else of an entry stays as it was recorded."
        ),
        "tags": ["Histories"],
        "parameters": [
            LEAD_ID,
            {
                "name": "entry",
                "in": "path",
                "required": True,
                "description": "The entry's ID, as it was answered when it was recorded.",
                "schema": {"type": "string", "format": "uuid"},
                "example": RECORDED["id"],
            },
        ],
        "requestBody": takes(
            ref("schemas", "EntryChange"),
            Message={"status": "read", "read_at": "2026-01-10T09:07:00Z"},
            Call={"summary": "Discussed pricing tiers", "sentiment": "positive"},
        ),
        "responses": {
            "200": answers_of(
                "The entry.",
                "EntryAnswer",
                {**_ANSWER, "entry": {**RECORDED, "outcome": "amended"}},
            ),
            **refusals_of(
                status_400=(
                    "The entry cannot be changed so.",
                    InvalidRequest("content cannot be changed"),
                ),
            ),
        },
    },
    scope=Scope.HISTORY_WRITE,
)
