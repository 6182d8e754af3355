"""The inbox: deliveries are stored as they came and answered at once, then processed, once.

Whatever happens in between, a delivery that was acknowledged is in the database and is processed
sooner or later: right after the answer, by `manage.py process_inbox`, or along with the next one.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from timeline.inbox_models import Delivery, ProviderChannel
from timeline.reporting import Fate, Told, tell
from timeline.reports import Reading
from timeline.webhooks import PROVIDERS
from timeline.webhooks.provider import Line, Malformed, Received

logger = logging.getLogger(__name__)

State = Delivery.State

# Of a channel: who may not deliver must not fill the disk either.
REFUSED_KEPT = 1_000
_REFUSED_BODY = 10_000  # bytes
_REFUSED_DAYS = 7

# What proves who sends is not kept, once it has.
_SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization", "x-api-key"}

# Tries of a delivery that we fail on: after 1, 2, 4 … minutes, at most 6 hours; some two days.
_ATTEMPTS = 16
_LONGEST_WAIT = timedelta(hours=6)


def line_of(channel: ProviderChannel) -> Line:
    return Line(channel.address, channel.secrets)


def receive(channel: ProviderChannel, received: Received) -> Delivery:
    """Store a genuine delivery, in one statement; it is acknowledged by that."""
    return _store(channel, received, State.WAITING, next_attempt_at=received.at)


def refuse(channel: ProviderChannel, received: Received, reason: str) -> Delivery:
    """Store what is not genuine, or no delivery, to be looked at; the latest ones are kept."""
    bounded = received._replace(body=received.body[:_REFUSED_BODY], url=received.url[:2_000])
    delivery = _store(channel, bounded, State.REFUSED, reason=reason)
    refused = Delivery.objects.filter(channel=channel, state=State.REFUSED).order_by("-id")
    refused.filter(
        id__in=list(refused.values_list("id", flat=True)[REFUSED_KEPT : REFUSED_KEPT + 100])
    ).delete()
    return delivery


def _store(
    channel: ProviderChannel, received: Received, state: Delivery.State, **fields: Any
) -> Delivery:
    headers = {
        name: value.replace("\0", "")
        for name, value in received.headers.items()
        if name not in _SECRET_HEADERS
    }
    return Delivery.objects.create(
        account_id=channel.account_id,
        channel=channel,
        received_at=received.at,
        url=received.url.replace("\0", ""),
        headers=headers,
        body=received.body,
        state=state,
        **fields,
    )


def process(delivery_id: int) -> bool:
    """Process the delivery, unless it is processed or somebody is about it; return whether we did.

    What we fail on is tried again, ever later; what cannot be used is set aside with its reason.
    """
    with transaction.atomic():
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("channel__account")
            .filter(pk=delivery_id)
            .exclude(next_attempt_at=None)
            .first()
        )
        if delivery is None:
            return False
        try:
            with transaction.atomic():
                _process(delivery)
        except Exception as error:
            logger.exception("Delivery %s could not be processed", delivery_id)
            _put_off(delivery, error)
        delivery.attempts += 1
        delivery.processed_at = timezone.now()
        delivery.save(
            update_fields=["state", "reason", "attempts", "next_attempt_at", "processed_at"]
        )
    return True


def process_due(limit: int, *, besides: int | None = None) -> int:
    """Process up to `limit` deliveries whose time has come; return how many."""
    due = Delivery.objects.filter(next_attempt_at__lte=timezone.now())
    if besides is not None:
        due = due.exclude(pk=besides)
    ids = list(due.order_by("next_attempt_at").values_list("pk", flat=True)[:limit])
    return sum(process(delivery_id) for delivery_id in ids)


def replay(deliveries: QuerySet[Delivery]) -> int:
    """Have the deliveries processed anew, soon; return how many. What is refused stays so."""
    return deliveries.exclude(state=State.REFUSED).update(
        state=State.WAITING, next_attempt_at=timezone.now(), attempts=0
    )


def prune(limit: int) -> int:
    """Delete up to `limit` deliveries that are old and over; return how many. Entries stay."""
    now = timezone.now()
    over = Q(next_attempt_at=None, received_at__lt=now - timedelta(days=settings.INBOX_DAYS)) | Q(
        state=State.REFUSED, received_at__lt=now - timedelta(days=_REFUSED_DAYS)
    )
    old = Delivery.objects.filter(over).order_by("received_at").values_list("pk", flat=True)
    deleted, _ = Delivery.objects.filter(pk__in=list(old[:limit])).delete()
    return deleted


# --- One delivery -------------------------------------------------------------------------------


def _process(delivery: Delivery) -> None:
    channel = delivery.channel
    provider = PROVIDERS[channel.provider]
    received = Received(delivery.url, delivery.headers, bytes(delivery.body), delivery.received_at)
    try:
        reading = provider.read(received, line_of(channel))
    except Malformed as error:
        reading = Reading(unusable=[str(error)])
    told = tell(
        channel.account,
        provider.source,
        reading.reports,
        creates_leads=channel.creates_leads,
        delivery=delivery,
    )
    reasons = [*reading.unusable, *_unmatched(told)]
    delivery.state = State.SET_ASIDE if reasons else State.DONE
    delivery.reason = "\n".join(reasons)
    delivery.next_attempt_at = None


def _unmatched(told: Iterable[Told]) -> list[str]:
    number = sum(each.fate is Fate.UNMATCHED for each in told)
    return [f"{number} of unknown people: no lead was found, none may be made"] if number else []


def _put_off(delivery: Delivery, error: Exception) -> None:
    wait = min(timedelta(minutes=2**delivery.attempts), _LONGEST_WAIT)
    is_last = delivery.attempts + 1 >= _ATTEMPTS
    delivery.state = State.FAILED
    delivery.reason = f"{type(error).__name__}: {error}".replace("\0", "")[:1_000]
    delivery.next_attempt_at = None if is_last else timezone.now() + wait
