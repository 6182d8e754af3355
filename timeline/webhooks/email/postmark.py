"""Postmark: as anymail reads it, with times in the zone that they are told in."""

from typing import Any

from anymail.webhooks.postmark import PostmarkInboundWebhookView

from timeline.mail_headers import with_plain_zone


class Inbound(PostmarkInboundWebhookView):  # type: ignore[misc] # untyped
    """Anymail's view. Postmark writes zones as ISO 8601 does, and a mail's header would lose it."""

    def esp_to_anymail_event(self, esp_event: Any) -> Any:
        if isinstance(esp_event.get("Date"), str):
            esp_event = {**esp_event, "Date": with_plain_zone(esp_event["Date"])}
        return super().esp_to_anymail_event(esp_event)
