"""The fields of a lead as somebody gives them in JSON: held to what the table of leads takes.

What is no field of a lead goes to its `metadata`; what is given in `metadata` itself wins.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from leads.json_values import RefusedError, moment_of, object_of, text_of, unstorable, uuid_of
from leads.models import Lead

TEXTS = ("first_name", "last_name", "phone", "email", "source", "company", "title")
# One of these makes a lead somebody.
NAMING = ("first_name", "last_name", "phone", "email", "company")
# Fields that are shown of a lead and not given; the first two are, when it is made.
NOT_GIVEN = ("owner", "updated_at")
NOT_CHANGED = ("id", "created_at", *NOT_GIVEN)

DEFAULT_SOURCE = "api"

# Of metadata: bytes of its JSON, and how deep its values may be nested.
METADATA_LIMIT = 65_536
METADATA_DEPTH = 20

_FIELDS = frozenset({*TEXTS, "status", "metadata", *NOT_CHANGED})

LIMITS: Mapping[str, int] = {
    field.name: field.max_length
    for field in Lead._meta.concrete_fields
    if field.name in TEXTS and field.max_length is not None
}


class LeadChanges(NamedTuple):
    """New values of fields, and of keys of the metadata; a key's None takes it away."""

    fields: dict[str, Any]
    metadata: dict[str, Any]


def new_lead(value: Any) -> Lead:
    """Return the lead that the value describes, of no account yet; raises RefusedError."""
    given = _given(value, NOT_GIVEN)
    if not any(given.get(name) for name in NAMING):
        raise RefusedError(f"A lead needs one of {', '.join(NAMING)}")
    known = {name: value for name, value in given.items() if value is not None}
    fields = _fields({"source": DEFAULT_SOURCE, **known})
    if lead_id := uuid_of(given, "id"):
        fields["id"] = lead_id
    if created_at := moment_of(given, "created_at"):
        fields["created_at"] = created_at
    return Lead(**fields, metadata=merged_metadata({}, _metadata(given)))


def lead_changes(value: Any) -> LeadChanges:
    """Return what the value changes of a lead; raises RefusedError."""
    given = _given(value, NOT_CHANGED)
    return LeadChanges(_fields(given), _metadata(given))


def merged_metadata(known: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known with what is given, key by key; raises RefusedError for too much."""
    merged = {
        key: value
        for key, value in {**known, **given}.items()
        if value is not None or key not in given
    }
    size = len(json.dumps(_as_kept(merged), ensure_ascii=False).encode())
    if given and size > METADATA_LIMIT:
        raise RefusedError(f"metadata takes {size:,} bytes; at most {METADATA_LIMIT:,} are kept")
    return merged


def check_lead_text(name: str, text: str) -> None:
    """Raise RefusedError if the table of leads would not take the text."""
    if len(text) > LIMITS[name]:
        raise RefusedError(f"{name} is {len(text):,} characters long, of {LIMITS[name]:,} kept")
    if reason := unstorable(text):
        raise RefusedError(f"{name} {reason}")


def _given(value: Any, not_taken: tuple[str, ...]) -> dict[str, Any]:
    given = object_of(value, "A lead")
    for name in not_taken:
        if name in given:
            raise RefusedError(f"{name} cannot be set here")
    return given


def _fields(given: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: text_of(given, name) for name in TEXTS if name in given}
    for name, text in fields.items():
        check_lead_text(name, text)
    if "status" in given:
        fields["status"] = _status(given["status"])
    return fields


def _status(value: Any) -> str:
    if value not in Lead.Status.values:
        raise RefusedError(f"status must be one of {', '.join(Lead.Status.values)}")
    return str(value)


def _metadata(given: Mapping[str, Any]) -> dict[str, Any]:
    own = object_of({} if given.get("metadata") is None else given["metadata"], "metadata")
    others = {key: value for key, value in given.items() if key not in _FIELDS}
    metadata = {**others, **own}
    reason = _unkept(metadata, METADATA_DEPTH)
    if reason:
        raise RefusedError(f"metadata {reason}")
    return metadata


def _as_kept(value: Any) -> Any:
    """Return the value with its numbers written out as PostgreSQL does: 1e300 has 301 digits."""
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    if isinstance(value, dict):
        return {key: _as_kept(part) for key, part in value.items()}
    return [_as_kept(part) for part in value] if isinstance(value, list) else value


def _unkept(value: Any, depth: int) -> str | None:
    """Say why a value of the metadata cannot be kept, or return None."""
    if isinstance(value, str):
        return unstorable(value)
    if isinstance(value, dict | list):
        if not depth:
            return "is nested too deeply"
        parts = [*value, *value.values()] if isinstance(value, dict) else value
        return next(filter(None, (_unkept(part, depth - 1) for part in parts)), None)
    return None
