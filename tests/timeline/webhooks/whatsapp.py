"""WhatsApp's deliveries, read for one channel."""

import json
from typing import Any

from tests.timeline.webhooks.deliveries import payload, read
from timeline.reports import Party, Reading
from timeline.webhooks import PROVIDERS

WHATSAPP = PROVIDERS["whatsapp"]
OURS = "106540352242922"
ANA = Party(
    ("whatsapp:user:CL.13491208655302741918", "whatsapp:phone:56912345678"),
    phone="+56912345678",
    name="Ana Sofía Núñez",
)


def of(name: str) -> Reading:
    return read(WHATSAPP, payload("whatsapp", f"{name}.json"), OURS)


def message(**changes: Any) -> bytes:
    """Return the text's delivery with its message changed."""
    body = json.loads(payload("whatsapp", "text.json"))
    body["entry"][0]["changes"][0]["value"]["messages"][0] |= changes
    return json.dumps(body).encode()
