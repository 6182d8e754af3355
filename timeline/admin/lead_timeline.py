"""A lead's timeline on its page in the admin: the same stretch as on the staff's page, compact."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import reverse

from leads.admin.base import user_of
from leads.models import Lead
from timeline.asked import asked, toggled, without
from timeline.forms import CHANNEL_LABELS
from timeline.shown import Reading
from timeline.stretch import EntryNotFound, read_stretch


def timeline_context(request: HttpRequest, lead: Lead) -> dict[str, Any]:
    """Return what the template needs; raises Http404 for an entry that is not the lead's."""
    query = asked(request.GET)
    reading = Reading(lead.pk, words=query.only.words)
    try:
        at = UUID(request.GET["at"]) if "at" in request.GET else None
        stretch = read_stretch(lead.account_id, reading, query, at=at)
    except (ValueError, EntryNotFound) as error:
        raise Http404 from error
    chosen = query.only.channels or ()
    return {
        "stretch": stretch,
        "asked": query,
        "base_query": without(request.GET, "after", "at", "day"),
        "channels": [
            (label, toggled(request.GET, "channel", channel), channel in chosen)
            for channel, label in CHANNEL_LABELS.items()
        ],
        "staff_page": _staff_page(request, lead),
    }


def _staff_page(request: HttpRequest, lead: Lead) -> str:
    """Return the address of the staff's page, "" for who is no member or if the lead is deleted."""
    is_member = user_of(request).memberships.filter(account_id=lead.account_id).exists()
    return reverse("lead", args=[lead.pk]) if is_member and lead.deleted_at is None else ""
