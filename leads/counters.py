"""Counting in the cache, atomically."""

import logging

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def increment(name: str, timeout: int) -> int:
    """Add one and return the count; it is forgotten `timeout` seconds after its first one.

    Without its cache the API answers rather than counts: 1, then, and a line in the log.
    """
    try:
        return _increment(name, timeout)
    except RedisError:
        logger.exception("The cache does not answer; requests are not counted")
        return 1


def _increment(name: str, timeout: int) -> int:
    try:
        return cache.incr(name)
    except ValueError:  # nothing is counted yet
        if cache.add(name, 1, timeout=timeout):
            return 1
        return cache.incr(name)
