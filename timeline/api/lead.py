"""`/api/public/leads/{id}`: one lead, read and changed. A status that changes is an activity."""

from typing import ClassVar

from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.utils import extend_schema

from leads.access import leads_of
from leads.api.answers import JsonAnswer
from leads.api.bodies import read_body
from leads.api.lead_json import full_lead_json
from leads.api.leads_schema import CHANGE_LEAD, GET_LEAD
from leads.api.writing import ScopedView
from leads.errors import InvalidRequest, LeadNotFound
from leads.json_values import RefusedError
from leads.lead_fields import lead_changes
from leads.models import Lead, Scope
from timeline.api.parameters import parse_lead_id
from timeline.changes import change_lead_by_key


class LeadDetail(ScopedView):
    """`GET` and `PATCH /api/public/leads/{id}`."""

    http_method_names = ["get", "head", "patch"]  # noqa: RUF012 - Django's own attribute
    scopes: ClassVar = {"GET": Scope.LEADS_READ, "PATCH": Scope.LEADS_WRITE}

    @extend_schema(operation=GET_LEAD)
    def get(self, _request: HttpRequest, lead_id: str) -> HttpResponseBase:
        leads = leads_of(self.granted.account_id).select_related("owner__user").defer("search")
        lead = leads.filter(pk=parse_lead_id(lead_id)).first()
        if lead is None:
            raise LeadNotFound
        return _answer(lead)

    @extend_schema(operation=CHANGE_LEAD)
    def patch(self, request: HttpRequest, lead_id: str) -> HttpResponseBase:
        value = read_body(request).value
        try:
            changes = lead_changes(value)
            key = self.actor(request)
            return _answer(
                change_lead_by_key(self.granted.account_id, key, parse_lead_id(lead_id), changes)
            )
        except RefusedError as refusal:
            raise InvalidRequest(str(refusal)) from None
        except Lead.DoesNotExist:
            raise LeadNotFound from None


def _answer(lead: Lead) -> JsonAnswer:
    return JsonAnswer({"success": True, "lead": full_lead_json(lead)})
