"""Leads as files, streamed: a table for people, and JSON for `import_history`."""

from collections.abc import Iterator
from typing import Any

import orjson
from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from leads import audit
from leads.access import LeadCard
from leads.admin import csv_stream
from leads.audit import Actor
from leads.models import Lead
from timeline.api.documented import entries_json, lead_json
from timeline.history import DOCUMENTED, MAX_LIMIT, position_of, read_page

_COLUMNS = (
    "id", "first_name", "last_name", "company", "title", "phone", "email", "status", "owner",
    "source", "created_at", "deleted_at",
)  # fmt: skip
_AT_ONCE = 200


def as_csv(leads: QuerySet[Lead], by: Actor) -> StreamingHttpResponse:
    """Answer with a line for each lead."""
    return csv_stream.response("leads.csv", _COLUMNS, map(_row, _read(leads, "CSV", by)))


def as_json(leads: QuerySet[Lead], by: Actor) -> StreamingHttpResponse:
    """Answer with a list of pages, each what the documented endpoint would have answered.

    A lead has one for every 200 entries of its history, in order.
    """
    answer = StreamingHttpResponse(_listed(_pages(leads, by)), content_type="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="leads.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _read(leads: QuerySet[Lead], form: str, by: Actor) -> Iterator[Lead]:
    """Yield the leads; each is in the audit trail before it is on its way."""
    chunk: list[Lead] = []
    for lead in leads.select_related("owner__user").iterator(chunk_size=_AT_ONCE):
        chunk.append(lead)
        if len(chunk) == _AT_ONCE:
            yield from _told(chunk, form, by)
            chunk = []
    yield from _told(chunk, form, by)


def _told(leads: list[Lead], form: str, by: Actor) -> list[Lead]:
    audit.tell_of_exported_leads(leads, form, by)
    return leads


def _row(lead: Lead) -> list[Any]:
    values = {name: getattr(lead, name) for name in _COLUMNS}
    for name in ("created_at", "deleted_at"):
        values[name] = values[name] and values[name].isoformat()
    return list(values.values())


def _listed(values: Iterator[Any]) -> Iterator[bytes]:
    before = b"[\n"
    for value in values:
        yield before + orjson.dumps(value, option=orjson.OPT_UTC_Z)
        before = b",\n"
    yield b"\n]\n" if before == b",\n" else b"[]\n"


def _pages(leads: QuerySet[Lead], by: Actor) -> Iterator[dict[str, Any]]:
    for lead in _read(leads, "JSON", by):
        yield from _pages_of(lead)


def _pages_of(lead: Lead) -> Iterator[dict[str, Any]]:
    card = LeadCard(
        lead.pk, lead.first_name, lead.last_name, lead.phone, lead.email, lead.source,
        lead.created_at, "",
    )  # fmt: skip
    after, offset, has_more = None, 0, True
    while has_more:
        page = read_page(lead.account_id, lead.pk, limit=MAX_LIMIT, after=after, detail=DOCUMENTED)
        has_more = page.has_more
        yield {
            "success": True,
            "lead": lead_json(card),
            "history": entries_json(page.entries),
            "pagination": {"limit": MAX_LIMIT, "offset": offset, "has_more": has_more},
        }
        offset += len(page.entries)
        after = position_of(page.entries[-1]) if page.entries else None
