"""What the timeline's templates say of times, durations and texts."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from timeline.entries import FullMessage, MessageStatus
from timeline.rich_text import rich_text
from timeline.shown import Shown

register = template.Library()

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_UNITS = ((_DAY, gettext_noop("d")), (_HOUR, gettext_noop("h")), (_MINUTE, gettext_noop("min")))
# Until then, how long ago says more than the time of day.
_RECENT = timedelta(hours=12)


@register.filter
def rich(text: str, words: tuple[str, ...] = ()) -> SafeString:
    return rich_text(text, words)


@register.simple_tag
def when(shown: Shown) -> SafeString:
    """Return the entry's time as a link to the entry; the exact time is its label and its tip."""
    at = shown.entry.occurred_at
    local = timezone.localtime(at)
    passed = timezone.now() - at
    is_recent = timedelta() <= passed < _RECENT
    short = _ago(passed) if is_recent else _clock(local)
    exact = _exactly(local)
    return format_html(
        '<a class="when" href="{}" aria-label="{}">{}</a>',
        shown.address,
        f"{short}, {exact}" if is_recent else exact,
        _time(at, short, is_relative=is_recent),
    )


@register.simple_tag
def since(at: datetime) -> SafeString:
    """Return how long ago it was; the exact time is its label and its tip."""
    text = _ago(timezone.now() - at)
    return format_html(
        '<span class="since" tabindex="0" role="note" aria-label="{}">{}</span>',
        f"{text}, {exactly(at)}",
        _time(at, text, is_relative=True),
    )


@register.filter
def exactly(at: datetime) -> str:
    """Return weekday, day, time to the second and zone."""
    return _exactly(timezone.localtime(at))


@register.filter
def clock(at: datetime) -> str:
    return _clock(timezone.localtime(at))


@register.filter
def how_far(message: FullMessage) -> str:
    """Return the steps that the message took, each with its time; that it failed, and why."""
    if message.status == MessageStatus.FAILED:
        failure = _step(_("Not delivered"), message.failed_at)
        return f"{failure}: {message.failure_reason}" if message.failure_reason else failure
    steps = [_step(_("Sent"), message.sent_at)]
    if message.status != MessageStatus.SENT:
        steps.append(_step(_("Delivered"), message.delivered_at))
    if message.status == MessageStatus.READ:
        steps.append(_step(_("Read"), message.read_at))
    return " · ".join(steps)


@register.filter
def moment(at: datetime) -> str:
    """Return the time, with the day where it is another one."""
    day = timezone.localtime(at).date()
    if day == timezone.localtime().date():
        return clock(at)
    return f"{day_date(day)}, {clock(at)}"


@register.filter
def breakable(address: str) -> SafeString:
    """Return the mail address, which may break before its domain."""
    name, at, domain = address.rpartition("@")
    return format_html("{}<wbr>{}{}", name, at, domain)


@register.simple_tag
def day_heading(day: date) -> SafeString:
    """Return the heading of the day, to which addresses can lead."""
    return format_html(
        '<h3 class="day" id="day-{}"><span class="day-name">{}</span>'
        ' <span class="day-date">{}{}</span></h3>',
        day.isoformat(),
        day_name(day),
        day_date(day),
        _days_ago(day),
    )


@register.filter
def day_name(day: date) -> str:
    """Return today, yesterday, or the weekday."""
    match (timezone.localtime().date() - day).days:
        case 0:
            return _("Today")
        case 1:
            return _("Yesterday")
    return _in_words(day, "l")


@register.filter
def day_date(day: date) -> str:
    """Return the day, with the year where it is another one."""
    is_this_year = day.year == timezone.localtime().year
    return _in_words(day, "MONTH_DAY_FORMAT" if is_this_year else "DATE_FORMAT")


@register.filter
def seconds(value: float) -> str:
    """Return a place in a call: 75.4 is 1:15."""
    minutes, rest = divmod(int(value), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def duration(value: int) -> str:
    """Return a call's length in words."""
    hours, rest = divmod(value, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    parts = ((hours, gettext_noop("h")), (minutes, gettext_noop("min")), (left, gettext_noop("s")))
    said = [f"{number} {_(unit)}" for number, unit in parts if number]
    return " ".join(said[:2]) or f"0 {_('s')}"


@register.filter
def timespan(value: timedelta) -> str:
    """Return how long it took, in words."""
    if value < timedelta(minutes=1):
        return duration(int(value.total_seconds()))
    now = timezone.now()
    return timesince(now - value, now, depth=2)


def _days_ago(day: date) -> str:
    """Return what follows a date: how many days ago it was, "" for days that have a name."""
    apart = (timezone.localtime().date() - day).days
    if apart < 2:
        return ""
    ago = ngettext("%(days)d day ago", "%(days)d days ago", apart) % {"days": apart}
    return f" · {ago}"


def _exactly(local: datetime) -> str:
    day = local.date()
    language = get_language()
    named = f"{_day_in_words(day, 'l', language)} {_day_in_words(day, 'DATE_FORMAT', language)}"
    return f"{named}, {local.time().isoformat('seconds')} {local.tzname()}"


def _clock(local: datetime) -> str:
    return f"{local.hour:02}:{local.minute:02}"


def _step(name: str, at: datetime | None) -> str:
    return f"{name} {clock(at)}" if at else name


def _in_words(day: date, form: str) -> str:
    return _day_in_words(day, form, get_language())


@lru_cache(maxsize=2_000)
def _day_in_words(day: date, form: str, _language: str) -> str:
    """Return the day by one of the language's formats; all entries of a page are of a few days."""
    return date_format(day, form)


def _ago(passed: timedelta) -> str:
    return _("%(time)s ago") % {"time": _span(passed)}


def _span(apart: timedelta) -> str:
    passed = max(0, int(apart.total_seconds()))
    for size, unit in _UNITS:
        if passed >= size:
            return f"{passed // size} {_(unit)}"
    return f"{passed} {_('s')}"


def _time(at: datetime, text: str, *, is_relative: bool) -> SafeString:
    return format_html(
        '<time datetime="{}"{}>{}</time>',
        f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z",
        SafeString(" data-ago") if is_relative else "",
        text,
    )
