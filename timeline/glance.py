"""A lead's timeline at a glance: who spoke last, who waits for whom, how much there is.

Part of the read path: built on the branches of `timeline.statement`. Every figure comes from a
bounded number of rows, so that a lead of a million entries costs little more than one of fifty.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, NamedTuple
from uuid import UUID

from leads import prepared
from timeline.branches import NIL_ID, TABLES, Bound, Branch, merged, rows_of
from timeline.entries import (
    Channel,
    Direction,
    Entry,
    FullCall,
    FullMessage,
    Kind,
    MessageStatus,
)
from timeline.history import position_of

# How many of the newest and of the oldest words between lead and account are looked at.
_LOOKED_AT = 200
# Up to here entries of a channel are counted.
COUNTED = 10_000
DAYS = 90

_MESSAGES, _CALLS = Branch(0, None), Branch(1, None)
_TOUCH = {
    _MESSAGES: "SELECT 'message' AS kind, occurred_at, id, channel, direction,"
    " status <> 'failed' AS reached",
    _CALLS: "SELECT 'call' AS kind, occurred_at, id, 'call' AS channel, direction,"
    " coalesce(duration_seconds, 0) > 0"
    " AND position('voicemail' IN call_status || disconnection_reason) = 0 AS reached",
}


class Touch(NamedTuple):
    """A message or a call between lead and account.

    `reached` is false for a message that failed and for a call on which nobody spoke (a voicemail
    is no talk): from the lead, such a call waits for an answer like a message; to the lead, neither
    answers anything.
    """

    kind: Kind
    occurred_at: datetime
    id: UUID
    channel: Channel
    direction: str
    reached: bool

    @property
    def awaits_answer(self) -> bool:
        return self.direction == Direction.INBOUND and not self.settles

    @property
    def settles(self) -> bool:
        """Whether the lead has nothing to wait for after it: we wrote, or both spoke."""
        if self.kind is Kind.CALL:
            return self.reached
        return self.direction == Direction.OUTBOUND and self.reached


class LastTouch(NamedTuple):
    """The last touch of a lead, and whether the lead waits for an answer, to that or to another."""

    touch: Touch
    is_waiting: bool


class DayCount(NamedTuple):
    """Entries of a channel on one day, in the reader's time zone."""

    day: date
    channel: Channel
    entries: int


class Glance(NamedTuple):
    """What the head of a lead's page says.

    `waiting_since` is when the lead first said what nobody has answered yet; `first_response` how
    long the lead's first words waited for an answer. `counts` stop at `COUNTED`; channels without
    entries are 0. `days` are those of the last `DAYS` days that have entries, in order.
    """

    last_inbound: Touch | None
    last_outbound: Touch | None
    waiting_since: datetime | None
    first_response: timedelta | None
    counts: dict[Channel, int]
    days: list[DayCount]


def glance(account_id: int, lead_id: UUID, *, now: datetime, zone: tzinfo) -> Glance:
    """Return the account's lead at a glance; `now` and `zone` say which days are the last ones."""
    lead = {"account": account_id, "lead": lead_id}
    newest = _touches(lead, newest_first=True)
    # Fewer than are looked at are all there are.
    oldest = newest[::-1] if len(newest) < _LOOKED_AT else _touches(lead, newest_first=False)
    return _glance(newest, oldest, *_figures(lead, now, zone))


def glance_of(entries: Iterable[Entry], *, now: datetime, zone: tzinfo) -> Glance:
    """Return a lead at a glance, as `glance` does, by its entries: all there are, read in full."""
    entries = sorted(entries, key=position_of, reverse=True)
    touches = [_touch_of(entry) for entry in entries if isinstance(entry, FullMessage | FullCall)]
    newest, oldest = touches[:_LOOKED_AT], touches[::-1][:_LOOKED_AT]
    counts: Counter[Channel] = Counter()
    days: Counter[tuple[date, Channel]] = Counter()
    since = _first_day(now, zone)
    for entry in entries:
        channel = _CHANNELS[entry.channel]
        counts[channel] += 1
        if entry.occurred_at >= since:
            days[entry.occurred_at.astimezone(zone).date(), channel] += 1
    return _glance(
        newest,
        oldest,
        {channel: min(COUNTED, counts[channel]) for channel in Channel},
        [DayCount(day, channel, number) for (day, channel), number in sorted(days.items())],
    )


def _glance(
    newest: Sequence[Touch],
    oldest: Sequence[Touch],
    counts: dict[Channel, int],
    days: list[DayCount],
) -> Glance:
    return Glance(
        last_inbound=_first(newest, Direction.INBOUND),
        last_outbound=_first(newest, Direction.OUTBOUND),
        waiting_since=_waiting_since(newest),
        first_response=_first_response(oldest),
        counts=counts,
        days=days,
    )


def last_touches(account_id: int, lead_ids: Sequence[UUID]) -> dict[UUID, LastTouch]:
    """Return the last touch of each of the account's leads that has one, in one statement."""
    rows = prepared.fetch_all(_LAST_TOUCHES, {"account": account_id, "leads": list(lead_ids)})
    last: dict[UUID, LastTouch] = {}
    for lead_id, decides, *row in rows:
        touch = _touch(row)
        shown = last[lead_id].touch if lead_id in last else touch
        last[lead_id] = LastTouch(shown, decides and touch.awaits_answer)
    return last


# --- Touches ------------------------------------------------------------------------------------


