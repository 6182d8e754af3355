"""Mail, by the webhooks of the services that send and receive it, read by django-anymail.

`services` says how each is told genuine and what its channel needs; `requests` makes of a delivery
what anymail reads; `postmark`, `resend` and `forms` are where anymail is not enough; `tracking`
reads how far a mail got. What a mail says is read in `timeline.mail_reports`, as of imported ones.
"""

from timeline.webhooks.email.provider import MailProvider
from timeline.webhooks.email.services import AMAZON_SES, MAILGUN, POSTMARK, RESEND

__all__ = ["AMAZON_SES", "MAILGUN", "POSTMARK", "RESEND", "MailProvider"]
