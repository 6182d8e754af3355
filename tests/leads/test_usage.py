"""How often a key is used, by hour and day, and from where."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from leads import usage
from leads.access import Grant
from leads.models import Account, ApiKey, ApiKeyDay
from tests.factories import api_key


class Clock:
    """The time, as the cache and the database's writer see it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
        self.now = now
        monkeypatch.setattr("time.time", lambda: self.now.timestamp())  # noqa: PLW0108 - it moves
        monkeypatch.setattr("django.utils.timezone.now", lambda: self.now)

    def pass_(self, **span: int) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, datetime(2027, 3, 1, 23, 30, tzinfo=UTC))


@pytest.fixture
def key(account: Account) -> ApiKey:
    return api_key(account)[0]


def use(key: ApiKey, address: str | None = "203.0.113.7", times: int = 1) -> None:
    for _ in range(times):
        key.refresh_from_db()
        grant = Grant(key.pk, key.account_id, key.scopes, None, key.last_used_at)
        usage.note_use(grant, usage.count(grant), address)


def written(key: ApiKey) -> dict[str, dict[int, int]]:
    return {
        str(day.day): {hour: n for hour, n in enumerate(day.hours) if n}
        for day in ApiKeyDay.objects.filter(api_key=key).order_by("day")
        if any(day.hours)
    }


def seen(key: ApiKey) -> int:
    key.refresh_from_db()
    return usage.usage_of([key])[key.pk].last_30_days


def test_requests_of_a_minute_are_counted_and_written_with_the_next_one(
    key: ApiKey, clock: Clock
) -> None:
    use(key, times=5)
    assert written(key) == {}
    clock.pass_(minutes=2)
    use(key)
    assert (written(key), seen(key)) == ({"2027-03-01": {23: 5}}, 6)
    clock.pass_(days=20)
    use(key)
    assert (written(key), seen(key)) == ({"2027-03-01": {23: 6}}, 7)


def test_requests_are_counted_in_the_hour_and_on_the_day_they_were_made(
    key: ApiKey, clock: Clock
) -> None:
    use(key, times=5)
    clock.pass_(hours=10)
    use(key)
    clock.pass_(minutes=1)
    use(key)
    assert written(key) == {"2027-03-01": {23: 5}, "2027-03-02": {9: 1}}


def test_two_workers_that_begin_a_minute_at_once_write_the_one_before_once(
    key: ApiKey, clock: Clock
) -> None:
    use(key, times=5)
    key.refresh_from_db()
    clock.pass_(minutes=1)
    grant = Grant(key.pk, key.account_id, key.scopes, None, key.last_used_at)
    for address in ("203.0.113.7", "198.51.100.1"):
        usage.note_use(grant, usage.count(grant), address)
    assert (written(key), seen(key)) == ({"2027-03-01": {23: 5}}, 7)


def test_what_is_not_written_yet_is_shown_all_the_same(key: ApiKey, clock: Clock) -> None:
    use(key, times=5)
    key.refresh_from_db()
    assert usage.usage_of([key])[key.pk].last_24_hours == 5


def test_the_last_24_hours_end_where_the_day_before_was_as_late(key: ApiKey, clock: Clock) -> None:
    use(key)
    clock.pass_(hours=23)
    key.refresh_from_db()
    assert usage.usage_of([key])[key.pk].last_24_hours == 1
    clock.pass_(hours=1)
    seen = usage.usage_of([key])[key.pk]
    assert (seen.last_24_hours, seen.last_30_days) == (0, 1)
    assert [requests for _, requests in seen.days][-2:] == [1, 0]


def test_addresses_are_kept_once_each(key: ApiKey, clock: Clock) -> None:
    for address in ("203.0.113.7", "2001:db8::7", "203.0.113.7", None):
        use(key, address)
        clock.pass_(minutes=2)
    key.refresh_from_db()
    assert set(usage.usage_of([key])[key.pk].addresses) == {"203.0.113.7", "2001:db8::7"}


def test_a_second_address_within_a_minute_is_seen_too(key: ApiKey, clock: Clock) -> None:
    use(key, "203.0.113.7")
    use(key, "198.51.100.1")
    key.refresh_from_db()
    assert key.last_used_from == "198.51.100.1"
    assert usage.usage_of([key])[key.pk].last_24_hours == 2


def test_counting_costs_the_database_nothing(
    key: ApiKey, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    use(key)
    key.refresh_from_db()
    grant = Grant(key.pk, key.account_id, key.scopes, None, timezone.now())
    with django_assert_num_queries(0):
        usage.note_use(grant, usage.count(grant), "203.0.113.7")


def test_a_key_that_is_gone_is_no_error(key: ApiKey) -> None:
    grant = Grant(key.pk, key.account_id, key.scopes, None, None)
    key.delete()
    usage.note_use(grant, usage.count(grant), "203.0.113.7")
    assert not ApiKeyDay.objects.exists()


def test_a_count_that_cannot_be_written_is_written_later(
    key: ApiKey, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any) -> None:
        from django.db import DatabaseError

        raise DatabaseError("read-only")

    with monkeypatch.context() as broken:
        broken.setattr(usage, "_add", fail)
        use(key, times=3)
    use(key)
    assert seen(key) == 4
