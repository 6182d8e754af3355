"""How much each API key is used: counted in the cache, written down once a minute.

A request that is the first of its key and address in a minute writes: itself, what was counted
since the last writing, when and from where. All others add one to a counter. So the database sees
one small write a minute for each key and address, and no request is lost but by a cache that is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from leads.access import Grant
from leads.counters import increment
from leads.key_models import ApiKey, ApiKeyDay

DAYS = 30
_WRITTEN_EVERY = 60  # seconds
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


def note_use(grant: Grant, address: str | None) -> None:
    """Count a request of the key that came from the address. Losing a note is no error."""
    written = f"key-used:{grant.key_id}:{address}"
    if not cache.add(written, 1, timeout=_WRITTEN_EVERY):
        increment(_pending(grant.key_id), _COUNTED_FOR)
        return
    try:
        with transaction.atomic():
            _write(grant, address)
    except DatabaseError:
        cache.delete(written)
        increment(_pending(grant.key_id), _COUNTED_FOR)


def _write(grant: Grant, address: str | None) -> None:
    now = timezone.now()
    key = ApiKey.objects.filter(pk=grant.key_id)
    if not key.update(last_used_at=now, last_used_from=address):
        return
    waiting = cache.get(_pending(grant.key_id), 0)
    hours = {_hour(now): 1}
    if waiting:
        # They were counted within a minute of the writing before this one.
        then = _hour(grant.last_used_at or now)
        hours[then] = hours.get(then, 0) + waiting
    for day, of_day in _by_day(hours).items():
        _add(grant.key_id, day, of_day, address if day == now.astimezone(UTC).date() else None)
    if waiting:
        cache.decr(_pending(grant.key_id), waiting)


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
    waiting = cache.get_many([_pending(key.pk) for key in keys])
    for key in keys:
        if (more := waiting.get(_pending(key.pk))) and key.last_used_at:
            then = _hour(key.last_used_at)
            hours[key.pk][then] = hours[key.pk].get(then, 0) + more
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


def _hours_of(row: ApiKeyDay) -> dict[datetime, int]:
    midnight = datetime.combine(row.day, datetime.min.time(), tzinfo=UTC)
    return {midnight + timedelta(hours=hour): n for hour, n in enumerate(row.hours) if n}


def _by_day(hours: Mapping[datetime, int]) -> dict[date, list[int]]:
    days: dict[date, list[int]] = defaultdict(lambda: [0] * 24)
    for hour, requests in hours.items():
        days[hour.date()][hour.hour] += requests
    return days


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _pending(key_id: UUID) -> str:
    return f"key-requests:{key_id}"
