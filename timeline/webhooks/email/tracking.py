"""How far a mail of ours got, as the service that sent it tells: more than once, in any order."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from anymail.signals import EventType

from timeline.entries import MessageStatus
from timeline.mail_headers import sent_key
from timeline.reports import Reading, Report


class Rung(NamedTuple):
    """A status, and how much it knows better than others."""

    status: MessageStatus
    rank: int


_SENT = Rung(MessageStatus.SENT, 1)
_DELIVERED = Rung(MessageStatus.DELIVERED, 2)
_READ = Rung(MessageStatus.READ, 3)
_FAILED = Rung(MessageStatus.FAILED, 4)

_RUNGS: Mapping[str, Rung] = {
    EventType.SENT: _SENT,
    EventType.DELIVERED: _DELIVERED,
    EventType.OPENED: _READ,
    # Who follows a link has the mail open, pictures shown or not.
    EventType.CLICKED: _READ,
    EventType.REJECTED: _FAILED,
    EventType.FAILED: _FAILED,
    EventType.BOUNCED: _FAILED,
    EventType.COMPLAINED: _FAILED,
}
# What is known, and says nothing of how far a mail got.
_SILENT = {
    EventType.QUEUED,
    EventType.DEFERRED,
    EventType.AUTORESPONDED,
    EventType.SUBSCRIBED,
    EventType.UNSUBSCRIBED,
}


def read_tracking(event: Any, received_at: datetime) -> Reading:
    """Return what anymail's tracking event tells of its mail."""
    if event.event_type in _SILENT:
        return Reading()
    rung = _RUNGS.get(event.event_type)
    if rung is None:
        return Reading(unusable=["tells of a mail what is not known"])
    message_id = event.message_id
    if not isinstance(message_id, str) or not message_id.strip():
        return Reading(unusable=["names no mail"])
    at = _aware(event.timestamp) or received_at
    says = {"status": rung.status.value, f"{rung.status.value}_at": at.isoformat()}
    if rung is _FAILED:
        says["failure_reason"] = _reason(event)
    key = f"status:{rung.status.value}"
    return Reading(
        [Report(external_id=sent_key(message_id), key=key, at=at, says=says, rank=rung.rank)]
    )


def _aware(at: Any) -> datetime | None:
    if not isinstance(at, datetime):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)


def _reason(event: Any) -> str:
    if event.event_type == EventType.COMPLAINED:
        return "Marked as spam by who got it"
    told = [event.description, event.mta_response, event.reject_reason]
    texts = dict.fromkeys(" ".join(str(each).split()) for each in told[:2] if each)
    return ": ".join(texts) or f"The mail was {told[2] or event.event_type}"
