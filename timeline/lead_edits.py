"""What staff write on a lead's page: notes, status, owner, contact fields.

With htmx each answers the part of the page it changed and lets the page poll at once, so that the
activity it left shows; without, it leads back to the page.
"""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from leads.membership import MemberRequest, member_required
from leads.models import Lead
from timeline import notes
from timeline.changes import Stale, change_lead
from timeline.checks import InvalidEntry
from timeline.entries import FullActivity
from timeline.forms import LeadForm, NoteForm, OwnerForm, StatusForm
from timeline.here import Here
from timeline.presenting import show
from timeline.shown import Reading
from timeline.views import entry_of, head_context, lead_of

CONFLICT, UNPROCESSABLE = 409, 422


@require_POST
@member_required
def change_status(request: MemberRequest, lead_id: UUID) -> HttpResponseBase:
    lead = lead_of(request, lead_id)
    return _change_one(request, lead, StatusForm(request.POST, instance=lead), "status")


@require_POST
@member_required
def change_owner(request: MemberRequest, lead_id: UUID) -> HttpResponseBase:
    lead = lead_of(request, lead_id)
    form = OwnerForm(request.POST, instance=lead, member=request.membership)
    return _change_one(request, lead, form, "owner")


@require_http_methods(["GET", "POST"])
@member_required
def edit_lead(request: MemberRequest, lead_id: UUID) -> HttpResponseBase:
    """Edit the lead's contact fields; who comes second sees what was changed meanwhile."""
    lead = lead_of(request, lead_id)
    if request.method != "POST":
        return _edit_page(request, LeadForm(instance=lead), lead)
    form = LeadForm(request.POST, instance=lead_of(request, lead_id))
    if not form.is_valid():
        return _edit_page(request, form, lead, status=UNPROCESSABLE)
    seen = {name: request.POST.get(f"seen_{name}", "") for name in form.fields}
    try:
        change_lead(request.membership, lead.pk, form.cleaned_data, seen)
    except Stale as stale:
        for name in stale.fields:
            form.add_error(name, _now_is(getattr(stale.lead, name)))
        return _edit_page(request, form, stale.lead, status=CONFLICT)
    messages.success(request, _("Saved."))
    return redirect("lead", lead.pk)


