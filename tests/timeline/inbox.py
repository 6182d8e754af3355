"""WhatsApp's deliveries as the test sends them: signed, and made as many as one wants."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from timeline.inbox_models import ProviderChannel
from timeline.webhooks.provider import Received

SECRET = "shhh"


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def address_of(channel: ProviderChannel) -> str:
    return f"/api/webhooks/{channel.token}"


def received(body: bytes) -> Received:
    """Return the body as it comes in for a channel."""
    headers = {"x-hub-signature-256": signature(body)}
    return Received("https://x.example/", headers, body, datetime(2026, 3, 30, tzinfo=UTC))


def delivery(*, messages: list[Any] | None = None, statuses: list[Any] | None = None) -> bytes:
    value: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": "15550783881",
            "phone_number_id": "106540352242922",
        },
    }
    if messages:
        senders = dict.fromkeys(message["from"] for message in messages)
        value["contacts"] = [{"wa_id": each, "profile": {"name": "Ana"}} for each in senders]
        value["messages"] = messages
    if statuses:
        value["statuses"] = statuses
    change = {"field": "messages", "value": value}
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    ).encode()


def message(name: str, minute: int, sender: str = "56912345678", **fields: Any) -> dict[str, Any]:
    """Return a message; with `type` in the fields, one of another type."""
    said = {"type": "text", "text": {"body": f"Hola {name} 🌞"}} | fields
    return {"id": f"wamid.{name}", "from": sender, "timestamp": _at(minute), **said}


def status(name: str, state: str, minute: int) -> dict[str, Any]:
    return {
        "id": f"wamid.{name}",
        "status": state,
        "timestamp": _at(minute),
        "recipient_id": "56912345678",
    }


def _at(minute: int) -> str:
    return str(1_774_880_000 + 60 * minute)
