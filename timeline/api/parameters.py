"""The query parameters of the documented endpoint, parsed or refused; never silently mended."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.http import QueryDict

from leads.api.parameters import integer, once
from leads.errors import InvalidRequest, LeadNotFound
from leads.folding import words_to_find
from timeline.cursor import Cursor, InvalidCursor, decode, encode
from timeline.entries import EVERYTHING, SPOKEN_CHANNELS, Direction, Filter, Kind, Position
from timeline.history import MAX_LIMIT, MAX_OFFSET

DEFAULT_LIMIT = 50
MAX_QUERY = 200  # characters

# What the vendor's page does not have.
_NARROWING = frozenset({"type", "direction", "since", "until", "q"})
_BEYOND = _NARROWING | {"order", "cursor", "view"}

# A day, or a time of one with its zone.
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?", re.ASCII)
_DAY_LENGTH = len("2026-01-10")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class HistoryParameters(NamedTuple):
    """What of the history is asked for. Without channels, activities of `system` are in it too.

    `is_by_cursor` says that pages are asked for by cursor; `after` is where this one begins then,
    None for the beginning. `is_full` asks for what goes beyond the documented keys.
    """

    only: Filter
    limit: int
    offset: int
    newest_first: bool = False
    is_by_cursor: bool = False
    after: Position | None = None
    is_full: bool = False


def history_parameters(query: QueryDict, lead_id: str) -> HistoryParameters:
    """Parse the query; raises InvalidRequest naming the parameter that is wrong.

    Unknown parameters are ignored. A cursor is good for the lead and the order it was given for.
    """
    channels = _several(query, "channel", SPOKEN_CHANNELS)
    documented = HistoryParameters(
        only=EVERYTHING if channels is None else Filter(channels=channels),
        limit=integer(query, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
        offset=integer(query, "offset", 0, 0, MAX_OFFSET),
    )
    # Most requests ask for no more than this, and need not pay for what they do not ask for.
    return documented if _BEYOND.isdisjoint(query) else _beyond(documented, query, lead_id)


def _beyond(documented: HistoryParameters, query: QueryDict, lead_id: str) -> HistoryParameters:
    newest_first = _one_of(query, "order", ("asc", "desc")) == "desc"
    is_by_cursor = "cursor" in query
    return documented._replace(
        only=documented.only if _NARROWING.isdisjoint(query) else _only(documented.only, query),
        # A cursor says where the page begins; an offset beside it says nothing.
        offset=0 if is_by_cursor else documented.offset,
        newest_first=newest_first,
        is_by_cursor=is_by_cursor,
        after=_after(query, lead_id.lower(), newest_first=newest_first),
        is_full=_one_of(query, "view", ("full",)) == "full",
    )


def _only(documented: Filter, query: QueryDict) -> Filter:
    direction = _one_of(query, "direction", tuple(Direction))
    return replace(
        documented,
        kinds=_several(query, "type", tuple(Kind)),
        direction=Direction(direction) if direction else None,
        since=_time(query, "since"),
        until=_time(query, "until"),
        words=_words(query),
    )


def next_cursor(lead_id: UUID, last: Position, *, newest_first: bool) -> str:
    """Return the cursor of the page behind the entry there."""
    return encode(Cursor(last, newest_first), str(lead_id))


def parse_lead_id(text: str) -> UUID:
    """Parse a lead's id; what is no UUID is a lead that does not exist (LeadNotFound)."""
    parsed = parse_uuid(text)
    if parsed is None:
        raise LeadNotFound
    return parsed


def parse_uuid(text: str) -> UUID | None:
    """Parse an id as the API writes it, in either case; None for what is no UUID."""
    return UUID(text) if _UUID.fullmatch(text) else None


Word = TypeVar("Word", bound=StrEnum)


def _several(query: QueryDict, name: str, words: Sequence[Word]) -> frozenset[Word] | None:
    text = (once(query, name) or "").strip(" ")
    if not text:
        return None
    asked = {each.strip(" ") for each in text.split(",")}
    if not asked <= set(words):
        raise InvalidRequest(f"{name} must be a comma-separated list of {', '.join(words)}")
    return frozenset(word for word in words if word in asked)


def _one_of(query: QueryDict, name: str, words: Sequence[str]) -> str:
    text = once(query, name) or ""
    if text and text not in words:
        raise InvalidRequest(f"{name} must be {' or '.join(words)}")
    return text


def _time(query: QueryDict, name: str) -> datetime | None:
    text = once(query, name)
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
        if at is not None and len(text) == _DAY_LENGTH:
            at = at.replace(tzinfo=UTC)
        # What no zone can shift out of the years there are.
        if at is not None and at.tzinfo and 1 < at.year < 9999:
            return at.astimezone(UTC)
    except ValueError:
        pass
    raise InvalidRequest(
        f"{name} must be a date, or a time with its zone, in ISO 8601, as 2026-01-10T08:00:00Z"
    )


def _words(query: QueryDict) -> tuple[str, ...]:
    text = once(query, "q")
    if not text:
        return ()
    words = words_to_find(text) if len(text) <= MAX_QUERY else ()
    if not words:
        raise InvalidRequest(f"q must be up to {MAX_QUERY} characters with a letter or digit")
    return words


def _after(query: QueryDict, lead_id: str, *, newest_first: bool) -> Position | None:
    text = once(query, "cursor")
    if not text:
        return None
    try:
        cursor = decode(text, lead_id)
    except InvalidCursor:
        cursor = None
    if cursor is None or cursor.newest_first != newest_first:
        raise InvalidRequest(
            "cursor must be empty, or the next_cursor of an answer for the same lead and order"
        )
    return cursor.position
