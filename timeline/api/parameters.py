"""The query parameters of the documented endpoint, parsed or refused; never silently mended."""

import re
from typing import NamedTuple
from uuid import UUID

from django.http import QueryDict

from leads.errors import InvalidRequest, LeadNotFound
from timeline.entries import SPOKEN_CHANNELS, Channel, Filter
from timeline.history import MAX_LIMIT, MAX_OFFSET

DEFAULT_LIMIT = 50

_DIGITS = re.compile(r"[0-9]{1,20}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


class HistoryParameters(NamedTuple):
    """What of the history is asked for. Without channels, activities of `system` are in it too."""

    only: Filter
    limit: int
    offset: int


def history_parameters(query: QueryDict) -> HistoryParameters:
    """Parse `channel`, `limit` and `offset`; raises InvalidRequest naming the one that is wrong.

    Unknown parameters are ignored.
    """
    return HistoryParameters(
        only=Filter(channels=_channels(query)),
        limit=_integer(query, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
        offset=_integer(query, "offset", 0, 0, MAX_OFFSET),
    )


def parse_lead_id(text: str) -> UUID:
    """Parse a lead's id; what is no UUID is a lead that does not exist (LeadNotFound)."""
    parsed = parse_uuid(text)
    if parsed is None:
        raise LeadNotFound
    return parsed


def parse_uuid(text: str) -> UUID | None:
    """Parse an id as the API writes it, in either case; None for what is no UUID."""
    return UUID(text) if _UUID.fullmatch(text) else None


def _once(query: QueryDict, name: str) -> str | None:
    values = query.getlist(name)
    if len(values) > 1:
        raise InvalidRequest(f"{name} must be given once")
    return values[0] if values else None


def _integer(query: QueryDict, name: str, default: int, least: int, most: int) -> int:
    text = _once(query, name)
    if text is None:
        return default
    if not _DIGITS.fullmatch(text) or not least <= int(text) <= most:
        raise InvalidRequest(f"{name} must be an integer between {least} and {most}")
    return int(text)


def _channels(query: QueryDict) -> frozenset[Channel] | None:
    text = (_once(query, "channel") or "").strip(" ")
    if not text:
        return None
    names = {name.strip(" ") for name in text.split(",")}
    if not names <= set(SPOKEN_CHANNELS):
        raise InvalidRequest(
            f"channel must be a comma-separated list of {', '.join(SPOKEN_CHANNELS)}"
        )
    return frozenset(Channel(name) for name in names)