def _ordered(way: str) -> str:
    order = f"ORDER BY occurred_at {way}, id {way} LIMIT {_LOOKED_AT}"
    branches = merged(f"{touch} {rows_of(branch)} {order}" for branch, touch in _TOUCH.items())
    return f"SELECT * FROM ({branches}) touches {order}"


_NEWEST, _OLDEST = _ordered("DESC"), _ordered("ASC")

# What the lead said and what reached it; anything else leaves the lead waiting, or not, as before.
_DECIDES = {
    _MESSAGES: " AND (direction = 'inbound' OR status <> 'failed')",
    _CALLS: " AND (direction = 'inbound' OR (coalesce(duration_seconds, 0) > 0"
    " AND position('voicemail' IN call_status || disconnection_reason) = 0))",
}


def _newest_of_each(conditions: dict[Branch, str]) -> str:
    branches = merged(
        f"{touch} {rows_of(branch)}{conditions.get(branch, '')}"
        " ORDER BY occurred_at DESC, id DESC LIMIT 1"
        for branch, touch in _TOUCH.items()
    ).replace("%(lead)s", "leads.id")
    return f"SELECT * FROM ({branches}) touches ORDER BY occurred_at DESC, id DESC LIMIT 1"


# Of each lead the last touch, then the last that decides whether it waits.
_LAST_TOUCHES = (
    "SELECT leads.id, touch.*"
    " FROM unnest(%(leads)s::uuid[]) AS leads (id) CROSS JOIN LATERAL ("
    f"SELECT FALSE AS decides, shown.* FROM ({_newest_of_each({})}) shown"
    f" UNION ALL SELECT TRUE, deciding.* FROM ({_newest_of_each(_DECIDES)}) deciding"
    ") touch ORDER BY decides"
)


def _touches(lead: dict[str, object], *, newest_first: bool) -> list[Touch]:
    rows = prepared.fetch_all(_NEWEST if newest_first else _OLDEST, lead)
    return [_touch(row) for row in rows]


def _touch(row: Sequence[Any]) -> Touch:
    kind, occurred_at, entry_id, channel, direction, reached = row
    return Touch(_KINDS[kind], occurred_at, entry_id, _CHANNELS[channel], direction, reached)


def _touch_of(entry: FullMessage | FullCall) -> Touch:
    """Return the touch that the entry is; whether it `reached` is what `_TOUCH` says."""
    if isinstance(entry, FullMessage):
        kind, reached = Kind.MESSAGE, entry.status != MessageStatus.FAILED
    else:
        kind = Kind.CALL
        is_voicemail = "voicemail" in entry.call_status + entry.disconnection_reason
        reached = (entry.duration_seconds or 0) > 0 and not is_voicemail
    channel = _CHANNELS[entry.channel]
    return Touch(kind, entry.occurred_at, entry.id, channel, entry.direction, reached)


def _first(touches: Iterable[Touch], direction: Direction) -> Touch | None:
    return next((touch for touch in touches if touch.direction == direction), None)


def _waiting_since(newest: Iterable[Touch]) -> datetime | None:
    since = None
    for touch in newest:
        if touch.settles:
            break
        if touch.awaits_answer:
            since = touch.occurred_at
    return since


def _first_response(oldest: Iterable[Touch]) -> timedelta | None:
    asked = None
    for touch in oldest:
        if asked is None and touch.awaits_answer:
            asked = touch.occurred_at
        elif asked is not None and touch.settles:
            return touch.occurred_at - asked
    return None


# --- Figures ------------------------------------------------------------------------------------

_BY_CHANNEL = [
    (channel, Branch(number, None if len(table.channels) == 1 else channel))
    for number, table in enumerate(TABLES)
    for channel in sorted(table.channels)
]

_COUNTS = (
    "SELECT NULL::date AS day, channel, sum(entries)::bigint AS entries FROM ("
    + merged(
        f"SELECT '{channel}' AS channel, count(*) AS entries"
        f" FROM (SELECT 1 {rows_of(branch)} LIMIT {COUNTED}) counted"
        for channel, branch in _BY_CHANNEL
    )
    + ") by_table GROUP BY channel"
)

_SINCE = Bound("%(since)s", NIL_ID)

_DAYS = (
    "SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, channel, count(*) AS entries FROM ("
    + merged(
        f"SELECT occurred_at, '{channel}' AS channel {rows_of(branch, _SINCE)}"
        f" ORDER BY occurred_at DESC LIMIT {COUNTED}"
        for channel, branch in _BY_CHANNEL
    )
    + ") recent GROUP BY 1, 2"
)

# Those of all days have none.
_FIGURES = f"{merged([_COUNTS, _DAYS])} ORDER BY day, channel"


def _figures(
    lead: dict[str, object], now: datetime, zone: tzinfo
) -> tuple[dict[Channel, int], list[DayCount]]:
    asked = {**lead, "since": _first_day(now, zone), "zone": str(zone)}
    counts, days = dict.fromkeys(Channel, 0), []
    for day, name, entries in prepared.fetch_all(_FIGURES, asked):
        channel = _CHANNELS[name]
        if day is None:
            counts[channel] = min(COUNTED, entries)
        else:
            days.append(DayCount(day, channel, entries))
    return counts, days


def _first_day(now: datetime, zone: tzinfo) -> datetime:
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=DAYS - 1)


# Looked up: an enumeration's own way to its members is ten times slower.
_KINDS = {str(kind): kind for kind in Kind}
_CHANNELS = {str(channel): channel for channel in Channel}
