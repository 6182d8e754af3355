"""A lead's page, and the parts of it that are loaded later. Writing is in `timeline.lead_edits`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from leads import audit
from leads.access import owners_of, read_lead
from leads.authentication import address_of
from leads.membership import MemberRequest, member_required
from leads.models import Lead
from timeline import live
from timeline.asked import Asked, asked, toggled, without
from timeline.conversation import answered_mail
from timeline.entries import Entry, Filter, FullMessage
from timeline.forms import blank_note, labels_in
from timeline.glance import COUNTED, glance, glance_of
from timeline.here import Here, spoken
from timeline.history import FULL, MAX_LIMIT, find, read_page
from timeline.mail import folded, has_remote_images, is_too_long, sanitised
from timeline.moving import whereabouts
from timeline.origins import origins_of_entry
from timeline.presenting import show, show_all
from timeline.shown import Reading, Shown
from timeline.stretch import EntryNotFound, Stretch, read_stretch
from timeline.strip import strip

# The policy of a mail's frame: nothing runs, nothing is sent, nothing is loaded but pictures.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {images}; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self';"
    " sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)


@require_safe
@never_cache
@member_required
def lead_page(request: MemberRequest, lead_id: UUID) -> HttpResponse:
    """Show the lead with its timeline, or to htmx the timeline alone."""
    # What comes in from here on is told by the first poll.
    opened = live.open_lead(request.membership.account_id, lead_id)
    if opened is None:
        raise Http404
    lead = opened.lead
    query = asked(request.GET)
    reading = _reading(request, lead.pk, query)
    stretch = _stretch_or_404(request, reading, query)
    if "at" in request.GET:
        _explain(lead, [each for each in stretch.shown if each.id == request.GET["at"]])
    context = {
        **head_context(request, lead, reading.here),
        **glance_context(request, lead, query, reading.here, _all_of(stretch, query)),
        **_timeline_context(request, query, stretch),
        "token": opened.token,
        "is_stale": False,
        "note_form": blank_note(),
        "note_id": None,
    }
    is_part = request.htmx and request.htmx.target == "timeline"
    if not is_part:
        audit.tell_of_look(lead, audit.Actor(request.user, address_of(request)))
    return render(request, "timeline/_timeline.html" if is_part else "leads/lead.html", context)


@require_safe
@never_cache
@member_required
def entries(request: MemberRequest, lead_id: UUID) -> HttpResponse:
    """Return the entries behind a cursor, to be put where the link to them was."""
    lead = lead_of(request, lead_id)
    query = asked(request.GET)
    reading = _reading(request, lead.pk, query)
    stretch = read_stretch(request.membership.account_id, reading, query, continued=True)
    context = {"lead": lead, **_timeline_context(request, query, stretch)}
    return render(request, "timeline/_stretch.html", context | {"is_continued": True})


@require_safe
@member_required
def entry(request: MemberRequest, lead_id: UUID, entry_id: UUID) -> HttpResponseRedirect:
    """Open the lead's page at the entry, or that of the lead whom it was moved to."""
    lead = lead_of(request, lead_id)
    if find(lead.account_id, lead.pk, entry_id) is None:
        lead = whereabouts(lead.account_id, entry_id) or lead
    page = reverse("lead", args=[lead.pk])
    return HttpResponseRedirect(f"{page}?at={entry_id}#e-{entry_id}")


@require_safe
@never_cache
@member_required
def whole_entry(request: MemberRequest, lead_id: UUID, entry_id: UUID) -> HttpResponse:
    """Show one entry with nothing cut; to htmx in its place on the page."""
    lead = lead_of(request, lead_id)
    reading = replace(_reading(request, lead.pk, asked(request.GET)), whole=True)
    shown = show(entry_of(request, lead, entry_id), reading)
    _explain(lead, [shown])
    template = "timeline/_entry.html" if request.htmx else "timeline/entry.html"
    return render(request, template, {"lead": lead, "shown": shown, "refusal": ""})


@require_safe
@never_cache
@member_required
def poll(request: MemberRequest, lead_id: UUID) -> HttpResponse:
    """Answer what is new or changed since the token: 204 for nothing."""
    account_id = request.membership.account_id
    try:
        changes = live.changes_since(account_id, lead_id, request.GET.get("token", ""))
    except live.UnknownToken:
        changes = live.Changes([], live.token(), is_partial=True, gone=[])
    except Lead.DoesNotExist as error:
        raise Http404 from error
    if changes is None:
        return HttpResponse(status=204)
    lead = lead_of(request, lead_id)
    query = asked(request.GET)
    arrived = _narrowed(account_id, lead.pk, query, changes.entries)
    reading = _reading(request, lead.pk, query)
    shown = show_all(arrived, reading)
    for each in shown:
        # They are put in one by one, and each brings the heading that it may need.
        each.heading = each.day
    context = {
        **head_context(request, lead, reading.here),
        **glance_context(request, lead, query, reading.here),
        "gone": changes.gone,
        "arrived": shown,
        "token": changes.token,
        "is_stale": changes.is_partial,
        "live_query": without(request.GET, "token"),
    }
    return render(request, "timeline/_live.html", context)


