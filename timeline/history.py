"""THE read path: one lead's timeline, a page at a time, in one statement.

API, staff pages, admin and exports all read through `read_page`. Nothing else reads the three
tables of entries as a timeline.

The shape of the statement, and why
-----------------------------------
Each table (with a channel filter: each table and channel) is a *branch* that walks its own index
``(account, lead[, channel], occurred_at, id)`` from where the page begins and stops after
``limit + 1`` rows. The outer query merges the few rows of the branches and keeps ``limit + 1``;
the one too many is `has_more`, exact and without a count. So a page costs the same on a lead of
fifty entries and on one of a million.

* Without a ``LIMIT`` in every branch PostgreSQL would read and sort the whole lead.
* A channel is an equality in a branch of its own: filtering the lead's index for a rare channel
  would walk the whole lead. PostgreSQL knows that only where it believes that leads are long, which
  a migration sees to (`docs/decisions/0008-statistics.md`).
* A page begins at a *position*, the row comparison ``(occurred_at, id) > (…)``, which is an index
  condition; written with OR it would not be. A cursor is a position as it stands, and so are the
  times that a filter asks for; with both, the one that leaves less counts. An offset is
  turned into one first, by an index-only walk over the branches' keys (`start`), so that no row of
  the skipped pages is read. On a lead that is paged deep into, entries are counted by day
  (`timeline.day_counts`; several days as one, if there are many), and the walk sets out from the
  day that the offset falls on.
* Ids are unique across the tables, so ``(occurred_at, id)`` is a total order and there is nothing
  else to sort by.
"""

from collections.abc import Callable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from leads import prepared
from leads.folding import tsquery
from timeline import entries, statement
from timeline.branches import FIND, NIL
from timeline.entries import EVERYTHING, Entry, Filter, Position
from timeline.statement import Begin, Detail, Shape, page_statement

MAX_LIMIT = 200
# Far past any history, and safe to add one to in a bigint.
MAX_OFFSET = 10**18

# From such offsets on, walking over the keys up to it costs more than a page.
DEEP = 2_000

# No more than the keys, what the documented endpoint shows, what it shows in full, and all.
KEYS = Detail(entries.EntryKey, entries.EntryKey, entries.EntryKey)
DOCUMENTED = Detail(entries.Message, entries.Call, entries.Activity)
PUBLIC = Detail(entries.PublicMessage, entries.FullCall, entries.Activity)
FULL = Detail(entries.FullMessage, entries.FullCall, entries.FullActivity)


class Page(NamedTuple):
    """Entries in the order asked for, and whether there are more after them.

    `version` is the same for the same page of unchanged entries, whatever `detail` of them is read,
    and another one after any change: it is made of each row's id and `xmin`, the transaction that
    wrote the row as it stands, so nothing has to be kept up to date for it.
    """

    entries: list[Entry]
    has_more: bool
    version: bytes


class Question(NamedTuple):
    """Which page of a timeline is asked for, and what of its entries.

    It begins `offset` entries from the end that is asked for first, or right behind the position
    `after`; not both. `only` says which entries count, for the offset too.
    """

    limit: int
    offset: int = 0
    after: Position | None = None
    only: Filter = EVERYTHING
    newest_first: bool = False
    detail: Detail = DOCUMENTED

    @property
    def shape(self) -> Shape:
        """Return what of it makes another statement; raises ValueError for what is out of range."""
        if not 1 <= self.limit <= MAX_LIMIT or not 0 <= self.offset <= MAX_OFFSET:
            raise ValueError(f"limit {self.limit}, offset {self.offset}")
        if self.after is not None and self.offset:
            raise ValueError(f"limit {self.limit}, offset {self.offset}, after {self.after}")
        begin = Begin.OFFSET if self.offset else Begin.BOUND
        begin = Begin.DEEP_OFFSET if is_deep(self.offset, self.only) else begin
        low, high = self._bounds
        is_bounded = low is not None, high is not None
        only = self.only
        asked = tuple(name for name in statement.CONDITIONS if getattr(only, name))
        return Shape(
            begin, is_bounded, self.detail, self.newest_first, only.channels, only.kinds, asked
        )

    @property
    def _bounds(self) -> tuple[Position | None, Position | None]:
        """Return the places that the page is between: of the filter's times, and of `after`."""
        since, until, after = self.only.since, self.only.until, self.after
        low = Position(since, NIL) if since else None
        high = Position(until, NIL) if until else None
        if after is None:
            return low, high
        if self.newest_first:
            return low, min(high, after) if high else after
        return max(low, after) if low else after, high

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the statement's parameters, all but whose timeline it is."""
        only = self.only
        low, high = self._bounds
        return {
            "take": self.limit + 1,
            "skip": self.offset,
            "low_time": low and low.occurred_at,
            "low_id": low and low.id,
            "high_time": high and high.occurred_at,
            "high_id": high and high.id,
            "direction": only.direction,
            "query": only.words and tsquery(only.words),
            "ids": list(only.ids),
        }


def read_page(
    account_id: int,
    lead_id: UUID,
    *,
    limit: int,
    offset: int = 0,
    after: Position | None = None,
    only: Filter = EVERYTHING,
    newest_first: bool = False,
    detail: Detail = DOCUMENTED,
) -> Page:
    """Return up to `limit` (at most `MAX_LIMIT`) entries of the account's lead; see `Question`.

    A lead that is not the account's has no entries here; whether it exists is for `leads.access`
    to say. Raises ValueError for a limit or offset out of range: callers check what people typed.
    """
    question = Question(limit, offset, after, only, newest_first, detail)
    text = page_statement(question.shape)
    if text is None:
        return NOTHING
    whose = {"account": account_id, "lead": lead_id}
    return page_of(prepared.fetch_all(text, {**question.parameters, **whose}), question)


NOTHING = Page([], has_more=False, version=b"")


def page_of(rows: Sequence[tuple[Any, ...]], question: Question) -> Page:
    """Return the page that the statement's rows are: one more than the limit says there is more."""
    shapes, pick = question.detail.shapes, _pickers(question.detail)
    make = tuple.__new__  # what the named tuples' own `_make` calls
    ids = orjson.dumps([row[statement.ID] for row in rows])
    return Page(
        [make(shapes[row[0]], pick[row[0]](row)) for row in rows[: question.limit]],
        has_more=len(rows) > question.limit,
        version=ids + b"".join([row[statement.VERSION] for row in rows]),
    )


def is_deep(offset: int, only: Filter) -> bool:
    """Tell whether counts by day help to find the offset: they are by kind and channel alone."""
    held = (*statement.CONDITIONS, "since", "until")
    return offset >= DEEP and not any(getattr(only, name) for name in held)


def find(account_id: int, lead_id: UUID, entry_id: UUID) -> Position | None:
    """Return where the entry of the account's lead stands, or None if there is no such entry."""
    row = prepared.fetch_one(FIND, {"account": account_id, "lead": lead_id, "id": entry_id})
    return Position._make(row) if row else None


def position_of(entry: Entry) -> Position:
    """Return the entry's place in the order: what a page that continues begins `after`."""
    return Position(entry.occurred_at, entry.id)


@cache
def _pickers(detail: Detail) -> list[Callable[[tuple[Any, ...]], tuple[Any, ...]]]:
    """Return, for each table, the function that picks its shape's columns out of a row."""
    return [itemgetter(*columns) for columns in statement.layout(detail).columns]
