"""What the operations that write have in common in the OpenAPI document."""

from typing import Any

from leads.api.bodies import MAX_BODY, MAX_ITEMS
from leads.api.schema import Json, exactly, headers, ref, refusal
from leads.api.writing import IDEMPOTENCY_KEY, MAX_KEY
from leads.errors import ApiError, BodyTooLarge, LeadNotFound, NotJson

# Text that PostgreSQL can hold.
NO_NUL = "^[^\\u0000]*$"

# A time that every time zone can show.
GIVEN_TIME: Json = {
    "format": "date-time",
    "not": {"type": "string", "pattern": "^(0001|9999)-"},
}

LEAD_ID: Json = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The lead's ID.",
    "schema": {"type": "string", "format": "uuid"},
    "example": "550e8400-e29b-41d4-a716-446655440000",
}

KEY_HEADER: Json = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "description": (
        "A name of yours for this request, another one for each. The same request again under the"
        " same name, for 24 hours at least, writes nothing and gets the same answer, marked"
        " `Idempotency-Replayed`; another request under it gets 409. A request that was refused as"
        " a whole (4xx) is not remembered."
    ),
    "schema": {"type": "string", "pattern": f"^[!-~]{{1,{MAX_KEY}}}$"},
    "example": "crm-sync-2026-01-10-0001",
}

COMPONENTS: Json = {
    "schemas": {
        "ItemRefused": exactly(
            {
                "success": {"type": "boolean", "const": False},
                "error": {"type": "string", "description": "As in `Error`."},
                "message": {"type": "string", "description": "As in `Error`."},
            },
            "An item that was refused.",
        ),
    },
    "headers": {
        "Idempotency-Replayed": {
            "description": "Only there, and then `true`, when the answer was given before.",
            "schema": {"type": "string", "const": "true"},
            "example": "true",
        }
    },
}


def given_text(limit: int, description: str) -> Json:
    """Return the schema of a text that may be given, null for an empty one."""
    return {
        "type": ["string", "null"],
        "maxLength": limit,
        "pattern": NO_NUL,
        "description": description,
    }


def answers_of(description: str, schema: str, example: Any, *, replayed: bool = False) -> Json:
    """Return an answer whose body is of the schema."""
    return {
        "description": description,
        "headers": headers(*(["Idempotency-Replayed"] if replayed else [])),
        "content": {
            "application/json": {
                "schema": ref("schemas", schema),
                "examples": {schema: {"value": example}},
            }
        },
    }


def takes(schema: Json, **examples: Any) -> Json:
    """Return the body that an operation takes."""
    return {
        "required": True,
        "content": {
            "application/json": {
                "schema": schema,
                "examples": {name: {"value": value} for name, value in examples.items()},
            }
        },
    }


def one_or_many(schema: str) -> Json:
    items = {"type": "array", "items": {}, "minItems": 1, "maxItems": MAX_ITEMS}
    return {"anyOf": [ref("schemas", schema), {**items, "description": f"Of `{schema}`s."}]}


def refusals_of(*, body: bool = True, found: bool = True, **more: tuple[str, ApiError]) -> Json:
    """Return the refusals of an operation, by status; `more` are those of its own."""
    said: dict[str, tuple[str, ApiError]] = {}
    if body:
        too_large = BodyTooLarge(f"A body may have at most {MAX_BODY:,} bytes")
        said["413"] = ("The body is too large.", too_large)
        said["415"] = ("The body is not JSON in UTF-8.", NotJson())
    if found:
        said["404"] = ("There is no such lead in your account.", LeadNotFound())
    said.update({name.removeprefix("status_"): refused for name, refused in more.items()})
    return {status: refusal(text, headers(), error) for status, (text, error) in said.items()}


def results_schema(item: Json, *counts: str) -> Json:
    """Return the schema of an answer to a list, whose good results are of `item`."""
    number = {"type": "integer", "minimum": 0}
    return exactly(
        {
            "success": {"type": "boolean", "description": "Whether none was refused."},
            "results": {
                "type": "array",
                "items": {"anyOf": [item, ref("schemas", "ItemRefused")]},
                "description": "One for each item, in the order they were sent.",
            },
            "summary": exactly(dict.fromkeys((*counts, "failed"), number), "How many."),
        },
        "What became of each item. A refused one does not keep the others out.",
    )
