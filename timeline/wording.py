"""The icons and words that go with what an entry says of itself."""

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_noop

from leads.models import Lead
from leads.texts import text_in
from timeline.changes import FIELDS

TICKS = {"sent": "check", "delivered": "check-check", "read": "check-check", "failed": "circle-x"}

CALL_ICONS = {"inbound": "phone-incoming", "outbound": "phone-outgoing"}
_CALL_TITLES = {
    "inbound": gettext_noop("Incoming call"),
    "outbound": gettext_noop("Outgoing call"),
    "missed": gettext_noop("Missed call"),
}
_OUTCOMES: Mapping[str, str] = {
    "user_hangup": gettext_noop("Ended by the lead"),
    "agent_hangup": gettext_noop("Ended by us"),
    "call_transfer": gettext_noop("Transferred"),
    "voicemail_reached": gettext_noop("Voicemail"),
    "dial_no_answer": gettext_noop("No answer"),
    "dial_busy": gettext_noop("Busy"),
    "dial_failed": gettext_noop("Did not connect"),
    "inactivity": gettext_noop("Ended after silence"),
    "max_duration_reached": gettext_noop("Ended at the longest duration"),
    "no_answer": gettext_noop("No answer"),
    "missed": gettext_noop("No answer"),
    "not_connected": gettext_noop("Not connected"),
    "ongoing": gettext_noop("Ongoing"),
    "registered": gettext_noop("Ringing"),
    "error": gettext_noop("Failed"),
    "ended": "",
}

# By what a type's name holds, the first that fits.
ACTIVITY_ICONS = (
    ("moved", "arrow-right-left"),
    ("note", "sticky-note"),
    ("status", "flag"),
    ("owner", "user-check"),
    ("assign", "workflow"),
    ("workflow", "workflow"),
    ("tag", "tag"),
    ("edit", "pencil"),
    ("order", "file-text"),
    ("create", "user-plus"),
    ("import", "download"),
    ("meeting", "calendar-check"),
    ("appointment", "calendar-check"),
    ("schedul", "calendar"),
    ("visit", "calendar-check"),
    ("form", "file-text"),
    ("document", "file-text"),
    ("proposal", "file-text"),
    ("payment", "circle-check"),
    ("click", "mouse-pointer-click"),
    ("open", "mail-open"),
    ("page", "globe"),
    ("unsubscrib", "ban"),
    ("opt", "ban"),
    ("score", "star"),
    ("webhook", "webhook"),
    ("handoff", "phone-forwarded"),
    ("transfer", "phone-forwarded"),
    ("call", "phone"),
    ("email", "mail"),
    ("reminder", "bell"),
)

# What `timeline.changes`, `timeline.notes` and `timeline.moving` record, always in English: titles
# and descriptions by the activity's type. What differs comes last.
_BEFORE = gettext_noop("Before: {}")
_TITLES: Mapping[str, tuple[str, ...]] = {
    "note_added": (gettext_noop("Note"),),
    "note_edited": (gettext_noop("Note edited"),),
    "note_taken_back": (gettext_noop("Note taken back"),),
    "lead_edited": (gettext_noop("Contact details edited"),),
    "lead_deleted": (gettext_noop("Lead deleted"),),
    "lead_restored": (gettext_noop("Lead restored"),),
    "status_changed": (gettext_noop("Status changed to {}"),),
    "owner_assigned": (gettext_noop("Assigned to {}"), gettext_noop("Owner removed")),
    "entry_moved": (
        gettext_noop("Message moved to {}"),
        gettext_noop("Message moved here from {}"),
        gettext_noop("E-mail moved to {}"),
        gettext_noop("E-mail moved here from {}"),
        gettext_noop("Call moved to {}"),
        gettext_noop("Call moved here from {}"),
    ),
}
_DESCRIPTIONS: Mapping[str, tuple[str, ...]] = {
    "note_edited": (_BEFORE,),
    "status_changed": (_BEFORE,),
    "owner_assigned": (_BEFORE,),
    "entry_moved": (gettext_noop("It is of {}"),),
}


def call_title(direction: str, language: str, *, is_missed: bool) -> str:
    """Return what kind of a call it is."""
    title = _CALL_TITLES.get("missed" if is_missed else direction, gettext_noop("Call"))
    return text_in(language, title)


def outcome_of(call_status: str, reason: str, language: str) -> str:
    """Return how a call ended, in words; what nobody foresaw as it was told."""
    known = _OUTCOMES.get(reason)
    if known is None:
        known = _OUTCOMES.get(call_status)
    if known is None:
        return reason.replace("_", " ") or call_status.replace("_", " ")
    return text_in(language, known) if known else ""


def title_of(activity_type: str, title: str, language: str) -> str:
    """Return the title in the reader's language if it is of our own, else as it was told."""
    sentences = _TITLES.get(activity_type)
    return _said(sentences, activity_type, title, language) if sentences else title


def description_of(activity_type: str, description: str, language: str) -> str:
    """Return the description in the reader's language as far as its words are our own."""
    if activity_type == "lead_edited":
        return "\n".join(_line(line, language) for line in description.split("\n"))
    sentences = _DESCRIPTIONS.get(activity_type)
    return _said(sentences, activity_type, description, language) if sentences else description


def _said(sentences: tuple[str, ...], activity_type: str, text: str, language: str) -> str:
    for sentence in sentences:
        begin, gap, _end = sentence.partition("{}")
        rest = text.removeprefix(begin)
        if not text.startswith(begin) or bool(gap) != bool(rest):
            continue
        if activity_type != "status_changed":
            return text_in(language, sentence).replace("{}", rest)
        if rest in _statuses():
            return text_in(language, sentence).replace("{}", text_in(language, rest))
    return text


def _line(line: str, language: str) -> str:
    label, colon, rest = line.partition(": ")
    field = _fields().get(label)
    return f"{text_in(language, field).capitalize()}{colon}{rest}" if field else line


@cache
def _statuses() -> frozenset[str]:
    """Return what the statuses are called in English, which is what is translated."""
    with translation.override(settings.LANGUAGE_CODE):
        return frozenset(str(status.label) for status in Lead.Status)


@cache
def _fields() -> dict[str, str]:
    """Return the names of a lead's fields, in English, by how they begin a line."""
    own = {field.name: field.verbose_name for field in Lead._meta.concrete_fields}
    names = [own[name] for name in FIELDS]
    with translation.override(settings.LANGUAGE_CODE):
        return {str(name).capitalize(): str(name) for name in names}
