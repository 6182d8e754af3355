"""Why an entry is here: what was told of it, on which channel, and what its lead was found by."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from timeline.inbox_models import Delivery, EntryReport
from timeline.models import MODEL_OF, AnyEntry

# Reports of one entry, and entries of one delivery, that are looked at.
_LOOKED_AT = 200


class Origin(NamedTuple):
    """Something told of an entry.

    `told_at` is when it came in, or for what was imported, when it happened; `channel` is "" for
    what came in on none, or on one whose delivery is deleted by now. `matched_by` is "" where the
    lead was not looked for.
    """

    key: str
    source: str
    told_at: datetime
    channel: str = ""
    delivery_id: int | None = None
    matched_by: str = ""

    @property
    def matched(self) -> str:
        return matched_in_words(self.matched_by)


class Outcome(NamedTuple):
    """What a delivery told of an entry; None for the entry says that it is still waited for."""

    external_id: str
    keys: list[str]
    entry: AnyEntry | None
    matched_by: str = ""


def origins_of(account_id: int, source: str, external_id: str) -> list[Origin]:
    """Return what was told of the entry, what its lead was found by first; [] for our own."""
    reports = (
        EntryReport.objects.filter(account_id=account_id, source=source, external_id=external_id)
        .select_related("delivery__channel")
        .defer("says", "delivery__body", "delivery__headers", "delivery__channel__secrets")
        .order_by("id")[:_LOOKED_AT]
    )
    return sorted(map(_origin, reports), key=lambda origin: not origin.matched_by)


def origins_of_entry(account_id: int, entry_id: UUID) -> list[Origin]:
    """Return the same for the account's entry of that id, of whatever kind."""
    first, *others = (
        model._default_manager.filter(pk=entry_id, account_id=account_id)
        .order_by()
        .values_list("source", "external_id")
        for model in MODEL_OF.values()
    )
    found = next(iter(first.union(*others, all=True)), None)
    return origins_of(account_id, *found) if found else []


def outcomes_of(delivery: Delivery) -> list[Outcome]:
    """Return what became of what the delivery was the first to tell, in its order."""
    known = delivery.reports.order_by("id").defer("says")
    told: dict[tuple[str, str], list[EntryReport]] = {}
    for report in known[:_LOOKED_AT]:
        told.setdefault((report.source, report.external_id), []).append(report)
    entries = _entries(delivery.account_id, told)
    return [
        Outcome(
            name[1],
            [each.key for each in reports],
            entries.get(name),
            max(each.matched_by for each in reports),
        )
        for name, reports in told.items()
    ]


def matched_in_words(matched_by: str) -> str:
    """Return what a lead was found by (`leads.matching.Match.by`) in the reader's language."""
    by, _comma, alike = matched_by.partition(", newest of ")
    by = {
        "the provider's id": _("the provider's id"),
        "phone": _("phone"),
        "e-mail address": _("e-mail address"),
        "nothing: made a new lead": _("nothing: made a new lead"),
    }.get(by, by)
    number, _space, more = alike.removesuffix(" leads").partition(" ")
    if not number.isdecimal():
        return by
    among = ngettext(
        "%(by)s, newest of %(number)s lead", "%(by)s, newest of %(number)s leads", int(number)
    )
    return among % {"by": by, "number": f"{number}+" if more else number}


def _origin(report: EntryReport) -> Origin:
    delivery = report.delivery
    return Origin(
        key=report.key,
        source=report.source,
        told_at=delivery.received_at if delivery else report.at,
        channel=delivery.channel.name if delivery else "",
        delivery_id=delivery.pk if delivery else None,
        matched_by=report.matched_by,
    )


def _entries(account_id: int, names: Iterable[tuple[str, str]]) -> dict[tuple[str, str], AnyEntry]:
    by_source: dict[str, list[str]] = {}
    for source, external_id in names:
        by_source.setdefault(source, []).append(external_id)
    return {
        (entry.source, entry.external_id): entry
        for source, external_ids in by_source.items()
        for model in MODEL_OF.values()
        for entry in model._default_manager.filter(
            account_id=account_id, source=source, external_id__in=external_ids
        ).select_related("lead")
    }
