"""Histories written through the API: entries recorded, and what is told of them later."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import status

from leads.access import LeadCard, lead_card
from leads.api.answers import JsonAnswer
from leads.api.bodies import Body, read_body, read_items
from leads.api.writing import ScopedView, refused, summed_up
from leads.errors import ApiError, Conflict, InvalidRequest, LeadNotFound
from leads.json_values import RefusedError, uuid_of
from leads.models import Scope
from timeline.amending import UnknownEntry, amend
from timeline.api.entry_fields import NAMES, amendment, entry_draft
from timeline.api.parameters import parse_lead_id
from timeline.api.views import LeadHistory
from timeline.api.writing_schema import AMEND_ENTRY, RECORD_ENTRIES
from timeline.checks import InvalidEntry
from timeline.entries import AnyDraft
from timeline.recording import EntryConflict, Outcome, Result, entry_id, record_all


class EntryNotFound(ApiError):
    """The lead is the account's and has no such entry."""

    status_code = status.HTTP_404_NOT_FOUND
    error = "Not found"
    default_detail = "Entry not found or does not belong to this lead"


class WritableHistory(ScopedView, LeadHistory):
    """`GET` and `POST /api/public/leads/{id}/history`."""

    http_method_names = ["get", "head", "post"]  # noqa: RUF012 - Django's own attribute
    scopes: ClassVar = {"GET": Scope.HISTORY_READ, "POST": Scope.HISTORY_WRITE}

    @extend_schema(operation=RECORD_ENTRIES)
    def post(self, request: HttpRequest, lead_id: str) -> HttpResponseBase:
        body = read_items(request)
        return self.once(request, body, partial(self._record, body, lead_id))

    def _record(self, body: Body, lead_id: str) -> JsonAnswer:
        lead = known_lead(self.granted.account_id, lead_id)
        results = record_entries(self.granted.account_id, lead.id, body.items)
        if body.is_list:
            counts = {outcome.value: 0 for outcome in Outcome}
            for result in results:
                if not isinstance(result, ApiError):
                    counts[result["outcome"]] += 1
            return JsonAnswer(summed_up(map(_result, results), counts))
        (result,) = results
        if isinstance(result, ApiError):
            raise result
        is_new = result["outcome"] == Outcome.CREATED.value
        return JsonAnswer(_result(result), status=201 if is_new else 200)


class Entry(ScopedView):
    """`PATCH /api/public/leads/{id}/history/{entry}`."""

    http_method_names = ["patch"]  # noqa: RUF012 - Django's own attribute
    scopes: ClassVar = {"PATCH": Scope.HISTORY_WRITE}

    @extend_schema(operation=AMEND_ENTRY)
    def patch(self, request: HttpRequest, lead_id: str, entry_id: str) -> HttpResponseBase:
        changes = _changes(request)
        lead = known_lead(self.granted.account_id, lead_id)
        try:
            amended = amend(self.granted.account_id, lead.id, _entry_id(entry_id), changes)
        except UnknownEntry:
            raise EntryNotFound from None
        except InvalidEntry as refusal:
            raise _refusal(refusal) from None
        return JsonAnswer(
            _result(
                {
                    "id": amended.entry.id,
                    "external_id": amended.entry.external_id,
                    "outcome": "amended" if amended.is_changed else Outcome.UNCHANGED.value,
                }
            )
        )


def known_lead(account_id: int, lead_id: str) -> LeadCard:
    """Return the account's lead; raises LeadNotFound."""
    lead = lead_card(account_id, parse_lead_id(lead_id))
    if lead is None:
        raise LeadNotFound
    return lead


def record_entries(
    account_id: int, lead_id: UUID, values: Sequence[Any]
) -> list[dict[str, Any] | ApiError]:
    """Record an entry of each value; return what became of it, in the values' order."""
    drafts = [_draft(lead_id, value) for value in values]
    results = iter(
        record_all(account_id, [draft for draft in drafts if not isinstance(draft, ApiError)])
    )
    return [
        draft if isinstance(draft, ApiError) else _told(account_id, draft, next(results))
        for draft in drafts
    ]


def _draft(lead_id: UUID, value: Any) -> AnyDraft | ApiError:
    try:
        return entry_draft(lead_id, value)
    except RefusedError as refusal:
        return InvalidRequest(str(refusal))


def _told(account_id: int, draft: AnyDraft, result: Result) -> dict[str, Any] | ApiError:
    if not isinstance(result, Outcome):
        return _refusal(result)
    return {
        "id": entry_id(account_id, draft),
        "external_id": draft.external_id,
        "outcome": result.value,
    }


def _refusal(refusal: InvalidEntry | EntryConflict) -> ApiError:
    if isinstance(refusal, InvalidEntry):
        return InvalidRequest(f"{NAMES.get(refusal.field, refusal.field)} {refusal.reason}")
    differing = ", ".join(NAMES.get(name, name) for name in refusal.differing)
    return Conflict(f"external_id is known already, with another {differing}")


def _result(result: dict[str, Any] | ApiError) -> dict[str, Any]:
    return refused(result) if isinstance(result, ApiError) else {"success": True, "entry": result}


def _changes(request: HttpRequest) -> dict[str, Any]:
    try:
        return amendment(read_body(request).value)
    except RefusedError as refusal:
        raise InvalidRequest(str(refusal)) from None


def _entry_id(text: str) -> UUID:
    try:
        known = uuid_of({"": text}, "")
    except RefusedError:
        known = None
    if known is None:
        raise EntryNotFound
    return known
