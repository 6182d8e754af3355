"""Entries by day, for leads that are paged deep into by offset: a page there then costs what the
first one does.

An offset is turned into a position by walking over keys (`timeline.statement`). Where the entries
of each day are counted, the walk begins at the day that the offset falls on. Ordinary leads are not
counted, and nothing is kept for them.

Of a history of many days, adding up would cost more than the walk that it saves. So the lead has a
*width*, how many days are counted as one: the least power of two that leaves no more than `MOST` to
add up. It is found when the lead is counted, and again once there are twice as many.

The counts cannot drift:

* They are parts that are added up. A writer adds its own parts in the transaction of its entries,
  so both are seen or neither is, and no writer changes what another wrote.
* A lead begins to be counted with its row locked. Writers hold the key of the lead's row, as their
  foreign key does, and add their parts by a statement that begins after that: whoever was there
  before is in the count, whoever comes later adds to it. For the same reason they know the lead's
  width, which is changed only so.

`manage.py count_days` proves both, and mends.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, connection, transaction

from leads import prepared
from leads.in_flight import Flight, listed
from leads.models import Lead
from timeline.branches import WHOLE_TABLES, channel_of, merged, rows_of
from timeline.day_models import CountedLead, DayCount

_WIDTHS = """
    SELECT lead_id, width FROM timeline_countedlead
    WHERE account_id = %(account)s AND lead_id = ANY(%(leads)s::uuid[])
"""

# The first of the days that are counted as one, from Python's first day on, as in `_first_day`.
_FIRST_DAY = "date_bin(width * interval '24 hours', {}, '0001-01-01 00:00Z')"

_ADD = """
    INSERT INTO timeline_daycount (account_id, lead_id, day, kind, channel, entries)
    SELECT %(account)s, * FROM json_to_recordset(%(parts)s)
        AS part (lead_id uuid, day timestamptz, kind smallint, channel text, entries int)
    RETURNING entries
"""

_SUMMED = ("lead_id", "day", "kind", "channel", "entries")

# How many days to add up a lead's width is chosen for. Balanced for a million entries: to add up
# these, of all kinds and channels, takes as long as to walk over half of the keys that one has.
MOST = 250

_TENDED_EVERY = 60  # seconds

# The parts of each day made one. Two at once wait for each other's rows and then find them gone.
_COMPACT = """
    WITH parts AS (
        DELETE FROM timeline_daycount WHERE account_id = %(account)s AND lead_id = %(lead)s
        RETURNING day, kind, channel, entries
    )
    INSERT INTO timeline_daycount (account_id, lead_id, day, kind, channel, entries)
    SELECT %(account)s, %(lead)s, day, kind, channel, sum(entries) FROM parts
    GROUP BY day, kind, channel HAVING sum(entries) <> 0
"""

_ENTRIES_BY_DAY = merged(
    f"SELECT date_trunc('day', occurred_at, 'UTC') AS day, {branch.kind}::smallint AS kind,"
    f" {channel_of(branch.kind)}::text AS channel, count(*) AS entries {rows_of(branch)}"
    " GROUP BY 1, 2, 3"
    for branch in WHOLE_TABLES
)

# Days on which what is counted is not what is there; in one statement, so of one moment.
_DIFFERENCES = f"""
    SELECT day, kind, channel, coalesce(counted.entries, 0), coalesce(present.entries, 0)
    FROM (
        SELECT day, kind, channel::text, sum(entries) AS entries FROM timeline_daycount
        WHERE account_id = %(account)s AND lead_id = %(lead)s GROUP BY 1, 2, 3
    ) counted FULL JOIN (
        SELECT {_FIRST_DAY.format("day")} AS day, kind, channel, sum(entries)::bigint AS entries
        FROM ({_ENTRIES_BY_DAY}) by_day, timeline_countedlead
        WHERE account_id = %(account)s AND lead_id = %(lead)s GROUP BY 1, 2, 3
    ) present USING (day, kind, channel)
    WHERE coalesce(counted.entries, 0) <> coalesce(present.entries, 0)
    ORDER BY day, kind, channel
