"""Entries in full (`view=full`): the documented keys in their order, then what goes beyond."""

from collections.abc import Callable, Iterable
from typing import Any

from timeline.api.documented import entry_json
from timeline.calls import missed_because
from timeline.entries import Activity, Call, Entry, FullCall, Message, PublicMessage
from timeline.files import public_attachment


def full_entries_json(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [_WRITERS[type(entry)](entry) for entry in entries]


def _message(entry: PublicMessage) -> dict[str, Any]:
    return {
        **entry_json(Message._make(entry[: len(Message._fields)])),
        "id": entry.id,
        "subject": entry.subject or None,
        "media_url": entry.media_url or None,
        "attachments": [public_attachment(attachment) for attachment in entry.attachments],
        "provider_message_id": entry.provider_message_id or None,
        "sent_at": entry.sent_at,
        "delivered_at": entry.delivered_at,
        "read_at": entry.read_at,
        "reaction": entry.reaction or None,
        "buttons": [_button(button) for button in entry.buttons],
    }


def _button(button: dict[str, Any]) -> dict[str, Any]:
    return {"text": button.get("text"), "url": button.get("url")}


def _call(entry: FullCall) -> dict[str, Any]:
    reason = missed_because(entry.call_status, entry.disconnection_reason)
    documented = entry_json(Call._make(entry[: len(Call._fields)]))
    missed = {"type": "call_missed", "content": f"Missed call — {reason}"} if reason else {}
    return {
        **documented,
        **missed,
        "id": entry.id,
        "direction": entry.direction or None,
        "call_successful": entry.call_successful,
        "disconnection_reason": entry.disconnection_reason or None,
        "provider_call_id": entry.provider_call_id or None,
        "transcript": [_turn(turn) for turn in entry.turns],
    }


def _turn(turn: dict[str, Any]) -> dict[str, Any]:
    # Imported turns have "" for a speaker that nobody named.
    turn = {**turn, "speaker": turn.get("speaker") or None}
    return {key: turn.get(key) for key in ("speaker", "text", "start", "end")}


def _activity(entry: Activity) -> dict[str, Any]:
    return {**entry_json(entry), "id": entry.id}


_WRITERS: dict[type[Any], Callable[[Any], dict[str, Any]]] = {
    PublicMessage: _message,
    FullCall: _call,
    Activity: _activity,
}
