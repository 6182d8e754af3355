"""What a delivery tells, made to fit where it is kept, and each thing left out told.

Providers are others' systems: a text can be longer than a column, or hold what PostgreSQL cannot
(NUL, half of a character). Neither may keep the rest of a delivery from its lead.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import orjson

from timeline.reports import Json, Party, Reading, Report

# Characters that the columns take; a test holds them to the models.
TEXTS = {
    "content": 1_000_000,
    "html": 1_000_000,
    "summary": 100_000,
    "description": 100_000,
    "subject": 1_000,
    "failure_reason": 1_000,
    "sender": 500,
    "title": 500,
    "actor_name": 200,
    "activity_type": 100,
    "disconnection_reason": 100,
    "call_status": 50,
    "reaction": 50,
}
# Those that are worth nothing in part.
WHOLE_TEXTS = {
    "media_url": 4_096,
    "recording_url": 4_096,
    "provider_message_id": 255,
    "in_reply_to": 255,
    "provider_call_id": 255,
}
ID_LIMIT = 255
# Bytes of a list, as `timeline.checks` counts them, less what its brackets take.
LIST_LIMIT = 2_000_000 - 1_000
NAME_LIMIT = 200
# A delivery of nothing but mistakes must not be stored a second time in its reasons.
REASONS_LIMIT = 50
REASON_LIMIT = 500

_REPLACED = "has characters that cannot be kept; they are replaced"


def fitted(reading: Reading) -> Reading:
    """Return the reading with all of it fit to be kept, and what was cut told in `unusable`."""
    reports, reasons = [], list(reading.unusable)
    for report in reading.reports:
        party = report.party and _fit_party(report.party)
        if not _is_id(report.external_id) or not _is_id(report.key):
            reasons.append(f"{report.key[:50]}: its id cannot be kept")
        elif party and not any((party.identities, party.phone, party.email)):
            reasons.append(f"{report.key[:50]}: what tells whose it is cannot be kept")
        else:
            says = dict(_fit_all(report, reasons))
            reports.append(replace(report, says=says, party=party))
    return Reading(reports, _fit_reasons(reasons))


def storable(text: str) -> str:
    """Return the text with what PostgreSQL cannot hold replaced by U+FFFD."""
    if not text.isascii():
        # Two halves that stand together become their character.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.replace("\0", "\ufffd")


def cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _is_id(text: str) -> bool:
    return 0 < len(text) <= ID_LIMIT and storable(text) == text


def _fit_all(report: Report, reasons: list[str]) -> Iterator[tuple[str, Any]]:
    for name, value in report.says.items():
        fit, flaws = _fit(name, value)
        reasons += [f"{report.key} of {report.external_id}: {name} {flaw}" for flaw in flaws]
        if fit is not None:
            yield name, fit


def _fit(name: str, value: Any) -> tuple[Any, list[str]]:
    """Return what is kept of a field's value, None for nothing, and what is wrong with it."""
    clean = _clean(value)
    flaws = [_REPLACED] if clean != value else []
    if isinstance(clean, list):
        kept = _fit_list(clean)
        if len(kept) < len(clean):
            flaws.append(f"is too large; {len(kept):,} of its {len(clean):,} parts are kept")
        return kept, flaws
    if not isinstance(clean, str):
        return clean, flaws
    limit = TEXTS.get(name) or WHOLE_TEXTS.get(name)
    if limit is None or len(clean) <= limit:
        return clean, flaws
    flaws.append(f"is {len(clean):,} characters long, of {limit:,} kept")
    return None if name in WHOLE_TEXTS else cut(clean, limit), flaws


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_clean(each) for each in value]
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    return value


def _fit_list(items: list[Json]) -> list[Json]:
    size, kept = 0, []
    for item in items:
        size += _stored_size(item)
        if size > LIST_LIMIT:
            break
        kept.append(item)
    return kept


def _stored_size(item: Json) -> int:
    written = orjson.dumps(item)
    marks = sum(written.count(mark) for mark in (b",", b":", b"[", b"{"))
    return len(written) + 16 * marks + 17  # and the comma after it


def _fit_party(party: Party) -> Party:
    identities = tuple(each for each in party.identities if _is_id(each))
    name = cut(storable(party.name).strip(), NAME_LIMIT)
    return party._replace(identities=identities, name=name)


def _fit_reasons(reasons: Iterable[str]) -> list[str]:
    fit = [cut(storable(reason), REASON_LIMIT) for reason in reasons]
    more = len(fit) - REASONS_LIMIT
    return fit if more <= 0 else [*fit[:REASONS_LIMIT], f"and {more:,} more"]
