"""How far a message got, as WhatsApp tells it: more than once, late, and in any order."""

from typing import NamedTuple

from timeline.entries import MessageStatus
from timeline.reports import Reading, Report
from timeline.webhooks.values import Object, Unusable, named, text_of, unix_time
from timeline.webhooks.whatsapp.errors import errors_of


class Rung(NamedTuple):
    """A status, the field of its time, and how much it knows better than others."""

    status: MessageStatus
    time: str
    rank: int


# A voice message that was played was read; that it was read is told too, as a rule, and earlier.
_RUNGS = {
    "sent": Rung(MessageStatus.SENT, "sent_at", 1),
    "delivered": Rung(MessageStatus.DELIVERED, "delivered_at", 2),
    "played": Rung(MessageStatus.READ, "read_at", 3),
    "read": Rung(MessageStatus.READ, "read_at", 4),
    "failed": Rung(MessageStatus.FAILED, "failed_at", 5),
}


def read_status(status: Object) -> Reading:
    """Return what the status tells of its message; raise Unusable if it tells nothing."""
    name, message = text_of(status.get("status")), text_of(status.get("id"))
    at = unix_time(status.get("timestamp"))
    if name not in _RUNGS:
        raise Unusable(f"status {named(status.get('status'))} is not known")
    if not message:
        raise Unusable("names no message")
    if at is None:
        raise Unusable(f"timestamp {named(status.get('timestamp'))} is no time")
    rung = _RUNGS[name]
    says = {"status": rung.status.value, rung.time: at.isoformat()}
    if rung.status is MessageStatus.FAILED and (reason := errors_of(status)):
        says["failure_reason"] = reason
    return Reading(
        [Report(external_id=message, key=f"status:{name}", at=at, says=says, rank=rung.rank)]
    )
