"""Counting, atomically: in the cache that all workers share, or in the memory of the only one.

In memory it is a dictionary: Django's cache there pickles each number, looks each name through, and
takes as long for a request as a third of the rest of it.
"""

import logging
from collections.abc import Collection
from threading import Lock

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_counts: dict[str, int] = {}
_lock = Lock()


def increment(name: str, timeout: int) -> int:
    """Add one and return the count; the shared one is forgotten `timeout` seconds after its first.

    Without its cache the API answers rather than counts: 1, then, and a line in the log.
    """
    if not settings.REDIS_URL:
        with _lock:
            _counts[name] = count = _counts.get(name, 0) + 1
        return count
    try:
        return _increment_shared(name, timeout)
    except RedisError:
        logger.exception("The cache does not answer; requests are not counted")
        return 1


def read(names: Collection[str]) -> dict[str, int]:
    """Return the counts that there are."""
    if settings.REDIS_URL:
        return cache.get_many(names)
    return {name: _counts[name] for name in names if name in _counts}


def forget(name: str) -> None:
    if settings.REDIS_URL:
        cache.delete(name)
    else:
        _counts.pop(name, None)


def forget_all_here() -> None:
    """Forget what this process has counted. For tests."""
    _counts.clear()


def _increment_shared(name: str, timeout: int) -> int:
    try:
        return cache.incr(name)
    except ValueError:  # nothing is counted yet
        if cache.add(name, 1, timeout=timeout):
            return 1
        return cache.incr(name)
