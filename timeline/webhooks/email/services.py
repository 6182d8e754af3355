"""The mail services: how each one's deliveries are told genuine, and what a channel of it needs.

The formats are the services' own (documentation.mailgun.com, postmarkapp.com/developer/webhooks,
docs.aws.amazon.com/ses, resend.com/docs/webhooks), as anymail reads them.
"""

from typing import Any

from anymail.webhooks import amazon_ses, mailgun
from anymail.webhooks.postmark import PostmarkTrackingWebhookView

from timeline.webhooks.email import postmark, resend
from timeline.webhooks.email.provider import MailProvider
from timeline.webhooks.provider import BASIC_AUTH, Line, Secret

# A mail of 25 MB, in base64, and again in the parts that a service has taken it apart into.
_MAIL = 50_000_000
_NOTICE = 1_000_000

_BASIC_AUTH = Secret(
    BASIC_AUTH,
    "User and password",
    "As user:password, of your own choice. Enter them in the webhook's address at the service:"
    " https://user:password@…",
)
# Seconds to connect, and between two pieces of an answer; one more attempt.
_AWS_PATIENCE = {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 1}}


def _mailgun(line: Line) -> dict[str, Any]:
    return {"webhook_signing_key": line.secrets.get("signing_key", "")}


def _basic_auth(line: Line) -> dict[str, Any]:
    return {"webhook_secret": line.secrets.get(BASIC_AUTH, "")}


def _amazon_ses(line: Line) -> dict[str, Any]:
    given = {
        "aws_access_key_id": line.secrets.get("aws_access_key", ""),
        "aws_secret_access_key": line.secrets.get("aws_secret_key", ""),
        "region_name": line.secrets.get("aws_region", ""),
    }
    return {
        **_basic_auth(line),
        "session_params": {name: value for name, value in given.items() if value},
        "client_params": {"config": _AWS_PATIENCE},
    }


def _resend(line: Line) -> dict[str, Any]:
    secret = line.secrets.get("signing_secret", "")
    return {
        "api_key": line.secrets.get("api_key", ""),
        "inbound_secret": secret,
        "signing_secret": secret,
    }


MAILGUN = MailProvider(
    name="mailgun",
    label="Mailgun",
    secrets=(
        Secret(
            "signing_key",
            "HTTP webhook signing key",
            "In Mailgun's API security settings. Deliveries are signed with it.",
        ),
    ),
    max_body=_MAIL,
    inbound=mailgun.MailgunInboundWebhookView,
    tracking=mailgun.MailgunTrackingWebhookView,
    options=_mailgun,
)

POSTMARK = MailProvider(
    name="postmark",
    label="Postmark",
    secrets=(_BASIC_AUTH,),
    max_body=_MAIL,
    inbound=postmark.Inbound,
    tracking=PostmarkTrackingWebhookView,
    options=_basic_auth,
)

AMAZON_SES = MailProvider(
    name="amazon_ses",
    label="Amazon SES",
    secrets=(
        _BASIC_AUTH,
        Secret(
            "aws_access_key",
            "AWS access key ID",
            "To confirm subscriptions and to read mails from S3. Empty: what the machine has.",
            is_required=False,
        ),
        Secret("aws_secret_key", "AWS secret access key", is_required=False),
        Secret("aws_region", "AWS region", "Such as eu-central-1.", is_required=False),
    ),
    max_body=_NOTICE,
    inbound=amazon_ses.AmazonSESInboundWebhookView,
    tracking=amazon_ses.AmazonSESTrackingWebhookView,
    options=_amazon_ses,
)

RESEND = MailProvider(
    name="resend",
    label="Resend",
    secrets=(
        Secret(
            "signing_secret",
            "Signing secret",
            "Of the webhook at Resend (whsec_…). Deliveries are signed with it.",
        ),
        Secret("api_key", "API key", "With full access: the mails themselves are fetched with it."),
    ),
    max_body=_NOTICE,
    inbound=resend.Inbound,
    tracking=resend.Tracking,
    options=_resend,
    signed=resend.is_signed,
)
