"""The page on which staff move an entry to another lead."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from leads.access import leads_of, search_leads
from leads.membership import MemberRequest, member_required
from leads.models import Lead
from timeline import moving
from timeline.entries import Entry, FullActivity
from timeline.presenting import show
from timeline.shown import Reading
from timeline.views import entry_of, lead_of

# Leads to choose from; who seeks another types more of its name.
OFFERED = 10

# What the list shows of a lead.
_SHOWN = ("first_name", "last_name", "company", "phone", "email")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_required
def move_entry(request: MemberRequest, lead_id: UUID, entry_id: UUID) -> HttpResponseBase:
    """Show the entry and the leads it could move to, to htmx these alone; or move it."""
    lead = lead_of(request, lead_id)
    if request.method == "POST":
        return _move(request, lead, entry_id)
    try:
        entry = entry_of(request, lead, entry_id)
    except Http404:
        return _say_where(request, lead, entry_id)
    if isinstance(entry, FullActivity):
        raise Http404
    return _page(request, lead, entry)


def _page(request: MemberRequest, lead: Lead, entry: Entry) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    found = search_leads(lead.account_id, text).exclude(pk=lead.pk).only(*_SHOWN)
    leads = list(found.order_by("-created_at", "-id")[: OFFERED + 1])
    context = {
        "lead": lead,
        "entry": entry,
        "shown": show(entry, Reading(lead.pk)),
        "refusal": "",
        "text": text,
        "offered": leads[:OFFERED],
        "has_more": len(leads) > OFFERED,
    }
    template = "timeline/_targets.html" if request.htmx else "timeline/move.html"
    return render(request, template, context)


def _move(request: MemberRequest, lead: Lead, entry_id: UUID) -> HttpResponseBase:
    target = _target(request)
    try:
        moving.move(request.membership, entry_id, lead.pk, target.pk)
    except moving.SameLead:
        messages.error(request, _("It is in this lead's timeline already."))
        return redirect("lead-entry-move", lead.pk, entry_id)
    except Lead.DoesNotExist as error:
        # Deleted since it was looked up.
        raise Http404 from error
    except moving.Gone:
        return _say_where(request, lead, entry_id)
    messages.success(request, _("Moved to %(lead)s.") % {"lead": target})
    return redirect("lead", lead.pk)


def _target(request: MemberRequest) -> Lead:
    try:
        target_id = UUID(request.POST.get("to", ""))
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(leads_of(request.membership.account_id), pk=target_id)


def _say_where(request: MemberRequest, lead: Lead, entry_id: UUID) -> HttpResponseBase:
    """Lead back to the lead and say whom the entry was moved to; not found if it is none."""
    now = moving.whereabouts(lead.account_id, entry_id)
    if now is None or now.pk == lead.pk:
        raise Http404
    messages.error(request, _("Somebody moved it meanwhile, to %(lead)s.") % {"lead": now})
    return redirect("lead", lead.pk)
