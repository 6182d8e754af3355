"""What the operations that write have in common in the OpenAPI document."""

from typing import Any

from leads.api.bodies import MAX_BODY, MAX_ITEMS
from leads.api.schema import Json, exactly, headers, ref, refusal
from leads.api.writing import IDEMPOTENCY_KEY, MAX_KEY
from leads.errors import ApiError, BodyTooLarge, LeadNotFound, NotJson

# Text that PostgreSQL can hold.
NO_NUL = "^[^\\u0000]*$"
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
