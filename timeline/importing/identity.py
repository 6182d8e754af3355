"""Which entry is which, where the input gives no ids: pure, and the same on every run.

What makes an entry itself
--------------------------
An entry without an `id` is known by its lead, its kind, its time and what the documented page says
of it that cannot change later, put into a digest:

* of a message not the `status`, which climbs: a later export tells of the same message;
* of a call not `summary`, `sentiment` and `recording_url`: they are made after the call, and links
  are signed anew for each export;
* of nothing what only the newer shape tells, so that both shapes mean the same entry.

Where such a part did change, the entry is thus found, and recording says what becomes of it: a
status climbs, another summary is a conflict and reported. It never becomes a second entry.

Place among equals
------------------
Entries can be equal in all of that: two equal messages in one second. They are told apart by their
place among their equals, counted from 0 in the order of the history. Equals have the same time, so
they stand together, and a page tells the places of all of them, unless its cut goes right through
them. A page that does not begin the history (`offset`) and whose first entries may therefore have
equals before it waits until the page before it came, or the end of the run. So the places are the
same in whatever order and however overlapping the pages come, and a page told twice counts once.

A page that does not say its offset counts for itself.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from timeline.entries import AnyDraft, CallDraft, MessageDraft
from timeline.importing.shapes import Response


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as it stands on a page.

    `digest` is what makes it itself, "" when it needs none: it has an id, or it was refused (then
    there is no `draft`, and its time is that of the entry before it).
    """

    place: str
    time: datetime
    draft: AnyDraft | None
    digest: str


class Identified(NamedTuple):
    """An entry with its `external_id`, ready to be recorded, and its place in the input."""

    place: str
    draft: AnyDraft


def digest_of(draft: AnyDraft) -> str:
    """Return what makes the entry itself, but for its place among equals: 40 hex digits."""
    fixed: list[object] = [str(draft.lead_id), draft.occurred_at.isoformat()]
    if isinstance(draft, MessageDraft):
        fixed += ["message", draft.channel, draft.direction, draft.content, draft.message_type]
    elif isinstance(draft, CallDraft):
        fixed += ["call", draft.duration_seconds, draft.call_status]
    else:
        fixed += ["activity", draft.channel, draft.activity_type, draft.title]
        fixed += [draft.description, draft.actor_type]
    return sha256(json.dumps(fixed).encode()).hexdigest()[:40]


class Identities:
    """Gives the entries of a run their external ids; what is kept of a page is a few digests."""

    def __init__(self) -> None:
        self._leads: dict[UUID, _Pages] = defaultdict(_Pages)

    def of_page(self, response: Response, page: Sequence[Told]) -> Iterator[Identified]:
        """Yield those entries, of this page or of one that waited, whose identity is now known.

        `page` are all entries of the response, in order.
        """
        offset, is_whole = response.offset, response.offset == 0 and not response.has_more
        if offset is None or (is_whole and not _has_ties(page)) or not _needs_places(page):
            return _identified(page, Counter())
        return self._leads[response.lead_id].add(offset, page)

    def rest(self) -> Iterator[Identified]:
        """Yield the entries that waited for a page which never came."""
        for pages in self._leads.values():
            yield from pages.rest()


class _Pages:
    """What is known of one lead's history: who stands where, as far as a cut can go there."""

    def __init__(self) -> None:
        self._marks: dict[int, tuple[datetime, str]] = {}
        self._waiting: dict[int, list[list[Told]]] = defaultdict(list)

    def add(self, start: int, page: Sequence[Told]) -> Iterator[Identified]:
        self._remember(start, page)
        first = page[0].time
        before = self._before(start, first)
        if before is None:
            self._waiting[start].append([told for told in page if told.time == first])
            yield from _identified([told for told in page if told.time != first], Counter())
        else:
            yield from _identified(page, before)
        yield from self._wake(start + len(page))

    def rest(self) -> Iterator[Identified]:
        for start, groups in self._waiting.items():
            for group in groups:
                before = self._before(start, group[0].time, no_more=True)
                yield from _identified(group, before or Counter())

    def _wake(self, start: int) -> Iterator[Identified]:
        """Yield what waited for the entries before the position, and what waited for that."""
        while groups := self._waiting.pop(start, None):
            befores = [self._before(start, group[0].time) for group in groups]
            for group, before in zip(groups, befores, strict=True):
                if before is None:
                    self._waiting[start].append(group)
                else:
                    yield from _identified(group, before)
            if None in befores:
                break
            start += len(groups[0])

    def _remember(self, start: int, page: Sequence[Told]) -> None:
        """Keep the page's end and all entries of one time, each with the entry before them."""
        last = len(page) - 1
        for index, told in enumerate(page):
            if index == last or told.time == page[index + 1].time:
                for near in (index - 1, index, index + 1):
                    if 0 <= near <= last:
                        self._marks[start + near] = page[near].time, page[near].digest

    def _before(
        self, position: int, time: datetime, *, no_more: bool = False
    ) -> Counter[str] | None:
        """Count each digest among the entries of the time that stand right before the position.

        None while it is not known what stands there; with `no_more`, what is known is all.
        """
        equals: Counter[str] = Counter()
        while position > 0:
            position -= 1
            if position not in self._marks:
                return equals if no_more else None
            its_time, its_digest = self._marks[position]
            if its_time != time:
                break
            equals[its_digest] += 1
        return equals


def _has_ties(page: Sequence[Told]) -> bool:
    return any(one.time == other.time for one, other in pairwise(page))


def _needs_places(page: Sequence[Told]) -> bool:
    return any(told.digest for told in page)


def _identified(group: Sequence[Told], before: Counter[str]) -> Iterator[Identified]:
    places = before.copy()
    for told in group:
        draft = told.draft
        if draft is not None and told.digest:
            draft = replace(draft, external_id=f"{told.digest}-{places[told.digest]}")
            places[told.digest] += 1
        if draft is not None:
            yield Identified(told.place, draft)
