"""``{{ lead.created_at|ago }}``: how long ago, with the exact time on hover."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

# After a week, which day it was says more than how many days ago.
_RELATIVE = timedelta(days=7)


def ago(at: datetime) -> SafeString:
    """Return the time, relative for a week and a date from then on, in the reader's zone."""
    local = timezone.localtime(at)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), _exact(at), _relative(at)
    )


def _exact(at: datetime) -> str:
    """Return the day and the time to the minute, in the reader's zone and language."""
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def _relative(at: datetime) -> str:
    """Return how long ago it was, or the day if that is more than a week."""
    passed = timezone.now() - at
    if passed >= _RELATIVE:
        return _day(timezone.localtime(at))
    if passed < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(at, depth=1)}


def _day(at: datetime) -> str:
    this_year = at.year == timezone.localtime().year
    return date_format(at, "MONTH_DAY_FORMAT" if this_year else "DATE_FORMAT")
