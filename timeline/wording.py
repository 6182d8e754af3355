"""The icons and words that go with what an entry says of itself."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TICKS = {"sent": "check", "delivered": "check-check", "read": "check-check", "failed": "circle-x"}

UNCONNECTED = {"missed", "not_connected", "no_answer", "no-answer", "busy", "failed", "canceled"}
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
