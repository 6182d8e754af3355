"""The public API's histories."""

from hashlib import blake2b
from typing import Any

from django.http import HttpResponseBase
from django.utils.http import parse_etags
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from leads.access import LeadCard, lead_card
from leads.api.answers import Answer, JsonAnswer, NotModified
from leads.api.views import KeyedView
from leads.errors import LeadNotFound
from leads.models import Scope
from timeline.api.documented import entry_json, lead_json
from timeline.api.parameters import HistoryParameters, history_parameters, parse_lead_id
from timeline.api.schema import GET_LEAD_HISTORY
from timeline.history import DOCUMENTED, KEYS, Page, read_page
from timeline.statement import Detail

# A part of every ETag: to be raised when the answer to an unchanged history changes.
_FORMAT = "1"


class LeadHistory(KeyedView):
    """`GET /api/public/leads/{id}/history`, as the vendor's page documents it."""

    http_method_names = ["get", "head"]  # noqa: RUF012 - Django's own attribute
    required_scope = Scope.HISTORY_READ

    @extend_schema(operation=GET_LEAD_HISTORY)
    def get(self, request: Request, lead_id: str) -> HttpResponseBase:
        asked = history_parameters(request.query_params)
        lead = lead_card(self.granted.account_id, parse_lead_id(lead_id))
        if lead is None:
            raise LeadNotFound
        if known := request.headers.get("If-None-Match"):
            # Whether anything changed is told from the keys alone, without the texts.
            etag = _etag(lead, asked, self._page(lead, asked, KEYS))
            if _matches(etag, known):
                return _tagged(NotModified(), etag)
        page = self._page(lead, asked, DOCUMENTED)
        return _tagged(JsonAnswer(_body(lead, asked, page)), _etag(lead, asked, page))

    def _page(self, lead: LeadCard, asked: HistoryParameters, detail: Detail) -> Page:
        return read_page(
            self.granted.account_id,
            lead.id,
            limit=asked.limit,
            offset=asked.offset,
            only=asked.only,
            detail=detail,
        )


def _body(lead: LeadCard, asked: HistoryParameters, page: Page) -> dict[str, Any]:
    return {
        "success": True,
        "lead": lead_json(lead),
        "history": [entry_json(entry) for entry in page.entries],
        "pagination": {"limit": asked.limit, "offset": asked.offset, "has_more": page.has_more},
    }


def _etag(lead: LeadCard, asked: HistoryParameters, page: Page) -> str:
    """Return a strong tag, of all that the answer's bytes depend on."""
    says = f"{_FORMAT} {lead.version} {asked.limit} {asked.offset} {page.version}"
    return f'"{blake2b(says.encode(), digest_size=16).hexdigest()}"'


def _matches(etag: str, known: str) -> bool:
    # If-None-Match compares weakly (RFC 9110, 13.1.2): a proxy may have marked our tag W/.
    return any(tag.removeprefix("W/") in {etag, "*"} for tag in parse_etags(known))


def _tagged(answer: Answer, etag: str) -> Answer:
    answer.headers["ETag"] = etag
    return answer
