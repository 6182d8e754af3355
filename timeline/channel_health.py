"""How channels do: when a delivery last came in on each, and what went wrong lately."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from timeline.inbox_models import Delivery

State = Delivery.State

# Deliveries of a state that are looked at for a channel: beyond it there are many.
COUNTED = 1_000

_DAY, _MONTH = timedelta(hours=24), timedelta(days=30)

# Deliveries of a channel and a state, the newest first, up to a number. The rows are compared as
# pairs, and not by two equations, so that no index has this order but the one of pairs: by the
# average of all channels, walking down the keys looks cheap to PostgreSQL, and takes forever to
# find what an idle channel has.
_NEWEST = """
    SELECT received_at FROM timeline_delivery AS delivery
    WHERE (delivery.channel_id, delivery.state) >= (channel.id, wanted.state)
      AND (delivery.channel_id, delivery.state) <= (channel.id, wanted.state)
    ORDER BY delivery.channel_id, delivery.state, delivery.id DESC LIMIT {}
"""

# Of what went well, the very last will do.
_HEALTH = f"""
    SELECT channel.id, wanted.state, max(newest.received_at),
           count(*) FILTER (WHERE newest.received_at >= %(day)s),
           count(*) FILTER (WHERE newest.received_at >= %(month)s)
    FROM unnest(%(channels)s::bigint[]) AS channel(id)
    CROSS JOIN unnest(%(states)s::text[]) AS wanted(state)
    CROSS JOIN LATERAL ({_NEWEST.format(COUNTED)}) AS newest
    GROUP BY channel.id, wanted.state
    UNION ALL
    SELECT channel.id, wanted.state, newest.received_at, 0, 0
    FROM unnest(%(channels)s::bigint[]) AS channel(id)
    CROSS JOIN (SELECT 'done'::text) AS wanted(state)
    CROSS JOIN LATERAL ({_NEWEST.format(1)}) AS newest
"""

_FAILING = f"""
    SELECT channel.id
    FROM timeline_providerchannel AS channel
    CROSS JOIN unnest(%(states)s::text[]) AS wanted(state)
    CROSS JOIN LATERAL ({_NEWEST.format(1)}) AS newest
    WHERE newest.received_at >= %(day)s
      AND (%(accounts)s::bigint[] IS NULL OR channel.account_id = ANY (%(accounts)s::bigint[]))
    GROUP BY channel.id
    ORDER BY max(newest.received_at) DESC
    LIMIT %(limit)s
"""


class Count(NamedTuple):
    """Deliveries of a state that came in within 24 hours and within 30 days, up to `COUNTED`."""

    day: int = 0
    month: int = 0


class Health(NamedTuple):
    """How a channel does. `last_at` is when the last genuine delivery came in, None for never."""

    last_at: datetime | None = None
    waiting: Count = Count()
    failed: Count = Count()
    set_aside: Count = Count()
    refused: Count = Count()

    @property
    def is_failing(self) -> bool:
        """Whether somebody should look: we failed, or somebody was refused, within a day."""
        return bool(self.failed.day or self.refused.day)


def health_of(channel_ids: Collection[int]) -> dict[int, Health]:
    """Return how each of the channels does, in one statement."""
    now = timezone.now()
    told: dict[int, dict[str, tuple[datetime, Count]]] = {each: {} for each in channel_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            _HEALTH,
            {
                "channels": list(channel_ids),
                "states": [state.value for state in State if state is not State.DONE],
                "day": now - _DAY,
                "month": now - _MONTH,
            },
        )
        for channel_id, state, last_at, day, month in cursor.fetchall():
            told[channel_id][state] = last_at, Count(day, month)
    return {channel_id: _health(states) for channel_id, states in told.items()}


def failing(account_ids: Collection[int] | None, limit: int) -> list[int]:
    """Return ids of channels that fail (`Health.is_failing`), of these accounts or of all.

    The one that failed last comes first.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _FAILING,
            {
                "states": [State.FAILED.value, State.REFUSED.value],
                "day": timezone.now() - _DAY,
                "accounts": None if account_ids is None else list(account_ids),
                "limit": limit,
            },
        )
        return [channel_id for (channel_id,) in cursor.fetchall()]


def _health(states: dict[str, tuple[datetime, Count]]) -> Health:
    genuine = [at for state, (at, _) in states.items() if state != State.REFUSED]
    counts = {
        state: states[state][1]
        for state in (State.WAITING, State.FAILED, State.SET_ASIDE, State.REFUSED)
        if state in states
    }
    return Health(max(genuine, default=None), **{str(name): each for name, each in counts.items()})
