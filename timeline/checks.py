"""What an entry must be like to be recorded, said in words before the database says it in errors.

The rules are read off the models, so that they cannot drift from them; the database holds them
again as constraints.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson
from django.db import models

from leads.json_values import unstorable
from timeline.entries import AnyDraft, Draft
from timeline.models import LIST_LIMIT, MODEL_OF, AnyEntry

MAX_INTEGER = 2**31 - 1
# What datetime holds, less a day, so that every time can be shown in every time zone.
_EARLIEST = datetime.min.replace(tzinfo=UTC) + timedelta(days=1)
_LATEST = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
# A NUL character as JSON writes it, and not a backslash followed by a text that looks like one.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

# Takes a value, returns what is wrong with it in words, or None.
Rule = Callable[[Any], str | None]

# What gives the values of a draft, and for each its name, what it is when it is not known and need
# not be, and its rule.
_Rules = tuple[Callable[[AnyDraft], tuple[Any, ...]], list[tuple[str, object, Rule]]]


class InvalidEntry(ValueError):
    """An entry cannot be recorded: `field` of it is wrong, `reason` says how."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


def check(draft: AnyDraft) -> None:
    """Raise InvalidEntry for the first field of the draft that its table would not take."""
    values, rules = _RULES[type(draft)]
    for value, (name, unknown, rule) in zip(values(draft), rules, strict=True):
        # Most fields of most entries are not known.
        if value is not unknown and (reason := rule(value)) is not None:
            raise InvalidEntry(name, reason)


def check_text(model: type[AnyEntry], name: str, text: str) -> None:
    """Raise InvalidEntry if the text does not fit the model's field of that name."""
    reason = _rule(model._meta.get_field(name))(text)
    if reason is not None:
        raise InvalidEntry(name, reason)


def _rule(field: Any) -> Rule:
    for kind, make in _MAKERS.items():
        if isinstance(field, kind):
            return make(field)
    raise TypeError(f"no rule for {field!r}")


def _text(field: Any) -> Rule:
    if field.choices:
        return _choice(field)
    limit, empty = field.max_length, None if field.blank else "is missing"

    def rule(value: Any) -> str | None:
        if not isinstance(value, str):
            return "must be text"
        if not value:
            return empty
        if len(value) > limit:
            return f"is {len(value):,} characters long; at most {limit:,} are kept"
        return unstorable(value)

    return rule


def _choice(field: Any) -> Rule:
    choices, empty = {value for value, _ in field.choices}, None if field.blank else "is missing"
    listed = ", ".join(sorted(choices))

    def rule(value: Any) -> str | None:
        if not isinstance(value, str):
            return "must be text"
        if not value:
            return empty
        return None if value in choices else f"must be one of {listed}"

    return rule


def _time(field: Any) -> Rule:
    nullable = field.null

    def rule(value: Any) -> str | None:
        if value is None:
            return None if nullable else "is missing"
        if not isinstance(value, datetime):
            return "must be a time"
        if value.utcoffset() is None:
            return "has no time zone"
        return None if _EARLIEST <= value <= _LATEST else "is out of range"

    return rule


def _integer(field: Any) -> Rule:
    nullable = field.null

    def rule(value: Any) -> str | None:
        if value is None:
            return None if nullable else "is missing"
        if not isinstance(value, int) or isinstance(value, bool):
            return "must be an integer"
        return None if 0 <= value <= MAX_INTEGER else f"must be between 0 and {MAX_INTEGER}"

    return rule


def _yes_or_no(_field: Any) -> Rule:
    def rule(value: Any) -> str | None:
        known = value is None or isinstance(value, bool)
        return None if known else "must be true, false or null"

    return rule


def _list_of(item: type[Any]) -> Rule:
    """Return the rule of a list of texts (`str`) or of objects (`dict`)."""
    wanted = f"must be a list of {'texts' if item is str else 'objects'}"

    def rule(value: Any) -> str | None:
        if value == []:
            return None
        if not isinstance(value, list) or not all(isinstance(one, item) for one in value):
            return wanted
        try:
            written = orjson.dumps(value)
        except TypeError as error:
            return f"cannot be kept as JSON: {error}"
        if _NUL.search(written):
            return "contains a NUL character"
        if orjson.loads(written) != value:
            return "cannot be kept as JSON: it would not come back the same"
        return None if _stored_size(written) <= LIST_LIMIT else "is too large"

    return rule


def _stored_size(written: bytes) -> int:
    """Return how many bytes PostgreSQL's own form of the JSON takes at most.

    A value costs its text and, before it, an entry in a table, a header and alignment.
    """
    return len(written) + 16 * sum(written.count(mark) for mark in (b",", b":", b"[", b"{"))


def _uuid(_field: Any) -> Rule:
    return lambda value: None if isinstance(value, UUID) else "must be a UUID"


def _foreign_key(field: Any) -> Rule:
    return _rule(field.target_field) if not field.null else _integer(field)


# The first kind that fits counts.
_MAKERS: Mapping[type[Any], Callable[[Any], Rule]] = {
    models.ForeignKey: _foreign_key,
    models.CharField: _text,
    models.TextField: _text,
    models.DateTimeField: _time,
    models.BooleanField: _yes_or_no,
    models.IntegerField: _integer,
    models.UUIDField: _uuid,
}


def _rules(draft: type[Draft], model: type[AnyEntry]) -> _Rules:
    columns = {field.attname: field for field in model._meta.concrete_fields}
    rules: list[tuple[str, object, Rule]] = []
    for name, hint in get_type_hints(draft).items():
        if isinstance(columns[name], models.JSONField):
            (item,) = get_args(hint)
            rules.append((name, _NOTHING, _list_of(get_origin(item) or item)))
        else:
            rules.append((name, _unknown(columns[name]), _rule(columns[name])))
    return attrgetter(*(name for name, _, _ in rules)), rules


# What no value is.
_NOTHING = object()


def _unknown(field: Any) -> object:
    if field.null:
        return None
    return (
        "" if field.blank and isinstance(field, models.CharField | models.TextField) else _NOTHING
    )


_RULES = {draft: _rules(draft, model) for draft, model in MODEL_OF.items()}
