"""How channels do: when a delivery last came in on each, and what went wrong lately."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from timeline.inbox_models import Delivery, ProviderChannel

State = Delivery.State

# Deliveries of a state that are looked at for a channel: beyond it there are many.
COUNTED = 1_000

_DAY, _MONTH = timedelta(hours=24), timedelta(days=30)

# The newest of each state, along the index of them; of what went well, the very last.
_STATEMENT = """
    SELECT channel, state, max(newest.received_at),
           count(*) FILTER (WHERE newest.received_at >= %(day)s),
           count(*) FILTER (WHERE newest.received_at >= %(month)s)
    FROM unnest(%(channels)s::bigint[]) AS channel
    CROSS JOIN unnest(%(states)s::text[]) AS state
    CROSS JOIN LATERAL (
        SELECT received_at FROM timeline_delivery AS delivery
        WHERE delivery.channel_id = channel AND delivery.state = state.state
        ORDER BY delivery.id DESC
        LIMIT CASE WHEN state.state = 'done' THEN 1 ELSE %(counted)s END
    ) AS newest
    GROUP BY channel, state
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
            _STATEMENT,
            {
                "channels": list(channel_ids),
                "states": State.values,
                "counted": COUNTED,
                "day": now - _DAY,
                "month": now - _MONTH,
            },
        )
        for channel_id, state, last_at, day, month in cursor.fetchall():
            told[channel_id][state] = last_at, Count(day, month)
    return {channel_id: _health(states) for channel_id, states in told.items()}


def in_trouble(channels: QuerySet[ProviderChannel]) -> QuerySet[ProviderChannel]:
    """Return those of the channels that fail (`Health.is_failing`), the latest failure first."""
    newest = Greatest(_newest(State.FAILED), _newest(State.REFUSED))
    failing = channels.alias(failed_at=newest).filter(failed_at__gte=timezone.now() - _DAY)
    return failing.order_by("-failed_at")


def _newest(state: Delivery.State) -> Subquery:
    """Return when the channel's last delivery of the state came in: one look into an index."""
    deliveries = Delivery.objects.filter(channel=OuterRef("pk"), state=state).order_by("-id")
    return Subquery(deliveries.values("received_at")[:1])


def _health(states: dict[str, tuple[datetime, Count]]) -> Health:
    genuine = [at for state, (at, _) in states.items() if state != State.REFUSED]
    counts = {
        state: states[state][1]
        for state in (State.WAITING, State.FAILED, State.SET_ASIDE, State.REFUSED)
        if state in states
    }
    return Health(max(genuine, default=None), **{str(name): each for name, each in counts.items()})
