"""Mailboxes into an account: each mail by the one way that all mails take, and each failure named.

A mail's lead is who wrote it, or of one of ours the recipient who is a lead.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models.functions import Lower
from django.utils import timezone

from leads.access import leads_of, members_of
from leads.models import Account
from timeline.checks import InvalidEntry
from timeline.importing.mailboxes import Found, Item, Unread, parsed
from timeline.mail_headers import Address
from timeline.mail_reports import SOURCE, Ours, report_of_mail
from timeline.reporting import Fate, tell
from timeline.reports import Reading, Report
from timeline.webhooks.fitting import fitted

logger = logging.getLogger(__name__)


@dataclass
class Tally:
    """What became of the mails."""

    fates: Counter[Fate] = field(default_factory=Counter)
    refused: int = 0

    def __str__(self) -> str:
        new, known = self.fates[Fate.RECORDED], self.fates[Fate.UNCHANGED]
        unknown = self.fates[Fate.UNMATCHED]
        return (
            f"{new:,} mail{'' if new == 1 else 's'} ({known:,} known already,"
            f" {unknown:,} of people who are no leads), {self.refused:,} refused"
        )

    @property
    def total(self) -> int:
        return self.fates.total() + self.refused


class MailImporter:
    """Records mails into the account.

    `own` are addresses and domains of ours, besides those of the account's people. Without
    `creates_leads`, mails of people who are no leads are left out. `report` is told of each mail
    that is refused, or not kept whole: where it is and why.
    """

    def __init__(
        self,
        account: Account,
        own: Sequence[str],
        report: Callable[[str, str], None],
        *,
        creates_leads: bool,
    ) -> None:
        self.tally = Tally()
        self._account = account
        self._report = report
        self._creates_leads = creates_leads
        people = [member.user.email for member in members_of(account.pk)]
        self._ours = Ours.of(" ".join([*own, *people]))
        self._now = timezone.now()

    def take(self, item: Item) -> None:
        """Record the mail; an error of the database or the storage is raised."""
        if isinstance(item, Unread):
            place = ", ".join(filter(None, [str(item.path), item.broken.place]))
            self._refuse(place, item.broken.reason)
            return
        place = ", ".join(filter(None, [str(item.path), item.place]))
        reading = self._read(item)
        for reason in reading.unusable:
            self._report(place, reason)
        if not reading.reports:
            self.tally.refused += 1
        for report in reading.reports:
            self._tell(place, report)

    def _read(self, mail: Found) -> Reading:
        if not mail.content.strip():
            return Reading(unusable=["is empty"])
        received_at = min(mail.received_at, self._now)
        try:
            return fitted(self._report_of(mail.content, received_at))
        except Exception as error:
            # One mail that nothing foresaw must not keep the others out.
            logger.info("A mail cannot be read", exc_info=True)
            return Reading(unusable=[f"cannot be read ({type(error).__name__}: {error})"])

    def _report_of(self, content: bytes, received_at: datetime) -> Reading:
        return report_of_mail(
            parsed(content), self._ours, received_at, latest=self._now, choose=self._lead_among
        )

    def _lead_among(self, recipients: Sequence[Address]) -> Address:
        leads = self._known([each.address for each in recipients])
        known = (each for each in recipients if each.address.lower() in leads)
        return next(known, recipients[0])

    def _known(self, addresses: Sequence[str]) -> set[str]:
        """Return those of the addresses, in lower case, that are a lead's."""
        lower = [address.lower() for address in addresses]
        leads = leads_of(self._account.pk).exclude(email="").alias(lower=Lower("email"))
        return set(leads.filter(lower__in=lower).values_list(Lower("email"), flat=True))

    def _tell(self, place: str, report: Report) -> None:
        # What is told and finds nobody would be kept: a whole mailbox of it, and its files.
        if not self._creates_leads and report.party and not self._known([report.party.email]):
            self.tally.fates[Fate.UNMATCHED] += 1
            return
        try:
            (told,) = tell(self._account, SOURCE, [report], creates_leads=self._creates_leads)
        except InvalidEntry as error:
            self._refuse(place, str(error))
        else:
            self.tally.fates[told.fate] += 1

    def _refuse(self, place: str, reason: str) -> None:
        self.tally.refused += 1
        self._report(place, reason)
