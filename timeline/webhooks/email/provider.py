"""A mail service as a provider: what all of them have in common."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from anymail.exceptions import AnymailConfigurationError, AnymailError
from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import SuspiciousOperation

from timeline.mail_reports import SOURCE, Ours, report_of_mail
from timeline.reports import Reading
from timeline.webhooks.email.requests import request_of
from timeline.webhooks.email.tracking import read_tracking
from timeline.webhooks.fitting import fitted
from timeline.webhooks.provider import Line, Malformed, Received, Secret

logger = logging.getLogger(__name__)

# A network or a service that does not answer now: to be tried again, with the same delivery.
_PASSING = (OSError, BotoCoreError, ClientError)

# Takes a channel, returns what anymail's views are made with in place of its settings.
Options = Callable[[Line], dict[str, Any]]


@dataclass(slots=True, kw_only=True)
class MailProvider:
    """A service whose deliveries anymail reads: mails that came in, and how far ours got.

    Both come in on one address. `required` names the secret without which nothing is genuine;
    `signed` is a check of our own where anymail's will not do.
    """

    name: str
    label: str
    secrets: tuple[Secret, ...]
    max_body: int
    inbound: type[Any]
    tracking: type[Any]
    options: Options
    signed: Callable[[Received, Line], bool] | None = None
    address_label: str = "Our own addresses or domains (several: with commas between)"
    # A mail is the same entry whichever service tells of it, or a mailbox that is imported.
    source: str = SOURCE

    def greet(self, query: Mapping[str, str], line: Line) -> str | None:
        return None

    def is_genuine(self, received: Received, line: Line) -> bool:
        if self.signed is not None:
            return self.signed(received, line)
        if not all(line.secrets.get(each.name) for each in self.secrets if each.is_required):
            return False
        try:
            view = self.tracking(**self.options(line))
            view.run_validators(request_of(received))
        except (AnymailError, SuspiciousOperation, ValueError, TypeError, AttributeError, KeyError):
            return False
        return True

    def read(self, received: Received, line: Line) -> Reading:
        """Return what the delivery tells.

        Some services are asked for the mail, or to go on sending: an error on that way is raised as
        it is (OSError, botocore's), for the delivery to be read again later.
        """
        try:
            return fitted(_read_all(self._events(received, line), received.at, line))
        except _PASSING:
            raise
        except AnymailConfigurationError as error:
            return fitted(Reading(unusable=[" ".join(str(error).split())]))
        except Exception as error:
            # Whatever a library stumbles over in a body is the body's fault.
            logger.info("A delivery of %s cannot be read", self.label, exc_info=True)
            reason = f"the body is no delivery of {self.label}'s ({type(error).__name__})"
            raise Malformed(reason) from error

    def _events(self, received: Received, line: Line) -> Iterable[Any]:
        options = self.options(line)
        try:
            return list(self.inbound(**options).parse_events(request_of(received)))
        except AnymailConfigurationError as inbound_error:
            # What anymail says of a delivery that is not about a mail that came in.
            try:
                return list(self.tracking(**options).parse_events(request_of(received)))
            except AnymailConfigurationError:
                raise inbound_error from None


def _read_all(events: Iterable[Any], received_at: datetime, line: Line) -> Reading:
    whole = Reading()
    for event in events:
        reading = _read(event, received_at, line)
        whole.reports.extend(report for report in reading.reports if report not in whole.reports)
        whole.unusable.extend(reading.unusable)
    return whole


def _read(event: Any, received_at: datetime, line: Line) -> Reading:
    if not hasattr(event, "message"):
        return read_tracking(event, received_at)
    if event.message is None:
        return Reading(unusable=["tells of a mail, and not which"])
    at = event.timestamp if isinstance(event.timestamp, datetime) else received_at
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return report_of_mail(event.message, Ours.of(line.address), min(at, received_at))
