"""How much each API key is used: counted in memory, written down once a minute.

Requests are counted in windows of a minute, one counter for each key and window, by which a key is
held to its rate too. The first request in a window writes what the one before came to, when that
was, and where it came from itself; all others only add one. So the database sees a small write a
minute for each key and address, and no request is lost but by a cache that is, or while the
database takes no writes for longer than a window.
"""

import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from leads import counters
from leads.access import Grant
from leads.key_models import ApiKey, ApiKeyDay

DAYS = 30
WINDOW = 60  # seconds
_COUNTED_FOR = 90 * 24 * 3600  # seconds; until the next use, which may be far off
# Of one key and day; who has more sees the first ones.
_ADDRESSES = 100

_ADD = """
    INSERT INTO leads_apikeyday AS known (api_key_id, day, hours, addresses)
    VALUES (%(key)s, %(day)s, %(hours)s, %(addresses)s::inet[])
    ON CONFLICT (api_key_id, day) DO UPDATE SET
        hours = ARRAY(
            SELECT known.hours[hour] + excluded.hours[hour] FROM generate_series(1, 24) AS hour
        ),
        addresses = CASE
            WHEN known.addresses @> excluded.addresses OR cardinality(known.addresses) >= %(most)s
            THEN known.addresses
            ELSE known.addresses || excluded.addresses
        END
"""


class Usage(NamedTuple):
    """Requests of the last 24 hours, and of each of the last `DAYS` days (UTC), today last."""

    last_24_hours: int
    days: list[tuple[date, int]]
    # Of the same days, the latest first.
    addresses: list[str]

    @property
    def last_30_days(self) -> int:
        return sum(requests for _, requests in self.days)


class Count(NamedTuple):
    """A counted request: its time, its window, the requests in that up to this one, and the seconds
    left of it.
    """

    at: datetime
    window: int
    requests: int
    left: int


def count(grant: Grant) -> Count:
    """Count a request of the key.

    One atomic increment, so that concurrent requests on any number of workers are all counted, as
    long as the cache is one for all of them (Redis, or the memory of a single worker).
    """
    at = datetime.fromtimestamp(time.time(), UTC)
    window, elapsed = _window(grant.key_id, at)
    requests = counters.increment(_counter(grant.key_id, window), timeout=_COUNTED_FOR)
    return Count(at, window, requests, WINDOW - elapsed)


def _window(key_id: UUID, at: datetime) -> tuple[int, int]:
    """Return the number of the key's window at a time, and the seconds of it that are over.

    Windows begin at another second for each key: not all clients come back at once.
    """
    return divmod(int(at.timestamp()) + key_id.int % WINDOW, WINDOW)


def _counter(key_id: UUID, window: int) -> str:
    return f"{key_id.hex}:{window}"


# The window in which this process last wrote of a key and address.
_written: dict[tuple[UUID, str | None], int] = {}
_WRITTEN = 10_000


def note_use(grant: Grant, counted: Count, address: str | None) -> None:
    """Write down what there is to write of a counted request from the address, if anything.

    Losing a note is no error.
    """
    if _written.get((grant.key_id, address)) == counted.window:
        return
    if len(_written) >= _WRITTEN:
        _written.clear()
    with suppress(DatabaseError):
        with transaction.atomic():
            written = _write(grant, counted, address)
        _written[grant.key_id, address] = counted.window
        if written is not None:
            counters.forget(written)


def _write(grant: Grant, counted: Count, address: str | None) -> str | None:
    """Write the use, and what was counted when the key was used last; return that counter."""
    at, before = counted.at, grant.last_used_at
    keys = ApiKey.objects.filter(pk=grant.key_id)
    # Of all who saw the same time of last use, one moves it on, and writes what was counted then.
    is_first = keys.filter(last_used_at=before).update(last_used_at=at, last_used_from=address)
    if not is_first and not keys.update(last_used_from=address):
        return None
    _add(grant.key_id, at.date(), [0] * 24, address)
    if not is_first or before is None:
        return None
    window, _ = _window(grant.key_id, before)
    counter = _counter(grant.key_id, window)
    if window == counted.window or not (requests := counters.read([counter]).get(counter)):
        return None
    hours = [0] * 24
    hours[_hour(before).hour] = requests
    _add(grant.key_id, _hour(before).date(), hours, None)
    return counter


def _add(key_id: UUID, day: date, hours: list[int], address: str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            {
                "key": key_id,
                "day": day,
                "hours": hours,
                "addresses": [address] if address else [],
                "most": _ADDRESSES,
            },
        )


def usage_of(keys: Collection[ApiKey]) -> dict[UUID, Usage]:
    """Return the usage of each key, in one statement, with what is counted but not yet written."""
    now = timezone.now().astimezone(UTC)
    since = now.date() - timedelta(days=DAYS - 1)
    hours: dict[UUID, dict[datetime, int]] = {key.pk: {} for key in keys}
    addresses: dict[UUID, list[str]] = {key.pk: [] for key in keys}
    rows = ApiKeyDay.objects.filter(api_key__in=hours, day__gte=since).order_by("-day")
    for row in rows:
        hours[row.api_key_id].update(_hours_of(row))
        addresses[row.api_key_id] += row.addresses
    last = {_last_counter(key): key for key in keys if key.last_used_at}
    for counter, requests in counters.read(last).items():
        key = last[counter]
        then = _hour(key.last_used_at or now)
        hours[key.pk][then] = hours[key.pk].get(then, 0) + requests
    return {
        key.pk: _usage(hours[key.pk], now, since, dict.fromkeys(addresses[key.pk])) for key in keys
    }


def _usage(
    hours: Mapping[datetime, int], now: datetime, since: date, addresses: Iterable[str]
) -> Usage:
    by_day = {since + timedelta(days=number): 0 for number in range(DAYS)}
    for hour, requests in hours.items():
        if hour.date() in by_day:
            by_day[hour.date()] += requests
    first = _hour(now) - timedelta(hours=23)
    return Usage(
        last_24_hours=sum(requests for hour, requests in hours.items() if hour >= first),
        days=list(by_day.items()),
        addresses=list(addresses),
    )


def _last_counter(key: ApiKey) -> str:
    assert key.last_used_at is not None  # noqa: S101 - there is nothing to ask for
    window, _ = _window(key.pk, key.last_used_at)
    return _counter(key.pk, window)


def _hours_of(row: ApiKeyDay) -> dict[datetime, int]:
    midnight = datetime.combine(row.day, datetime.min.time(), tzinfo=UTC)
    return {midnight + timedelta(hours=hour): n for hour, n in enumerate(row.hours) if n}


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
