"""So many requests a minute for each API key."""

import time
from typing import NamedTuple

from django.conf import settings

from leads.access import Grant
from leads.counters import increment

_WINDOW = 60  # seconds


class RateState(NamedTuple):
    """Where a key stands: requests a minute, used of them, seconds until all are back."""

    limit: int
    used: int
    reset: int

    @property
    def is_exceeded(self) -> bool:
        return self.used > self.limit

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


def count_request(grant: Grant) -> RateState:
    """Count one request of the key, in windows of one minute.

    One atomic increment, so that concurrent requests on any number of workers are all counted, as
    long as the cache is one for all of them (Redis, or the memory of a single worker).
    """
    # Windows begin at another second for each key: not all clients come back at once.
    window, elapsed = divmod(int(time.time()) + grant.key_id.int % _WINDOW, _WINDOW)
    return RateState(
        limit=grant.rate_per_minute or settings.RATE_PER_MINUTE,
        used=increment(f"rate:{grant.key_id}:{window}", timeout=2 * _WINDOW),
        reset=_WINDOW - elapsed,
    )
