"""The lead list: who there is, who spoke last, and who waits for an answer."""

from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from leads.access import members_of, search_leads, sources_of
from leads.filters import LeadFilter
from leads.membership import MemberRequest, member_required
from leads.models import Lead
from leads.paging import SORTS, read_page
from timeline.glance import LastTouch, last_touches
from timeline.here import Here

# What the list shows of a lead; the words of its search and its metadata are many bytes more.
_SHOWN = (
    "account_id", "first_name", "last_name", "phone", "email", "company", "source", "status",
    "created_at", "sort_name", "owner__user__name", "owner__user__email",
)  # fmt: skip


class Row(NamedTuple):
    """A lead of the list, and the last words between it and the account, if there were any."""

    lead: Lead
    last: LastTouch | None


@require_safe
# One address, two answers: going back must not show the part for the whole.
@vary_on_headers("HX-Request")
@cache_control(private=True, no_cache=True)
@member_required
def lead_list(request: MemberRequest) -> HttpResponse:
    """Show a page of the account's leads, or to htmx its results alone."""
    account_id = request.membership.account_id
    text = request.GET.get("q", "").strip()
    sort = SORTS.get(request.GET.get("sort", ""), SORTS["newest"])
    narrowed = LeadFilter(
        request.GET,
        search_leads(account_id, text),
        reader=request.membership,
        colleagues=members_of(account_id),
        sources=sources_of(account_id),
    )
    found = narrowed.qs.select_related("owner__user").only(*_SHOWN)
    page = read_page(found, sort, request.GET.get("cursor", ""))
    touches = last_touches(account_id, [lead.pk for lead in page.leads])
    context = {
        "rows": [Row(lead, touches.get(lead.pk)) for lead in page.leads],
        "page": page,
        "here": Here(),
        "filter": narrowed,
        "selects": [narrowed.form[name] for name in ("status", "owner", "source")],
        "text": text,
        "sort": sort,
        "sorts": SORTS.values(),
        "is_narrowed": bool(text or any(narrowed.form.cleaned_data.values())),
    }
    is_part = request.htmx and not request.htmx.history_restore_request
    return render(request, "leads/_results.html" if is_part else "leads/list.html", context)
