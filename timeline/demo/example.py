"""The lead of the vendor's page: its documented answer, entry by entry, is our demo's too."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from timeline.demo.stage import SOURCE
from timeline.entries import (
    ActivityDraft,
    ActorType,
    AnyDraft,
    CallDraft,
    Channel,
    Direction,
    MessageDraft,
    MessageStatus,
    MessageType,
    Sentiment,
)

LEAD_ID = UUID("550e8400-e29b-41d4-a716-446655440000")

# The page says nothing of what was said; its summary does.
_SAID = (
    ("agent", 0.6, 6.2, "Hi John, this is Hannah. You wrote this morning about pricing?"),
    ("lead", 6.8, 14.9, "Hi Hannah. Yes, we're nine people. I couldn't tell which tier that is."),
    ("agent", 15.6, 31.4, "The middle one, up to twenty. You pay by the person, month by month."),
    ("lead", 32.3, 47.0, "Okay. And what would we miss compared with the large one?"),
    ("agent", 48.1, 78.5, "Single sign-on and the longer archive. Moving up takes a minute."),
    ("lead", 80.0, 104.7, "Good. Could you show it to my colleague in operations and me?"),
    ("agent", 105.9, 128.3, "Gladly. Half an hour next week. Would Wednesday at ten suit you?"),
    ("lead", 129.5, 149.2, "Wednesday at ten is fine. I'll send you our data on Monday."),
    ("agent", 150.1, 169.8, "Perfect, you'll have the invitation in a minute. Anything else?"),
    ("lead", 170.6, 183.4, "No, that was it. Thanks, Hannah, see you on Wednesday."),
)


def lead() -> dict[str, Any]:
    """Return the lead's fields, as `DemoLead` has them."""
    return {
        "id": LEAD_ID,
        "first_name": "John",
        "last_name": "Doe",
        "phone": "+1234567890",
        "email": "john@example.com",
        "source": "api",
        "created_at": _at(8, 0),
        "drafts": [_enrolled(), _greeting(), _reply(), _call(), _qualified()],
    }


def _at(hour: int, minute: int) -> datetime:
    return datetime(2026, 1, 10, hour, minute, tzinfo=UTC)


def _key(number: int) -> dict[str, Any]:
    return {"lead_id": LEAD_ID, "source": SOURCE, "external_id": f"{LEAD_ID}-{number}"}


def _enrolled() -> AnyDraft:
    return ActivityDraft(
        **_key(1),
        occurred_at=_at(8, 0),
        channel=Channel.SYSTEM,
        activity_type="workflow_assigned",
        title="Assigned to Sales Outreach",
        description="Lead enrolled via API",
        actor_type=ActorType.SYSTEM,
    )


def _greeting() -> AnyDraft:
    return MessageDraft(
        **_key(2),
        occurred_at=_at(9, 0),
        channel=Channel.WHATSAPP,
        direction=Direction.OUTBOUND,
        content="Hi John, thanks for your interest!",
        message_type=MessageType.TEMPLATE,
        status=MessageStatus.DELIVERED,
        sent_at=_at(9, 0),
        delivered_at=_at(9, 0),
    )


def _reply() -> AnyDraft:
    return MessageDraft(
        **_key(3),
        occurred_at=_at(9, 5),
        channel=Channel.WHATSAPP,
        direction=Direction.INBOUND,
        content="Yes, I'd like to learn more about pricing",
        status=MessageStatus.READ,
        delivered_at=_at(9, 5),
        read_at=_at(9, 6),
    )


def _call() -> AnyDraft:
    return CallDraft(
        **_key(4),
        occurred_at=_at(14, 0),
        direction=Direction.OUTBOUND,
        duration_seconds=185,
        call_status="ended",
        summary="Discussed pricing tiers and scheduled a demo for next week",
        recording_url="https://storage.example.com/recordings/abc123.wav",
        sentiment=Sentiment.POSITIVE,
        disconnection_reason="user_hangup",
        call_successful=True,
        turns=_turns(),
    )


def _turns() -> list[dict[str, Any]]:
    return [
        {"speaker": who, "text": text, "start": start, "end": end}
        for who, start, end, text in _SAID
    ]


def _qualified() -> AnyDraft:
    return ActivityDraft(
        **_key(5),
        occurred_at=_at(14, 3),
        channel=Channel.CALL,
        activity_type="status_changed",
        title="Status changed to Qualified",
        description="Lead qualified after discovery call",
        actor_type=ActorType.AI,
        actor_name="Ava",
    )
