"""`/api/public/leads`: the account's leads, and new ones."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, QueryDict
from drf_spectacular.utils import extend_schema

from leads import audit
from leads.access import leads_of
from leads.api.answers import JsonAnswer
from leads.api.bodies import Body, read_items
from leads.api.lead_json import full_lead_json
from leads.api.lead_shapes import MAX_LIMIT
from leads.api.leads_schema import CREATE_LEADS, DEFAULT_LIMIT, LIST_LEADS
from leads.api.parameters import integer, once
from leads.api.writing import ScopedView, refused, summed_up
from leads.errors import ApiError, Conflict, InvalidRequest
from leads.filters import LeadQuery
from leads.json_values import RefusedError
from leads.lead_fields import new_lead
from leads.models import Account, Lead, Scope
from leads.paging import SORTS, InvalidCursor, Page, read_next_page
from leads.services import add_leads

_FILTERS = tuple(LeadQuery.base_filters)


class Leads(ScopedView):
    """`GET` and `POST /api/public/leads`."""

    http_method_names = ["get", "head", "post"]  # noqa: RUF012 - Django's own attribute
    scopes: ClassVar = {"GET": Scope.LEADS_READ, "POST": Scope.LEADS_WRITE}

    @extend_schema(operation=LIST_LEADS)
    def get(self, request: HttpRequest) -> HttpResponseBase:
        limit = integer(request.GET, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT)
        page = _page(self.granted.account_id, request.GET, limit)
        return JsonAnswer(
            {
                "success": True,
                "leads": [full_lead_json(lead) for lead in page.leads],
                "pagination": {
                    "limit": limit,
                    "next_cursor": page.next or None,
                    "has_more": bool(page.next),
                },
            }
        )

    @extend_schema(operation=CREATE_LEADS)
    def post(self, request: HttpRequest) -> HttpResponseBase:
        body = read_items(request)
        return self.once(request, body, partial(self._create, request, body))

    def _create(self, request: HttpRequest, body: Body) -> JsonAnswer:
        results = create_leads(self.granted.account_id, body.items)
        created = [result for result in results if isinstance(result, Lead)]
        if created:
            with audit.acting(self.actor(request)):
                audit.tell_of_leads_created(created)
        if body.is_list:
            return JsonAnswer(summed_up(map(_result, results), {"created": len(created)}))
        (result,) = results
        if isinstance(result, ApiError):
            raise result
        return JsonAnswer(_result(result), status=201)


def create_leads(account_id: int, values: Sequence[Any]) -> list[Lead | ApiError]:
    """Create a lead of each value; return it, or why there is none, in the values' order."""
    results = [_described(value) for value in values]
    firsts: dict[UUID, Lead] = {}
    for index, result in enumerate(results):
        if isinstance(result, Lead) and firsts.setdefault(result.id, result) is not result:
            results[index] = _taken(result)
    added = add_leads(Account.objects.get(pk=account_id), firsts.values()) if firsts else set()
    return [
        _taken(result) if isinstance(result, Lead) and result.id not in added else result
        for result in results
    ]


def _described(value: Any) -> Lead | ApiError:
    try:
        return new_lead(value)
    except RefusedError as refusal:
        return InvalidRequest(str(refusal))


def _taken(lead: Lead) -> Conflict:
    # The same whether the lead that has it is deleted, or another account's: nobody is told.
    return Conflict(f"id {lead.id} is taken")


def _result(result: Lead | ApiError) -> dict[str, Any]:
    if isinstance(result, ApiError):
        return refused(result)
    return {"success": True, "lead": full_lead_json(result)}


def _page(account_id: int, query: QueryDict, limit: int) -> Page:
    asked = LeadQuery({name: once(query, name) for name in _FILTERS}, leads_of(account_id))
    if refusal := asked.refusal:
        raise InvalidRequest(refusal)
    found: QuerySet[Lead] = asked.qs.select_related("owner__user").defer("search", "sort_name")
    try:
        return read_next_page(found, SORTS["newest"], once(query, "cursor") or "", limit)
    except InvalidCursor:
        raise InvalidRequest("cursor must be a next_cursor of this list") from None
