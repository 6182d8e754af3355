"""How values are described in the OpenAPI document."""

from collections.abc import Iterable

from leads.api.schema import Json


def text(description: str) -> Json:
    return {"type": "string", "description": description}


def text_or_null(description: str) -> Json:
    return {"type": ["string", "null"], "description": description}


def one_of(values: Iterable[str], description: str) -> Json:
    return {"type": "string", "enum": [str(value) for value in values], "description": description}


def one_of_or_null(values: Iterable[str], description: str) -> Json:
    return {
        "type": ["string", "null"],
        "enum": [*(str(value) for value in values), None],
        "description": description,
    }


def always(value: str) -> Json:
    return {"type": "string", "const": value}


def time(description: str) -> Json:
    return {**_TIME, "type": "string", "description": _told(description)}


def time_or_null(description: str) -> Json:
    return {**_TIME, "type": ["string", "null"], "description": _told(description)}


_TIME: Json = {"format": "date-time", "pattern": "Z$"}


def _told(description: str) -> str:
    return f"{description} ISO 8601, UTC; with a fraction only where there is one."
