"""What others tell becomes entries: `tell` takes reports, finds their lead, and records.

Webhooks and importers alike come here. Reports are kept, and each entry is made anew of all that
was ever told of it (`timeline.fold`), so neither order nor repetition matters. What is told of an
entry that nobody has founded waits among the reports and counts once it is there.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import Enum
from hashlib import blake2b, sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from leads import matching
from leads.matching import Match, Person
from leads.models import Account
from timeline.files import keep
from timeline.fold import DRAFTS, Folded, fold, order, written
from timeline.inbox_models import Delivery, EntryReport
from timeline.models import MODEL_OF
from timeline.recording import Outcome, record
from timeline.reports import Report
from timeline.retelling import retell


class Fate(Enum):
    """What became of a report."""

    RECORDED = "recorded"  # the entry is new, or another one than before
    UNCHANGED = "unchanged"
    WAITING = "waiting"  # nothing has founded its entry yet
    UNMATCHED = "unmatched"  # no lead is known who this is


class Told(NamedTuple):
    """A report's fate; the lead, and what it was found by if it was looked for."""

    fate: Fate
    lead_id: UUID | None = None
    matched_by: str = ""


@transaction.atomic
def tell(
    account: Account,
    source: str,
    reports: Sequence[Report],
    *,
    creates_leads: bool = True,
    delivery: Delivery | None = None,
) -> list[Told]:
    """Take the reports, all or none; return what became of each, in their order.

    An entry is its lead's for good once it is recorded, wherever people move it. Raises
    InvalidEntry for an entry that cannot be recorded as it is told.
    """
    _take_turns(account, source, reports)
    stored = {id(report): _keep(account, source, report, delivery) for report in reports}
    fates: dict[str, Told] = {}
    for external_id, told in _by_entry(reports).items():
        fates[external_id] = _tell_of(
            account, source, external_id, told, creates_leads=creates_leads
        )
        if fates[external_id].matched_by:
            founding = stored[id(_founding(told))]
            EntryReport.objects.filter(
                account=account, source=source, external_id=external_id, digest=founding
            ).update(matched_by=fates[external_id].matched_by[:100])
    return [fates[report.external_id] for report in reports]


def _by_entry(reports: Sequence[Report]) -> dict[str, list[Report]]:
    entries: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        entries[report.external_id].append(report)
    return entries


def _tell_of(
    account: Account, source: str, external_id: str, told: list[Report], *, creates_leads: bool
) -> Told:
    """Record the entry as it is by now."""
    known = EntryReport.objects.filter(account=account, source=source, external_id=external_id)
    folded = fold(known)
    if folded is None:
        return Told(Fate.WAITING)
    lead_id = _lead_of(account, source, external_id, folded)
    if lead_id is not None:
        outcome = retell(account.pk, _draft(folded, lead_id, source, external_id), folded.says)
        fate = Fate.UNCHANGED if outcome is Outcome.UNCHANGED else Fate.RECORDED
        return Told(fate, lead_id)
    match = _match(account, source, told, creates_leads=creates_leads)
    if match is None:
        return Told(Fate.UNMATCHED)
    record(account.pk, _draft(folded, match.lead_id, source, external_id))
    return Told(Fate.RECORDED, match.lead_id, match.by)


def _draft(folded: Folded, lead_id: UUID, source: str, external_id: str) -> Any:
    return DRAFTS[folded.kind](
        lead_id=lead_id, source=source, external_id=external_id, **folded.says
    )


def _lead_of(account: Account, source: str, external_id: str, folded: Folded) -> UUID | None:
    """Return whose entry it is, if it is recorded."""
    recorded = MODEL_OF[DRAFTS[folded.kind]]._default_manager.filter(
        account=account, source=source, external_id=external_id
    )
    return recorded.values_list("lead_id", flat=True).first()


def _match(
    account: Account, source: str, told: list[Report], *, creates_leads: bool
) -> Match | None:
    founding = _founding(told)
    if founding is None or founding.party is None:
        return None
    person = Person(*founding.party)
    match = matching.find(account, person)
    if match is None and creates_leads and any(person):
        match = matching.make(account, person, source=source, at=founding.at)
    return match


def _founding(told: list[Report]) -> Report | None:
    return min((report for report in told if report.party), key=order, default=None)


def _keep(account: Account, source: str, report: Report, delivery: Delivery | None) -> bytes:
    """Keep the report unless it is kept already; return its digest."""
    says = dict(report.says)
    if report.files:
        attached = [keep(account.pk, file) for file in report.files]
        says["attachments"] = [*says.get("attachments", ()), *attached]
    kind = str(report.kind or "")
    told = (report.key, report.rank, report.at.isoformat(), kind)
    digest = sha256("\0".join(map(str, told)).encode() + b"\0" + written(says)).digest()
    row = EntryReport(
        account=account,
        source=source,
        external_id=report.external_id,
        key=report.key,
        rank=report.rank,
        at=report.at,
        kind=kind,
        says=says,
        digest=digest,
        delivery=delivery,
    )
    EntryReport.objects.bulk_create([row], ignore_conflicts=True)
    return digest


def _take_turns(account: Account, source: str, reports: Iterable[Report]) -> None:
    """Wait for whoever tells of the same entries or people, until the transaction ends.

    In one order for all, so that nobody waits in a circle.
    """
    names: set[tuple[str, ...]] = {("entry", source, report.external_id) for report in reports}
    for party in (report.party for report in reports if report.party):
        names |= {("identity", "", identity) for identity in party.identities}
        names |= (
            {("phone", "", "".join(filter(str.isdigit, party.phone)))} if party.phone else set()
        )
        names |= {("mail", "", party.email.lower())} if party.email else set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(number) FROM unnest(%s::bigint[]) AS number",
            [sorted(_number(account.pk, *name) for name in names)],
        )


def _number(*name: object) -> int:
    text = "\0".join(map(str, name))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