"""


class Part(NamedTuple):
    """Entries that came to a lead (or, below 0, went): the time of one, its table and channel."""

    lead_id: UUID
    occurred_at: datetime
    kind: int
    channel: str
    entries: int = 1


class Difference(NamedTuple):
    """A day on which the number `counted` is not the number of entries `present`.

    Where the lead has a width, `day` is the first of those that are counted as one.
    """

    day: datetime
    kind: int
    channel: str
    counted: int
    present: int


def are_kept(sending: Flight, account_id: int, lead_ids: Collection[UUID]) -> bool:
    """Tell whether any of the leads is counted, which stays so if they are held."""
    whose = {"account": account_id, "leads": listed(lead_ids)}
    return bool(lead_ids) and bool(sending.send(_WIDTHS, whose).fetchall())


def counting(kind: int, made: str) -> str:
    """Return SQL that counts entries that the same statement made, if their leads are counted.

    `made` are the entries: lead_id, occurred_at and channel, all of one kind and account, which is
    the parameter `account`. Their leads must be held since an earlier statement, as `hold` does.
    """
    return f"""
        INSERT INTO timeline_daycount (account_id, lead_id, day, kind, channel, entries)
        SELECT %(account)s, lead_id, {_FIRST_DAY.format("occurred_at")}, {kind}, channel, count(*)
        FROM {made} JOIN timeline_countedlead USING (lead_id) WHERE account_id = %(account)s
        GROUP BY 2, 3, 5
    """


def add(account_id: int, parts: Iterable[Part]) -> None:
    """Add the parts to the counts of those of their leads that are counted.

    To be called with the leads held, in the transaction that changes the entries.
    """
    parts = list(parts)
    leads = listed({part.lead_id for part in parts})
    width_of: dict[UUID, int] = dict(_run(_WIDTHS, {"account": account_id, "leads": leads}))
    sums: Counter[tuple[UUID, datetime, int, str]] = Counter()
    for part in parts if width_of else ():
        if width := width_of.get(part.lead_id):
            day = _first_day(part.occurred_at, width)
            sums[part.lead_id, day, part.kind, str(part.channel)] += part.entries
    if sums:
        rows = [dict(zip(_SUMMED, [*key, entries], strict=True)) for key, entries in sums.items()]
        _run(_ADD, {"account": account_id, "parts": orjson.dumps(rows).decode()})


def _run(statement: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
    return prepared.fetch_all(statement, parameters, alias=DEFAULT_DB_ALIAS)


def hold(account_id: int, lead_ids: Iterable[UUID]) -> None:
    """Keep the leads from being counted, anew too, until the transaction ends.

    Recording entries does so by itself. To be called before entries are changed in time, channel
    or lead, with the leads they leave.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM leads_lead WHERE account_id = %s AND id = ANY(%s) ORDER BY id"
            " FOR KEY SHARE",
            [account_id, list(lead_ids)],
        )


def tend_now_and_then(account_id: int, lead_id: UUID) -> None:
    """Tend the lead, unless that was done within a minute."""
    if cache.add(f"tended:{lead_id}", 1, timeout=_TENDED_EVERY):
        tend(account_id, lead_id)


def tend(account_id: int, lead_id: UUID) -> None:
    """Do for the lead what makes its deep pages cheap. For after such a page.

    It begins to be counted, is counted anew where its width no longer does, or has the parts of
    each of its days made one.
    """
    parts = DayCount.objects.filter(account_id=account_id, lead_id=lead_id)
    is_counted = CountedLead.objects.filter(account_id=account_id, lead_id=lead_id).exists()
    if not is_counted or parts.values("day").distinct().count() > 2 * MOST:
        count(account_id, lead_id)
    elif parts.count() > 2 * parts.values("day", "kind", "channel").distinct().count():
        _compact(account_id, lead_id)


@transaction.atomic
def count(account_id: int, lead_id: UUID) -> None:
    """Count the lead's entries, anew if they are counted already. Writers to the lead wait.

    A lead that is not the account's is left alone.
    """
    # FOR UPDATE: what writers' foreign keys hold conflicts with nothing less.
    lead = Lead.objects.select_for_update().filter(account_id=account_id, id=lead_id)
    if not lead.values_list("id"):
        return
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES_BY_DAY, {"account": account_id, "lead": lead_id})
        parts = [Part(lead_id, *row) for row in cursor.fetchall()]
    CountedLead.objects.update_or_create(
        {"width": _width({part.occurred_at for part in parts})},
        account_id=account_id,
        lead_id=lead_id,
    )
    DayCount.objects.filter(account_id=account_id, lead_id=lead_id).delete()
    add(account_id, parts)


def differences(account_id: int, lead_id: UUID) -> list[Difference]:
    """Return where the counts of a counted lead are not its entries: nowhere."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES, {"account": account_id, "lead": lead_id})
        return [Difference._make(row) for row in cursor.fetchall()]


@transaction.atomic
def _compact(account_id: int, lead_id: UUID) -> None:
    # Whoever counts the lead anew deletes the same rows, and holds the lead that ours refer to.
    hold(account_id, [lead_id])
    with connection.cursor() as cursor:
        cursor.execute(_COMPACT, {"account": account_id, "lead": lead_id})


def _width(days: Collection[datetime]) -> int:
    """Return how many days to count as one, far within a smallint for all that there can be."""
    width = 1
    while len({_first_day(day, width) for day in days}) > MOST:
        width *= 2
    return width


def _first_day(at: datetime, width: int) -> datetime:
    """Return the first of the days that are counted as one with that of the time."""
    day = at.astimezone(UTC).toordinal()  # 1 is Python's first
    return datetime.combine(date.fromordinal(day - (day - 1) % width), time.min, UTC)
