"""The inbox: deliveries are stored as they came and answered at once, then processed, once.

Whatever happens in between, a delivery that was acknowledged is in the database and is processed
sooner or later: right after the answer, by `manage.py process_inbox`, or along with the next one.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from timeline.checks import InvalidEntry
from timeline.deliveries import store
from timeline.inbox_models import Delivery, ProviderChannel
from timeline.reporting import Fate, Told, tell
from timeline.reports import Reading, Report
from timeline.webhooks import PROVIDERS
from timeline.webhooks.provider import Line, Malformed, Received

logger = logging.getLogger(__name__)

State = Delivery.State

# Of a channel: who may not deliver must not fill the disk either.
REFUSED_KEPT = 1_000
_REFUSED_BODY = 10_000  # bytes
_REFUSED_HEADERS = 50
_REFUSED_HEADER = 500  # characters
_REFUSED_DAYS = 7

# Tries of a delivery that we fail on: after 1, 2, 4 … minutes, at most 6 hours; some two days.
_ATTEMPTS = 16
_LONGEST_WAIT = timedelta(hours=6)


def line_of(channel: ProviderChannel) -> Line:
    return Line(channel.address, channel.secrets)


def receive(channel: ProviderChannel, received: Received) -> Delivery:
    """Store a genuine delivery, in one statement; it is acknowledged by that."""
    return store(channel, received, State.WAITING, next_attempt_at=received.at)


def refuse(channel: ProviderChannel, received: Received, reason: str) -> Delivery:
    """Store what is not genuine, or no delivery, to be looked at; the latest ones are kept."""
    delivery = store(channel, _bounded(received), State.REFUSED, reason=reason)
    refused = Delivery.objects.filter(channel=channel, state=State.REFUSED).order_by("-id")
    refused.filter(
        id__in=list(refused.values_list("id", flat=True)[REFUSED_KEPT : REFUSED_KEPT + 100])
    ).delete()
    return delivery


def _bounded(received: Received) -> Received:
    headers = list(received.headers.items())[:_REFUSED_HEADERS]
    return received._replace(
        url=received.url[:2_000],
        headers={name[:_REFUSED_HEADER]: value[:_REFUSED_HEADER] for name, value in headers},
        body=received.body[:_REFUSED_BODY],
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
    """Delete up to `limit` deliveries that are old and over, and as many that were refused.

    Return how many. Entries stay.
    """
    now = timezone.now()
    over = Delivery.objects.filter(
        next_attempt_at=None, received_at__lt=now - timedelta(days=settings.INBOX_DAYS)
    )
    old = list(over.order_by("received_at").values_list("pk", flat=True)[:limit])
    # The first ones are the oldest: whether they are old enough is seen without an index of times.
    refused = Delivery.objects.filter(state=State.REFUSED).order_by("pk")[:limit]
    since = now - timedelta(days=_REFUSED_DAYS)
    old += [pk for pk, at in refused.values_list("pk", "received_at") if at < since]
    deleted, _ = Delivery.objects.filter(pk__in=old).delete() if old else (0, {})
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
    told, refusals = _tell(delivery, provider.source, reading.reports)
    reasons = [*reading.unusable, *refusals, *_unmatched(told)]
    delivery.state = State.SET_ASIDE if reasons else State.DONE
    delivery.reason = "\n".join(reasons)
    delivery.next_attempt_at = None


def _tell(
    delivery: Delivery, source: str, reports: Sequence[Report]
) -> tuple[list[Told], list[str]]:
    """Tell the reports, all at once; if one cannot be recorded, each entry's on their own.

    Return what became of them, and why others were refused: they keep none out.
    """
    try:
        return _tell_at_once(delivery, source, reports), []
    except InvalidEntry:
        pass
    told, refusals = [], []
    for external_id in dict.fromkeys(report.external_id for report in reports):
        of_one = [report for report in reports if report.external_id == external_id]
        try:
            told += _tell_at_once(delivery, source, of_one)
        except InvalidEntry as error:
            refusals.append(f"{external_id}: {error}")
    return told, refusals


def _tell_at_once(delivery: Delivery, source: str, reports: Sequence[Report]) -> list[Told]:
    channel = delivery.channel
    return tell(
        channel.account, source, reports, creates_leads=channel.creates_leads, delivery=delivery
    )


def _unmatched(told: Iterable[Told]) -> list[str]:
    number = sum(each.fate is Fate.UNMATCHED for each in told)
    return [f"{number} of unknown people: no lead was found, none may be made"] if number else []


def _put_off(delivery: Delivery, error: Exception) -> None:
    wait = min(timedelta(minutes=2**delivery.attempts), _LONGEST_WAIT)
    is_last = delivery.attempts + 1 >= _ATTEMPTS
    delivery.state = State.FAILED
    delivery.reason = f"{type(error).__name__}: {error}".replace("\0", "")[:1_000]
    delivery.next_attempt_at = None if is_last else timezone.now() + wait
