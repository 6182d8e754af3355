"""The public API's histories."""

from hashlib import blake2b
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.http import parse_etags
from drf_spectacular.utils import extend_schema

from leads.access import Grant, LeadCard
from leads.api.answers import Answer, JsonAnswer, NotModified
from leads.api.views import KeyedView
from leads.errors import ApiError, LeadNotFound
from leads.models import Scope
from timeline import day_counts
from timeline.api import unchanged
from timeline.api.documented import entries_json, lead_json
from timeline.api.full import full_entries_json
from timeline.api.parameters import (
    HistoryParameters,
    history_parameters,
    next_cursor,
    parse_lead_id,
)
from timeline.api.schema import GET_LEAD_HISTORY
from timeline.history import (
    DOCUMENTED,
    PUBLIC,
    Page,
    Question,
    is_deep,
    position_of,
)
from timeline.keyed import Keyed, read_keyed

# A part of every ETag: to be raised when the answer to an unchanged history changes.
_FORMAT = "2"


class LeadHistory(KeyedView):
    """`GET /api/public/leads/{id}/history`, as the vendor's page documents it."""

    http_method_names = ["get", "head"]  # noqa: RUF012 - Django's own attribute
    required_scope = Scope.HISTORY_READ

    asked: HistoryParameters
    keyed: Keyed | None = None
    is_deep = False
    # What is wrong with the request; told once the key, its rate and its scope are checked.
    refusal: ApiError | None = None

    def look_up(self, digest: bytes) -> Grant | None:
        """Read the lead and its page along with the key: it is one statement for all of them."""
        if self.request.method not in {"GET", "HEAD"}:
            return super().look_up(digest)
        try:
            self.asked = history_parameters(self.request.GET, self.kwargs["lead_id"])
            lead_id = parse_lead_id(self.kwargs["lead_id"])
        except ApiError as refusal:
            self.refusal = refusal
            return super().look_up(digest)
        self.keyed = read_keyed(digest, lead_id, self._question)
        return self.keyed and self.keyed.grant

    @extend_schema(operation=GET_LEAD_HISTORY)
    def get(self, request: HttpRequest, **_kwargs: str) -> HttpResponseBase:
        if self.refusal is not None:
            raise self.refusal
        assert self.keyed is not None  # noqa: S101 - the key was looked up
        _, lead, page, _ = self.keyed
        if lead is None:
            raise LeadNotFound
        self.is_deep = bool(page.entries) and is_deep(self.asked.offset, self.asked.only)
        etag = _etag(lead, self.asked, page)
        known = request.META.get("HTTP_IF_NONE_MATCH")
        if known and _matches(etag, known):
            unchanged.remember(request, self.keyed, etag)
            return _tagged(NotModified(), etag)
        return _tagged(JsonAnswer(_body(lead, self.asked, page)), etag)

    def afterwards(self) -> None:
        super().afterwards()
        if self.is_deep and self.keyed and self.keyed.lead:
            # Who pages on, or comes back, finds the lead's days counted.
            day_counts.tend_now_and_then(self.granted.account_id, self.keyed.lead.id)

    @property
    def _question(self) -> Question:
        asked = self.asked
        return Question(
            limit=asked.limit,
            offset=asked.offset,
            after=asked.after,
            only=asked.only,
            newest_first=asked.newest_first,
            detail=PUBLIC if asked.is_full else DOCUMENTED,
        )


def _body(lead: LeadCard, asked: HistoryParameters, page: Page) -> dict[str, Any]:
    written = full_entries_json if asked.is_full else entries_json
    return {
        "success": True,
        "lead": lead_json(lead),
        "history": written(page.entries),
        "pagination": _pagination(lead, asked, page),
    }


def _pagination(lead: LeadCard, asked: HistoryParameters, page: Page) -> dict[str, Any]:
    if not asked.is_by_cursor:
        return {"limit": asked.limit, "offset": asked.offset, "has_more": page.has_more}
    following = None
    if page.has_more:
        last = position_of(page.entries[-1])
        following = next_cursor(lead.id, last, newest_first=asked.newest_first)
    return {"limit": asked.limit, "next_cursor": following, "has_more": page.has_more}


def _etag(lead: LeadCard, asked: HistoryParameters, page: Page) -> str:
    """Return a strong tag, of all that the answer's bytes depend on."""
    shape = (asked.limit, asked.offset, asked.is_by_cursor, asked.newest_first, asked.is_full)
    says = f"{_FORMAT} {lead.version} {shape} ".encode() + page.version
    return f'"{blake2b(says, digest_size=16).hexdigest()}"'


def _matches(etag: str, known: str) -> bool:
    # If-None-Match compares weakly (RFC 9110, 13.1.2): a proxy may have marked our tag W/.
    return any(tag.removeprefix("W/") in {etag, "*"} for tag in parse_etags(known))


def _tagged(answer: Answer, etag: str) -> Answer:
    answer.headers["ETag"] = etag
    return answer
