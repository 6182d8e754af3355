"""So many requests a minute for each API key."""

from typing import NamedTuple

from django.conf import settings

from leads.access import Grant
from leads.usage import Count


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


def rate_of(grant: Grant, counted: Count) -> RateState:
    """Return where the key stands with the request that was counted."""
    limit = grant.rate_per_minute or settings.RATE_PER_MINUTE
    return RateState(limit, counted.requests, counted.left)
