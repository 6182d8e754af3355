"""Responses recorded, a batch at a time, with every bad one named."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from leads.json_values import RefusedError
from leads.lead_fields import check_lead_text
from leads.models import Account, Lead
from leads.services import add_leads
from timeline.importing.identity import Identified, Identities, Told, digest_of
from timeline.importing.reading import Broken, Found
from timeline.importing.shapes import LEAD_TEXTS, Response, read_entry, read_response
from timeline.recording import EntryConflict, Outcome, Result, record_all

# Leads and entries that are recorded in one transaction.
BATCH = 1_000

# Fields that the input calls otherwise.
_INPUT_NAMES = {"turns": "transcript", "external_id": "id", "occurred_at": "timestamp"}


@dataclass
class Tally:
    """What landed, and what did not; only what is committed counts."""

    leads: int = 0
    known_leads: int = 0
    entries: Counter[Outcome] = field(default_factory=Counter)
    conflicting: int = 0
    refused: int = 0

    def __str__(self) -> str:
        new = self.entries[Outcome.CREATED]
        return (
            f"{self.leads:,} new lead{'' if self.leads == 1 else 's'} ({self.known_leads:,} known),"
            f" {new:,} new entr{'y' if new == 1 else 'ies'}"
            f" ({self.entries[Outcome.ADVANCED]:,} advanced,"
            f" {self.entries[Outcome.UNCHANGED]:,} unchanged,"
            f" {self.conflicting:,} conflicting), {self.refused:,} refused"
        )


class _Page(NamedTuple):
    """A response whose lead is to be added, if it is new."""

    where: str
    lead_id: UUID
    lead: dict[str, Any]


class Importer:
    """Records responses into the account. After the last one, call `finish`.

    `report` is told of each bad item where it is and what is wrong with it; `tally` counts.
    """

    def __init__(self, account: Account, report: Callable[[str, str], None]) -> None:
        self.tally = Tally()
        self._account = account
        self._report = report
        self._identities = Identities()
        self._pages: list[_Page] = []
        self._entries: list[Identified] = []
        self._ours: set[UUID] = set()

    def take(self, file: str, item: Found | Broken) -> None:
        """Record what was found in the file, now or with what follows."""
        where = f"{file}:{item.place}" if item.place else file
        if isinstance(item, Broken):
            self._refuse(where, item.reason)
            return
        try:
            response = read_response(item.value)
            _check_lead(response.lead)
        except RefusedError as error:
            self._refuse(where, str(error))
            return
        self._pages.append(_Page(where, response.lead_id, response.lead))
        page = list(self._told(where, response))
        self._add(self._identities.of_page(response, page))

    def finish(self) -> None:
        """Record what is left."""
        self._add(self._identities.rest())
        self._record()

    def _told(self, where: str, response: Response) -> Iterator[Told]:
        time = datetime.min.replace(tzinfo=UTC)
        for index, value in enumerate(response.history):
            place = f"{where}, history[{index}]"
            try:
                draft = read_entry(response.lead_id, value)
            except RefusedError as error:
                self._refuse(place, str(error))
                yield Told(place, time, None, "")
            else:
                time = draft.occurred_at
                yield Told(place, time, draft, "" if draft.external_id else digest_of(draft))

    def _add(self, entries: Iterable[Identified]) -> None:
        for entry in entries:
            self._entries.append(entry)
            if len(self._entries) >= BATCH:
                self._record()
        if len(self._pages) >= BATCH:
            self._record()

    def _record(self) -> None:
        """Record the batch: all that is good of it, or in an accident nothing."""
        pages, entries = self._pages, self._entries
        self._pages, self._entries = [], []
        with transaction.atomic():
            added, ours = self._add_leads(pages)
            known = self._ours | ours
            entries = [entry for entry in entries if entry.draft.lead_id in known]
            results = record_all(self._account.pk, [entry.draft for entry in entries])
        self.tally.leads += len(added)
        self.tally.known_leads += len(ours - added - self._ours)
        self._ours |= ours
        for page in pages:
            if page.lead_id not in ours:
                self._refuse(page.where, f"the lead {page.lead_id} is another account's")
        for entry, result in zip(entries, results, strict=True):
            self._count(entry.place, result)

    def _add_leads(self, pages: Iterable[_Page]) -> tuple[set[UUID], set[UUID]]:
        """Add the leads that are new; return their ids, and those of all that are the account's."""
        leads = {page.lead_id: Lead(id=page.lead_id, **page.lead) for page in pages}
        added = add_leads(self._account, list(leads.values()))
        ours = Lead.objects.filter(account=self._account, id__in=leads).values_list("id", flat=True)
        return added, set(ours)

    def _count(self, place: str, result: Result) -> None:
        if isinstance(result, Outcome):
            self.tally.entries[result] += 1
        elif isinstance(result, EntryConflict):
            self.tally.conflicting += 1
            another = ", ".join(_INPUT_NAMES.get(name, name) for name in result.differing)
            self._report(place, f"is recorded already, with another {another}")
        else:
            field = _INPUT_NAMES.get(result.field, result.field)
            self._refuse(place, f"{field} {result.reason}")

    def _refuse(self, place: str, reason: str) -> None:
        self.tally.refused += 1
        self._report(place, reason)


def _check_lead(fields: dict[str, Any]) -> None:
    """Raise RefusedError for the first text that the table of leads would not take."""
    for name in LEAD_TEXTS:
        try:
            check_lead_text(name, fields[name])
        except RefusedError as error:
            raise RefusedError(f"lead.{error}") from None
