"""The vendor's page's own example, key order included: an answer to a full history."""

from typing import Any

PAGE: dict[str, Any] = {
    "success": True,
    "lead": {
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "first_name": "John",
        "last_name": "Doe",
        "phone": "+1234567890",
        "email": "john@example.com",
        "source": "api",
        "created_at": "2026-01-10T08:00:00Z",
    },
    "history": [
        {
            "type": "activity",
            "channel": "system",
            "activity_type": "workflow_assigned",
            "title": "Assigned to Sales Outreach",
            "description": "Lead enrolled via API",
            "actor_type": "system",
            "timestamp": "2026-01-10T08:00:00Z",
        },
        {
            "type": "message",
            "channel": "whatsapp",
            "direction": "outbound",
            "content": "Hi John, thanks for your interest!",
            "message_type": "template",
            "status": "delivered",
            "timestamp": "2026-01-10T09:00:00Z",
        },
        {
            "type": "message",
            "channel": "whatsapp",
            "direction": "inbound",
            "content": "Yes, I'd like to learn more about pricing",
            "message_type": "text",
            "status": "read",
            "timestamp": "2026-01-10T09:05:00Z",
        },
        {
            "type": "call",
            "channel": "call",
            "duration_seconds": 185,
            "call_status": "ended",
            "summary": "Discussed pricing tiers and scheduled a demo for next week",
            "recording_url": "https://storage.example.com/recordings/abc123.wav",
            "sentiment": "positive",
            "timestamp": "2026-01-10T14:00:00Z",
        },
        {
            "type": "activity",
            "channel": "call",
            "activity_type": "status_changed",
            "title": "Status changed to Qualified",
            "description": "Lead qualified after discovery call",
            "actor_type": "ai",
            "timestamp": "2026-01-10T14:03:00Z",
        },
    ],
    "pagination": {"limit": 50, "offset": 0, "has_more": False},
}
