"""Entries and leads as the vendor's page documents them: these keys, in this order, no others."""

from collections.abc import Callable, Iterable
from typing import Any

from leads.access import LeadCard
from timeline.entries import Activity, Call, Entry, Message


def lead_json(lead: LeadCard) -> dict[str, Any]:
    return {
        "id": lead.id,
        "first_name": lead.first_name or None,
        "last_name": lead.last_name or None,
        "phone": lead.phone or None,
        "email": lead.email or None,
        "source": lead.source or None,
        "created_at": lead.created_at,
    }


def entries_json(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [_WRITERS[type(entry)](entry) for entry in entries]


def entry_json(entry: Entry) -> dict[str, Any]:
    return _WRITERS[type(entry)](entry)


def _message(entry: Message) -> dict[str, Any]:
    return {
        "type": "message",
        "channel": entry.channel,
        "direction": entry.direction,
        "content": entry.content,
        "message_type": entry.message_type,
        "status": entry.status or None,
        "timestamp": entry.occurred_at,
    }


def _call(entry: Call) -> dict[str, Any]:
    return {
        "type": "call",
        "channel": entry.channel,
        "duration_seconds": entry.duration_seconds,
        "call_status": entry.call_status or None,
        "summary": entry.summary or None,
        "recording_url": entry.recording_url or None,
        "sentiment": entry.sentiment or None,
        "timestamp": entry.occurred_at,
    }


def _activity(entry: Activity) -> dict[str, Any]:
    return {
        "type": "activity",
        "channel": entry.channel,
        "activity_type": entry.activity_type,
        "title": entry.title,
        "description": entry.description or None,
        "actor_type": entry.actor_type,
        "timestamp": entry.occurred_at,
    }


_WRITERS: dict[type[Any], Callable[[Any], dict[str, Any]]] = {
    Message: _message,
    Call: _call,
    Activity: _activity,
}
