"""The shapes of leads in the OpenAPI document, as they are shown and as they are given."""

from typing import Any

from leads import lead_fields
from leads.api.schema import Json, exactly, ref
from leads.api.writing_schema import GIVEN_TIME, NO_NUL, given_text, results_schema
from leads.models import Lead

MAX_LIMIT = 200

EXAMPLE: dict[str, Any] = {
    "id": "550e8400-e29b-41d4-a716-446655440000",
    "first_name": "John",
    "last_name": "Doe",
    "phone": "+1234567890",
    "email": "john@example.com",
    "source": "api",
    "created_at": "2026-01-10T08:00:00Z",
    "company": "Stark Industries",
    "title": None,
    "status": "new",
    "owner": None,
    "metadata": {"age": 35, "broker": "Maria"},
    "updated_at": "2026-01-10T08:00:00Z",
}


def _time(description: str) -> Json:
    return {
        "type": "string",
        "format": "date-time",
        "pattern": "Z$",
        "description": f"{description} ISO 8601, UTC; with a fraction only where there is one.",
    }


def _shown_text(description: str) -> Json:
    return {"type": ["string", "null"], "description": description}


_STATUS = {"type": "string", "enum": [*Lead.Status.values], "description": "Where it stands."}

_SAID = {
    "first_name": "First name.",
    "last_name": "Last name.",
    "phone": "Phone number, as it was given.",
    "email": "E-mail address.",
    "source": "Where the lead came from.",
    "company": "Whom the lead works for.",
    "title": "Job title.",
}

_GIVEN: Json = {
    **{name: given_text(lead_fields.LIMITS[name], said) for name, said in _SAID.items()},
    "metadata": {
        "type": ["object", "null"],
        "description": (
            "Whatever else is known, by keys of yours. A key's `null` takes it away. Its JSON may"
            f" take {lead_fields.METADATA_LIMIT:,} bytes, its numbers written out, and be nested"
            f" {lead_fields.METADATA_DEPTH} deep."
        ),
        "example": {"age": 35, "broker": "Maria"},
    },
}

_REST_IS_METADATA = "Any other key goes to `metadata`; one that is in `metadata` itself wins."

COMPONENTS: Json = {
    "schemas": {
        "FullLead": exactly(
            {
                "id": {"type": "string", "format": "uuid"},
                **{name: _shown_text(_SAID[name]) for name in list(_SAID)[:5]},
                "created_at": _time("When the lead was created."),
                **{name: _shown_text(_SAID[name]) for name in list(_SAID)[5:]},
                "status": _STATUS,
                "owner": _shown_text("The e-mail address of who looks after it."),
                "metadata": {"type": "object", "description": "Whatever else is known."},
                "updated_at": _time("When the lead was changed last."),
            },
            "A lead, with all there is of it.",
        ),
        "NewLead": {
            "type": "object",
            "description": f"A lead to create. {_REST_IS_METADATA}",
            "properties": {
                "id": {
                    "type": ["string", "null"],
                    "format": "uuid",
                    "description": "An ID of yours; one that is taken, anywhere, is refused.",
                },
                **_GIVEN,
                "status": {**_STATUS, "type": ["string", "null"], "enum": [*Lead.Status, None]},
                "created_at": {
                    "type": ["string", "null"],
                    **GIVEN_TIME,
                    "description": "Now, if it is not given.",
                },
            },
            "anyOf": [
                {
                    "required": [name],
                    "properties": {name: {"type": "string", "minLength": 1}},
                }
                for name in lead_fields.NAMING
            ],
            "propertyNames": {"not": {"enum": [*lead_fields.NOT_GIVEN]}, "pattern": NO_NUL},
        },
        "LeadChange": {
            "type": "object",
            "description": (
                "What is to be changed; what is not named stays. `null` empties a text."
                f" {_REST_IS_METADATA}"
            ),
            "properties": {**_GIVEN, "status": _STATUS},
            "propertyNames": {"not": {"enum": [*lead_fields.NOT_CHANGED]}, "pattern": NO_NUL},
        },
        "LeadAnswer": exactly(
            {"success": {"type": "boolean", "const": True}, "lead": ref("schemas", "FullLead")},
            "A lead.",
        ),
        "LeadResults": results_schema(ref("schemas", "LeadAnswer"), "created"),
        "LeadList": exactly(
            {
                "success": {"type": "boolean", "const": True},
                "leads": {
                    "type": "array",
                    "maxItems": MAX_LIMIT,
                    "items": ref("schemas", "FullLead"),
                    "description": "By `created_at`, the newest first; ties in a fixed order.",
                },
                "pagination": exactly(
                    {
                        "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
                        "next_cursor": _shown_text("The next page's `cursor`; null on the last."),
                        "has_more": {"type": "boolean"},
                    },
                    "Where in the list the page is.",
                ),
            },
            "A page of leads.",
        ),
    }
}
