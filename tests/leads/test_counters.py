"""Counting, in the memory of one worker and in the cache of several."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from pytest_django import Settings
from redis.exceptions import RedisError

from leads import counters


@pytest.fixture(params=["", "redis://the.cache.of.this.test"], ids=["own", "shared"])
def _counted(request: pytest.FixtureRequest, settings: Settings) -> None:
    settings.REDIS_URL = request.param


@pytest.mark.usefixtures("_counted")
def test_each_name_is_counted_by_itself() -> None:
    counted = [counters.increment(name, timeout=60) for name in ("a", "b", "a", "a")]
    assert counted == [1, 1, 2, 3]
    assert counters.read(["a", "b", "c"]) == {"a": 3, "b": 1}
    counters.forget("a")
    counters.forget("never-counted")
    assert counters.read(["a", "b"]) == {"b": 1}
    assert counters.increment("a", timeout=60) == 1


def test_of_many_at_once_each_is_counted() -> None:
    with ThreadPoolExecutor(8) as pool:
        counted = list(pool.map(lambda _: counters.increment("a", timeout=60), range(500)))
    assert sorted(counted) == list(range(1, 501))


def test_without_the_shared_cache_nothing_is_counted(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_name: str) -> int:
        raise RedisError("gone")

    settings.REDIS_URL = "redis://the.cache.of.this.test"
    monkeypatch.setattr(cache, "incr", fail)
    assert [counters.increment("a", timeout=60) for _ in range(2)] == [1, 1]
    assert "does not answer" in caplog.text
