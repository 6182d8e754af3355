"""The WhatsApp Cloud API of Meta.

The format is that of the webhook reference at developers.facebook.com/documentation/
business-messaging/whatsapp/webhooks. `envelope` opens a delivery, `messages` and `statuses` read
what is in it, `contents` says in words what a message holds, `people` who wrote it.
"""

from collections.abc import Mapping

from timeline.reports import Reading
from timeline.webhooks.fitting import fitted
from timeline.webhooks.provider import Line, Received, Secret
from timeline.webhooks.signing import digest, is_same
from timeline.webhooks.whatsapp.envelope import read_envelope


class WhatsApp:
    name = source = "whatsapp"
    label = "WhatsApp"
    address_label = "Phone number ID (several: with commas between)"
    secrets: tuple[Secret, ...] = (
        Secret(
            "app_secret",
            "App secret",
            "In the app's settings at Meta, under Basic. Deliveries are signed with it.",
        ),
        Secret(
            "verify_token",
            "Verify token",
            "Any text of your own; enter the same at Meta, beside the address of the webhook.",
        ),
    )
    # Meta sends at most 3 MB.
    max_body = 4_000_000

    def greet(self, query: Mapping[str, str], line: Line) -> str | None:
        token = line.secrets.get("verify_token", "")
        is_asked = query.get("hub.mode") == "subscribe"
        if not token or not is_asked or not is_same(query.get("hub.verify_token", ""), token):
            return None
        return query.get("hub.challenge") or None

    def is_genuine(self, received: Received, line: Line) -> bool:
        secret = line.secrets.get("app_secret", "")
        signature = received.headers.get("x-hub-signature-256", "")
        if not secret:
            return False
        return is_same(signature, f"sha256={digest('sha256', secret, received.body).hex()}")

    def read(self, received: Received, line: Line) -> Reading:
        return fitted(read_envelope(received.body, line.address))
