"""The icons and words that go with what an entry says of itself."""

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from leads.models import Lead
from timeline.changes import FIELDS

TICKS = {"sent": "check", "delivered": "check-check", "read": "check-check", "failed": "circle-x"}

CALL_ICONS = {"inbound": "phone-incoming", "outbound": "phone-outgoing"}
CALL_TITLES = {"inbound": _("Incoming call"), "outbound": _("Outgoing call")}
OUTCOMES: Mapping[str, str | Promise] = {
    "user_hangup": _("Ended by the lead"),
    "agent_hangup": _("Ended by us"),
    "call_transfer": _("Transferred"),
    "voicemail_reached": _("Voicemail"),
    "dial_no_answer": _("No answer"),
    "dial_busy": _("Busy"),
    "dial_failed": _("Did not connect"),
    "inactivity": _("Ended after silence"),
    "max_duration_reached": _("Ended at the longest duration"),
    "no_answer": _("No answer"),
    "missed": _("No answer"),
    "not_connected": _("Not connected"),
    "ongoing": _("Ongoing"),
    "registered": _("Ringing"),
    "error": _("Failed"),
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


def title_of(activity_type: str, title: str) -> str:
    """Return the title in the reader's language if it is of our own, else as it was told."""
    return _said(_TITLES.get(activity_type, ()), activity_type, title)


def description_of(activity_type: str, description: str) -> str:
    """Return the description in the reader's language as far as its words are our own."""
    if activity_type == "lead_edited":
        return "\n".join(_line(line) for line in description.split("\n"))
    return _said(_DESCRIPTIONS.get(activity_type, ()), activity_type, description)


def _said(sentences: tuple[str, ...], activity_type: str, text: str) -> str:
    for sentence in sentences:
        begin, gap, _end = sentence.partition("{}")
        rest = text.removeprefix(begin)
        if not text.startswith(begin) or bool(gap) != bool(rest):
            continue
        if activity_type != "status_changed":
            return gettext(sentence).replace("{}", rest)
        if rest in _statuses():
            return gettext(sentence).replace("{}", str(_statuses()[rest]))
    return text


def _line(line: str) -> str:
    label, colon, rest = line.partition(": ")
    field = _fields().get(label)
    return f"{str(field).capitalize()}{colon}{rest}" if field else line


@cache
def _statuses() -> dict[str, str | Promise]:
    """Return the statuses by what they are called in English."""
    with translation.override(settings.LANGUAGE_CODE):
        return {str(status.label): status.label for status in Lead.Status}


@cache
def _fields() -> dict[str, str | Promise]:
    """Return the fields of a lead by what they are called in English."""
    own = {field.name: field.verbose_name for field in Lead._meta.concrete_fields}
    names = [own[name] for name in FIELDS]
    with translation.override(settings.LANGUAGE_CODE):
        return {str(name).capitalize(): name for name in names}
