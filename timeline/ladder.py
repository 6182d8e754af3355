"""How far a message got: sent, delivered, read; or failed, which is final.

Reports come twice, late and out of order. A message stands on the highest rung that was ever
reported; each rung keeps the earliest time it was reported for; of several reasons for a failure
the first in the alphabet is kept. All are the same whatever order the reports arrive in.
"""

from datetime import datetime

from timeline.entries import STATUS_LADDER, MessageDraft, MessageStatus
from timeline.models import Message

_TIMES = {
    MessageStatus.SENT: "sent_at",
    MessageStatus.DELIVERED: "delivered_at",
    MessageStatus.READ: "read_at",
    MessageStatus.FAILED: "failed_at",
}

# The fields that a report may move; all others of a message are fixed once recorded.
REPORTED = ("status", *_TIMES.values(), "failure_reason")


def climb(message: Message, report: MessageDraft) -> list[str]:
    """Move the message as far as the report says; return the names of the fields that moved."""
    moved = []
    if STATUS_LADDER.index(report.status) > STATUS_LADDER.index(message.status):
        message.status = report.status
        moved.append("status")
    for field in _TIMES.values():
        if _is_earlier(getattr(report, field), getattr(message, field)):
            setattr(message, field, getattr(report, field))
            moved.append(field)
    if report.failure_reason and not "" < message.failure_reason <= report.failure_reason:
        message.failure_reason = report.failure_reason
        moved.append("failure_reason")
    return moved


def _is_earlier(reported: datetime | None, known: datetime | None) -> bool:
    return reported is not None and (known is None or reported < known)
