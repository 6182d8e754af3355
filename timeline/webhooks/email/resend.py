"""Resend: deliveries signed by Svix, and mails that are fetched, since a delivery has none."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson
import requests
from anymail.inbound import AnymailInboundMessage
from anymail.webhooks.resend import ResendInboundWebhookView, ResendTrackingWebhookView
from standardwebhooks.webhooks import EmptyWebhookSecretError
from svix.webhooks import Webhook

from timeline.webhooks.provider import Line, Received
from timeline.webhooks.signing import is_same

# How old a signature may be, or how far ahead a clock: as Svix's own libraries have it.
_SKEW = timedelta(minutes=5)
# Seconds to connect, and between two pieces of an answer.
_TIMEOUT = (5, 30)
FETCH_LIMIT = 60_000_000  # bytes
_BLOCK = 256 * 1024


def is_signed(received: Received, line: Line) -> bool:
    """Tell whether the delivery bears Svix's signature, made when it came in.

    Svix's `verify` would hold the signature's age to now, and a delivery may be looked at later.
    """
    headers, secret = received.headers, line.secrets.get("signing_secret", "")
    if not secret:
        return False
    try:
        signed_at = datetime.fromtimestamp(int(headers["svix-timestamp"]), UTC)
        body = received.body.decode()
        expected = Webhook(secret).sign(headers["svix-id"], signed_at, body)
    except (KeyError, ValueError, OverflowError, OSError, EmptyWebhookSecretError):
        return False
    # Several, while a secret is replaced.
    matches = [is_same(each, expected) for each in headers.get("svix-signature", "").split()]
    return any(matches) and abs(received.at - signed_at) <= _SKEW


class Tracking(ResendTrackingWebhookView):  # type: ignore[misc] # untyped
    """Anymail's view; by the Message-ID where Resend tells it, else by Resend's own id."""

    def esp_to_anymail_event(self, esp_event: Any, request: Any) -> Any:
        event = super().esp_to_anymail_event(esp_event, request)
        message_id = esp_event["data"].get("message_id")
        if isinstance(message_id, str) and message_id:
            event.message_id = message_id
        return event


class Inbound(ResendInboundWebhookView):  # type: ignore[misc] # untyped
    """Anymail's view, with what it fetches bounded in time and size."""

    def _fetch_inbound_email(self, email_id: str) -> AnymailInboundMessage:
        address = f"{self.api_url}emails/receiving/{quote(str(email_id), safe='')}"
        told = orjson.loads(fetch(address, {"Authorization": f"Bearer {self.api_key}"}))
        if raw := (told.get("raw") or {}).get("download_url"):
            return AnymailInboundMessage.parse_raw_mime_bytes(fetch(raw))
        message = AnymailInboundMessage.construct(
            headers=list(_headers(told)),
            text=told.get("text"),
            html=told.get("html"),
            attachments=[_attachment(each) for each in told.get("attachments") or []],
        )
        for name in ("from", "subject", "message_id"):
            header = name.replace("_id", "-ID").title().replace("-Id", "-ID")
            if told.get(name) and header not in message:
                message[header] = told[name]
        return message


def _headers(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    given = told.get("headers") or {}
    named = {name.lower() for name in given}
    yield from ((name, str(value)) for name, value in given.items())
    for name in ("to", "cc", "bcc"):
        if told.get(name) and name not in named:
            yield name.title(), ", ".join(told[name])


def _attachment(told: Mapping[str, Any]) -> AnymailInboundMessage:
    return AnymailInboundMessage.construct_attachment(
        content_type=told.get("content_type") or "application/octet-stream",
        content=fetch(told["download_url"]),
        filename=told.get("filename"),
        content_id=told.get("content_id"),
    )


def fetch(url: str, headers: Mapping[str, str] | None = None) -> bytes:
    """Return what is at the address.

    Raises OSError (requests' own errors among them) if it cannot be had, or is too large.
    """
    with requests.get(url, headers=headers, timeout=_TIMEOUT, stream=True) as answer:
        answer.raise_for_status()
        content = bytearray()
        for block in answer.iter_content(_BLOCK):
            content += block
            if len(content) > FETCH_LIMIT:
                raise OSError(f"what Resend has is larger than {FETCH_LIMIT:,} bytes")
    return bytes(content)
