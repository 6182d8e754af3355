"""Answers as bytes, and what is looked at in them."""

import json
from typing import Any


def compact(data: Any) -> bytes:
    """Return the bytes of JSON without blanks, in UTF-8 as is."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


MISSING_KEY = compact(
    {
        "error": "Missing API key",
        "message": "Please provide your API key in the X-API-Key header",
    }
)
INVALID_KEY = compact({"error": "Invalid API key", "message": "The provided API key is not valid"})
NOT_FOUND = compact(
    {"error": "Not found", "message": "Lead not found or does not belong to your account"}
)


def entries_of(answer: Any) -> list[dict[str, Any]]:
    """Return the history of an answer that must be a 200."""
    assert answer.status_code == 200, answer.content
    entries: list[dict[str, Any]] = answer.json()["history"]
    return entries
