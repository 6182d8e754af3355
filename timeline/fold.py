"""An entry made of all that was told about it, whatever came first.

Pure: no ORM. Reports are sorted by what they say and never by when they came, so the same reports
give the same entry; what says more of a thing, by rank and then by time, is believed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import orjson

from timeline.entries import (
    STATUS_LADDER,
    ActivityDraft,
    CallDraft,
    Draft,
    Kind,
    MessageDraft,
    MessageStatus,
)

DRAFTS: Mapping[Kind, type[Draft]] = {
    Kind.MESSAGE: MessageDraft,
    Kind.CALL: CallDraft,
    Kind.ACTIVITY: ActivityDraft,
}

# Times stand in reports as texts: by kind, the fields that have one.
_TIMES = {
    kind: {field.name for field in fields(draft) if "datetime" in str(field.type)}
    for kind, draft in DRAFTS.items()
}
# The earliest report of each of these counts.
_REACHED = tuple(f"{status}_at" for status in MessageStatus)


class Told(Protocol):
    """A report, as it came or as it was kept."""

    @property
    def key(self) -> str: ...
    @property
    def rank(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> Any: ...
    @property
    def says(self) -> Mapping[str, Any]: ...


class Folded(NamedTuple):
    """An entry's kind and what is known of it, by the names of its draft's fields."""

    kind: Kind
    says: dict[str, Any]


def fold(reports: Iterable[Told]) -> Folded | None:
    """Return the entry, or None while nothing has founded it."""
    told = sorted(reports, key=order)
    founding = next((report for report in told if report.kind), None)
    if founding is None:
        return None
    says: dict[str, Any] = {"occurred_at": founding.at.isoformat()}
    for report in told:
        says.update(report.says)
    says.update(_how_far(told))
    kind = Kind(founding.kind)
    return Folded(kind, {name: _value(kind, name, value) for name, value in says.items()})


def order(report: Told) -> tuple[Any, ...]:
    """Return what reports of one entry are sorted by: the last one is believed."""
    return report.rank, report.at, report.key, written(report.says)


def written(says: Mapping[str, Any]) -> bytes:
    """Return the JSON of what is said, the same for the same."""
    return orjson.dumps(says, option=orjson.OPT_SORT_KEYS)


def _how_far(told: Sequence[Told]) -> dict[str, Any]:
    """Return how far a message got: on the ladder no report takes back what another one gave."""
    reached: dict[str, Any] = {}
    said = [report.says for report in told]
    if statuses := [says["status"] for says in said if says.get("status")]:
        reached["status"] = max(statuses, key=STATUS_LADDER.index)
    for name in _REACHED:
        if times := [says[name] for says in said if says.get(name)]:
            reached[name] = min(times, key=datetime.fromisoformat)
    if reasons := [says["failure_reason"] for says in said if says.get("failure_reason")]:
        reached["failure_reason"] = min(reasons)
    return reached


def _value(kind: Kind, name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if value and name in _TIMES[kind] else value
