"""The stretch of a lead's timeline that one page shows, and the ways on from there."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from timeline.asked import Asked
from timeline.cursor import Cursor, encode
from timeline.entries import Entry, Position
from timeline.history import FULL, KEYS, find, position_of, read_page
from timeline.presenting import show_all
from timeline.shown import Reading, Shown

SIZE = 50
# Entries that stand above one whose address was opened, for it to be read in its context.
_CONTEXT = 3


class EntryNotFound(LookupError):
    """The lead has no such entry."""


class Stretch(NamedTuple):
    """Entries in the order shown; cursors of what comes after and before them, "" for nothing."""

    shown: list[Shown]
    following: str
    preceding: str

    @property
    def is_whole(self) -> bool:
        return not self.following and not self.preceding


def read_stretch(
    account_id: int,
    reading: Reading,
    asked: Asked,
    *,
    at: UUID | None = None,
    continued: bool = False,
) -> Stretch:
    """Return what is asked for, or what is about the entry `at`; raises EntryNotFound.

    `continued` says that it is put below entries that stand on the page already.
    """
    lead_id = reading.lead_id
    after = asked.after if at is None else _above(account_id, lead_id, at, asked)
    page = read_page(
        account_id,
        lead_id,
        limit=SIZE,
        after=after,
        only=asked.only,
        newest_first=asked.newest_first != asked.backwards,
        detail=FULL,
    )
    entries = page.entries[::-1] if asked.backwards else page.entries
    if not entries:
        return Stretch([], "", "")
    more_before = (
        page.has_more if asked.backwards else _is_any_before(account_id, after, reading, asked)
    )
    continues = asked.backwards or page.has_more
    below = after if continued and not asked.backwards else None
    return Stretch(
        shown=show_all(
            entries,
            reading,
            day_before=below and timezone.localtime(below.occurred_at).date(),
        ),
        following=_cursor(entries[-1], newest_first=asked.newest_first) if continues else "",
        preceding=_cursor(entries[0], newest_first=not asked.newest_first) if more_before else "",
    )


def _cursor(entry: Entry, *, newest_first: bool) -> str:
    return encode(Cursor(position_of(entry), newest_first))


def _above(account_id: int, lead_id: UUID, at: UUID, asked: Asked) -> Position | None:
    """Return where a page must begin for the entry to stand on it, a few others above."""
    place = find(account_id, lead_id, at)
    if place is None:
        raise EntryNotFound(at)
    above = _before(account_id, lead_id, place, asked, limit=_CONTEXT)
    return position_of(above[-1]) if len(above) == _CONTEXT else None


def _is_any_before(account_id: int, after: Position | None, reading: Reading, asked: Asked) -> bool:
    if after is None:
        return False
    return bool(_before(account_id, reading.lead_id, after, asked, limit=1))


def _before(
    account_id: int, lead_id: UUID, place: Position, asked: Asked, *, limit: int
) -> Sequence[Entry]:
    """Return the entries before the place in the order shown, the nearest first."""
    return read_page(
        account_id,
        lead_id,
        limit=limit,
        after=place,
        only=asked.only,
        newest_first=not asked.newest_first,
        detail=KEYS,
    ).entries
