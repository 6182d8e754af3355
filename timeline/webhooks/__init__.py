"""Webhooks of providers: one file a provider, none knowing of another."""

from timeline.webhooks.email import AMAZON_SES, MAILGUN, POSTMARK, RESEND
from timeline.webhooks.provider import Provider
from timeline.webhooks.retell import Retell
from timeline.webhooks.twilio import Twilio
from timeline.webhooks.whatsapp import WhatsApp

PROVIDERS: dict[str, Provider] = {
    "whatsapp": WhatsApp(),
    "retell": Retell(),
    "twilio": Twilio(),
    "mailgun": MAILGUN,
    "postmark": POSTMARK,
    "amazon_ses": AMAZON_SES,
    "resend": RESEND,
}
