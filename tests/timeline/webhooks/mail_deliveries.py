"""Deliveries of mail services as they send them: signed, or with a password."""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from hmac import new as hmac
from typing import Any

from svix.webhooks import Webhook

from tests.timeline.webhooks.deliveries import payload, received
from timeline.reports import Reading
from timeline.webhooks import PROVIDERS
from timeline.webhooks.provider import Line, Received

OURS = "sales@acme.example"
AT = datetime(2026, 5, 1, 9, 5, tzinfo=UTC)
WHSEC = "whsec_" + b64encode(b"a secret of some length").decode()

LINES: Mapping[str, Line] = {
    "mailgun": Line(OURS, {"signing_key": "key-1"}),
    "postmark": Line(OURS, {"basic_auth": "user:pass"}),
    "amazon_ses": Line(OURS, {"basic_auth": "user:pass"}),
    "resend": Line(OURS, {"signing_secret": WHSEC, "api_key": "re_1"}),
}


def basic_auth(text: str = "user:pass") -> str:
    return f"Basic {b64encode(text.encode()).decode()}"


def mailgun_signature(key: str = "key-1") -> dict[str, str]:
    told = {
        "timestamp": "1529006854",
        "token": "a8ce0edb2dd8301dee6c2405235584e45aa91d1e9f979f3d0a",
    }
    signed = hmac(key.encode(), f"{told['timestamp']}{told['token']}".encode(), sha256)
    return {**told, "signature": signed.hexdigest()}


def mailgun_event(name: str, key: str = "key-1") -> Received:
    body = json.loads(payload("mailgun", name)) | {"signature": mailgun_signature(key)}
    headers = {"content-type": "application/json"}
    return received(json.dumps(body).encode(), headers, at=AT)


def mailgun_mail(
    files: Mapping[str, tuple[str, str, bytes]] | None = None, /, key: str = "key-1", **changes: str
) -> Received:
    """Return Mailgun's form, with files by their fields: name, type, content."""
    fields = json.loads(payload("mailgun", "inbound.json")) | mailgun_signature(key) | changes
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in fields.items()
    ]
    for name, (file_name, content_type, content) in (files or {}).items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"'
        parts.append(f"{head}\r\nContent-Type: {content_type}\r\n\r\n".encode() + content)
    body = b"".join(b"--B0undary\r\n" + part + b"\r\n" for part in parts) + b"--B0undary--\r\n"
    return received(body, {"content-type": "multipart/form-data; boundary=B0undary"}, at=AT)


def postmark(name: str, auth: str | None = "user:pass") -> Received:
    headers = {"content-type": "application/json"}
    if auth is not None:
        headers["authorization"] = basic_auth(auth)
    return received(payload("postmark", name), headers, at=AT)


def ses(name: str, auth: str | None = "user:pass") -> Received:
    body = payload("amazon_ses", name)
    told = json.loads(body)
    headers = {
        "content-type": "text/plain; charset=UTF-8",
        "x-amz-sns-message-type": told["Type"],
        "x-amz-sns-message-id": told["MessageId"],
    }
    if auth is not None:
        headers["authorization"] = basic_auth(auth)
    return received(body, headers, at=AT)


def resend(name: str, secret: str = WHSEC, signed_at: datetime = AT) -> Received:
    body = payload("resend", name)
    headers = {
        "content-type": "application/json",
        "svix-id": "msg_1",
        "svix-timestamp": str(int(signed_at.timestamp())),
        "svix-signature": f"v1,other {Webhook(secret).sign('msg_1', signed_at, body.decode())}",
    }
    return received(body, headers, at=AT)


def read(provider: str, delivery: Received) -> Reading:
    return PROVIDERS[provider].read(delivery, LINES[provider])


def is_genuine(provider: str, delivery: Received, **secrets: Any) -> bool:
    line = LINES[provider]
    line = line._replace(secrets={**line.secrets, **secrets})
    return PROVIDERS[provider].is_genuine(delivery, line)