@require_safe
@xframe_options_sameorigin
@member_required
def mail(request: MemberRequest, lead_id: UUID, entry_id: UUID) -> HttpResponse:
    """Return the sanitised HTML of a mail as a document of its own, for a sandboxed frame."""
    lead = lead_of(request, lead_id)
    message = entry_of(request, lead, entry_id)
    if not isinstance(message, FullMessage) or not message.html:
        raise Http404
    images = request.GET.get("images") == "1"
    body = folded(sanitised(message.html, images=images), gettext("Quoted text"))
    context = {
        "body": body,
        "message": message,
        "is_held_back": not images and has_remote_images(message.html),
        "is_too_long": is_too_long(message.html),
    }
    answer = render(request, "timeline/mail.html", context)
    allowed = "data: https: http:" if images else "data:"
    answer.headers["Content-Security-Policy"] = _MAIL_POLICY.format(images=allowed)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@require_safe
@member_required
def answered(request: MemberRequest, lead_id: UUID, entry_id: UUID) -> HttpResponseRedirect:
    """Open the lead's page at the mail that this one answers, or at this one, saying so."""
    lead = lead_of(request, lead_id)
    found = answered_mail(lead.account_id, lead.pk, entry_of(request, lead, entry_id).id)
    if found is None:
        messages.info(request, gettext("The mail that it answers is not in this timeline."))
    at = found or entry_id
    return HttpResponseRedirect(f"{reverse('lead', args=[lead.pk])}?at={at}#e-{at}")


# --- What the parts of the page need ------------------------------------------------------------


def lead_of(request: MemberRequest, lead_id: UUID) -> Lead:
    """Return the account's lead; any other is not found, whoever's it is."""
    lead = read_lead(request.membership.account_id, lead_id)
    if lead is None:
        raise Http404
    return lead


def head_context(request: MemberRequest, lead: Lead, here: Here) -> dict[str, Any]:
    return {
        "lead": lead,
        "here": here,
        "statuses": labels_in(here.language).statuses,
        "owners": owners_of(request.membership.account_id),
        "refusal": "",
    }


def glance_context(
    request: MemberRequest,
    lead: Lead,
    query: Asked,
    here: Here,
    entries: Sequence[Entry] | None = None,
) -> dict[str, Any]:
    """Return what the head's figures are of; `entries` are all of the lead's, if they are known."""
    if entries is not None:
        seen = glance_of(entries, now=here.now, zone=here.zone)
    else:
        seen = glance(lead.account_id, lead.pk, now=here.now, zone=here.zone)
    chosen = query.only.channels or ()
    return {
        "glance": seen,
        "strip": strip(seen.days, here.today),
        "counted": COUNTED,
        "channels": [
            {
                "value": channel,
                "label": label,
                "count": seen.counts[channel],
                "is_on": channel in chosen,
                "query": toggled(request.GET, "channel", channel),
            }
            for channel, label in labels_in(here.language).channels
        ],
        "asked": query,
    }


def _all_of(stretch: Stretch, query: Asked) -> Sequence[Entry] | None:
    """Return the lead's entries, if the stretch has all of them."""
    is_all = stretch.is_whole and not query.is_narrowed and query.after is None
    return [each.entry for each in stretch.shown] if is_all else None


def _timeline_context(request: MemberRequest, query: Asked, stretch: Stretch) -> dict[str, Any]:
    chosen = query.only.kinds or ()
    return {
        "asked": query,
        "stretch": stretch,
        "is_continued": False,
        "kinds": [(kind, label, kind in chosen) for kind, label in labels_in(spoken()).kinds],
        "base_query": without(request.GET, "after", "at", "day"),
        "clear_query": without(
            request.GET, "after", "at", "day", "channel", "type", "since", "until", "q"
        ),
        "live_query": without(request.GET, "after", "at", "day"),
    }


def _explain(lead: Lead, shown: list[Shown]) -> None:
    """Have the entries say why they are here."""
    for each in shown:
        each.origins = origins_of_entry(lead.account_id, each.entry.id)


def _reading(request: MemberRequest, lead_id: UUID, query: Asked) -> Reading:
    return Reading(lead_id, request.membership, query.only.words)


def _stretch_or_404(request: MemberRequest, reading: Reading, query: Asked) -> Stretch:
    try:
        at = UUID(request.GET["at"]) if "at" in request.GET else None
        return read_stretch(request.membership.account_id, reading, query, at=at)
    except (ValueError, EntryNotFound) as error:
        raise Http404 from error


def entry_of(request: MemberRequest, lead: Lead, entry_id: UUID) -> Entry:
    only = Filter(ids=(entry_id,))
    page = read_page(request.membership.account_id, lead.pk, limit=1, only=only, detail=FULL)
    if not page.entries:
        raise Http404
    return page.entries[0]


def _narrowed(account_id: int, lead_id: UUID, query: Asked, changed: list[Entry]) -> list[Entry]:
    """Return those of the changed entries that the filters let through."""
    if not query.is_narrowed or not changed:
        return changed
    only = replace(query.only, ids=tuple(each.id for each in changed))
    return read_page(account_id, lead_id, limit=MAX_LIMIT, only=only, detail=FULL).entries