@require_POST
@member_required
def add_note(request: MemberRequest, lead_id: UUID) -> HttpResponseBase:
    lead = lead_of(request, lead_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _note_form(request, lead, form, status=UNPROCESSABLE)
    try:
        notes.add(request.membership, lead, _lines(form.cleaned_data["text"]))
    except InvalidEntry as refusal:
        form.add_error("text", str(refusal))
        return _note_form(request, lead, form, status=UNPROCESSABLE)
    if request.htmx:
        return trigger_client_event(_note_form(request, lead, NoteForm()), "poll-now")
    return redirect("lead", lead.pk)


@require_http_methods(["GET", "POST"])
@member_required
def edit_note(request: MemberRequest, lead_id: UUID, note_id: UUID) -> HttpResponseBase:
    """Show one's note in a form, or keep what was typed into it."""
    lead = lead_of(request, lead_id)
    note = entry_of(request, lead, note_id)
    if not isinstance(note, FullActivity) or not notes.is_mendable(note, request.membership):
        return _note(request, lead, note_id, _REFUSALS["too_late"])
    if request.method != "POST":
        form = NoteForm(initial={"text": note.description, "seen": note.description})
        return _note_form(request, lead, form, note_id=note_id)
    return _save_note(request, lead, note_id)


def _save_note(request: MemberRequest, lead: Lead, note_id: UUID) -> HttpResponseBase:
    form = NoteForm(request.POST)
    status = UNPROCESSABLE
    if form.is_valid():
        text, seen = _lines(form.cleaned_data["text"]), _lines(form.cleaned_data["seen"])
        try:
            notes.edit(request.membership, lead, note_id, text, seen=seen)
            return _note(request, lead, note_id)
        except notes.NoteRefused as refused:
            return _note(request, lead, note_id, _REFUSALS[refused.code])
        except notes.NoteChanged as changed:
            form.add_error("text", _now_is(changed.text))
            status = CONFLICT
        except InvalidEntry as invalid:
            form.add_error("text", str(invalid))
    return _note_form(request, lead, form, note_id=note_id, status=status)


@require_POST
@member_required
def take_back_note(request: MemberRequest, lead_id: UUID, note_id: UUID) -> HttpResponseBase:
    """Take one's note back."""
    lead = lead_of(request, lead_id)
    try:
        notes.take_back(request.membership, lead, note_id)
    except notes.NoteRefused as refused:
        return _note(request, lead, note_id, _REFUSALS[refused.code])
    return _note(request, lead, note_id)


_REFUSALS = {
    "unknown": _lazy("This note was taken back already."),
    "not_yours": _lazy("Only who wrote a note can change it."),
    "too_late": _lazy("A note can be changed for 15 minutes by who wrote it."),
}


def _change_one(
    request: MemberRequest, lead: Lead, form: "forms.ModelForm[Lead]", name: str
) -> HttpResponseBase:
    """Change the one field of the form; answer the head of the page, or lead back to the page."""
    refusal = ""
    if not form.is_valid():
        refusal = _("That is no value to choose.")
    else:
        try:
            seen = form.fields[name].clean(request.POST.get("seen"))
            change_lead(request.membership, lead.pk, {name: form.cleaned_data[name]}, {name: seen})
        except Stale as stale:
            refusal = _now_is(_shown_value(stale.lead, name))
        except ValidationError as invalid:
            refusal = " ".join(invalid.messages)
    if not request.htmx:
        if refusal:
            messages.error(request, refusal)
        return redirect("lead", lead.pk)
    context = {**head_context(request, lead_of(request, lead.pk), Here()), "refusal": refusal}
    answer = render(request, "leads/_head.html", context, status=CONFLICT if refusal else 200)
    return trigger_client_event(answer, "poll-now")


def _shown_value(lead: Lead, name: str) -> str:
    return str(lead.get_status_display() if name == "status" else lead.owner or _("Nobody"))


def _now_is(value: str) -> str:
    return _("Somebody changed this meanwhile. It is now: %(value)s") % {"value": value or "—"}


def _edit_page(
    request: MemberRequest, form: LeadForm, lead: Lead, status: int = 200
) -> HttpResponse:
    """Show the form over the lead as it is now: what is sent next is measured against that."""
    fields = [(form[name], getattr(lead, name)) for name in form.fields]
    context = {"lead": lead, "form": form, "fields": fields}
    return render(request, "leads/edit.html", context, status=status)


def _note_form(
    request: MemberRequest,
    lead: Lead,
    form: NoteForm,
    *,
    note_id: UUID | None = None,
    status: int = 200,
) -> HttpResponse:
    template = "timeline/_note_form.html" if request.htmx else "timeline/note.html"
    context = {"lead": lead, "note_form": form, "note_id": note_id}
    return render(request, template, context, status=status)


def _note(
    request: MemberRequest, lead: Lead, note_id: UUID, refusal: str | Promise = ""
) -> HttpResponseBase:
    """Answer the note as it is now, or lead back to it."""
    if not request.htmx:
        if refusal:
            messages.error(request, str(refusal))
        return redirect("lead-entry", lead.pk, note_id)
    reading = Reading(lead.pk, request.membership)
    context = {
        "lead": lead,
        "shown": show(entry_of(request, lead, note_id), reading),
        "refusal": refusal,
    }
    answer = render(request, "timeline/_entry.html", context, status=CONFLICT if refusal else 200)
    return trigger_client_event(answer, "poll-now")


def _lines(text: str) -> str:
    # A browser sends line breaks as CR LF, whatever they were.
    return text.replace("\r\n", "\n")
