"""What the timeline's templates say of times and durations, to a reader who is `Here`."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from django.utils import translation
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.translation import gettext_noop, ngettext
from markupsafe import Markup, escape

from leads.texts import text_in
from timeline.entries import FullMessage, MessageStatus
from timeline.here import RECENT, Here
from timeline.shown import Shown

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_UNITS = ((_DAY, gettext_noop("d")), (_HOUR, gettext_noop("h")), (_MINUTE, gettext_noop("min")))
_SECOND = gettext_noop("s")
_AGO = gettext_noop("%(time)s ago")
# Until then, how long ago says more than which day it was.
_LATELY = timedelta(days=7)
_NONE = timedelta()


def when(shown: Shown) -> Markup:
    """Return the entry's time as a link to the entry; the exact time is its label and its tip."""
    at, here = shown.entry.occurred_at, shown.reading.here
    exact, passed = escape(_exactly(shown.local, here)), here.now - at
    if _NONE <= passed < RECENT:
        ago = escape(_ago(passed, here))
        label, time = f"{ago}, {exact}", f"<time {_machine(at)} data-ago>{ago}</time>"
    else:
        label, time = str(exact), f"<time {_machine(at)}>{_clock(shown.local)}</time>"
    # The address is made of ids.
    link = f'<a class="when" href="{shown.address}" aria-label="{label}">{time}</a>'
    return Markup(link)  # noqa: S704 - escaped


def since(at: datetime, here: Here) -> Markup:
    """Return how long ago it was; the exact time is its label and its tip."""
    ago, exact = escape(_ago(here.now - at, here)), escape(exactly(at, here))
    return Markup(  # noqa: S704 - escaped
        f'<span class="since" tabindex="0" role="note" aria-label="{ago}, {exact}">'
        f"<time {_machine(at)} data-ago>{ago}</time></span>"
    )


def ago(at: datetime, here: Here) -> Markup:
    """Return the time, relative for a week and a day from then on; the exact one is its title."""
    local = at.astimezone(here.zone)
    exact = _to_the_minute(local.replace(second=0, microsecond=0, tzinfo=None), here.language)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        local.isoformat(), exact, _lately(here.now - at, here) or day_date(local.date(), here)
    )


def exactly(at: datetime, here: Here) -> str:
    """Return weekday, day, time to the second and zone."""
    return _exactly(at.astimezone(here.zone), here)


def clock(at: datetime, here: Here) -> str:
    return _clock(at.astimezone(here.zone))


def how_far(message: FullMessage, here: Here) -> str:
    """Return the steps that the message took, each with its time; that it failed, and why."""
    if message.status == MessageStatus.FAILED:
        failure = _step(gettext_noop("Not delivered"), message.failed_at, here)
        return f"{failure}: {message.failure_reason}" if message.failure_reason else failure
    steps = [_step(gettext_noop("Sent"), message.sent_at, here)]
    if message.status != MessageStatus.SENT:
        steps.append(_step(gettext_noop("Delivered"), message.delivered_at, here))
    if message.status == MessageStatus.READ:
        steps.append(_step(gettext_noop("Read"), message.read_at, here))
    return " · ".join(steps)


def moment(at: datetime, here: Here) -> str:
    """Return the time, with the day where it is another one."""
    local = at.astimezone(here.zone)
    if local.date() == here.today:
        return _clock(local)
    return f"{day_date(local.date(), here)}, {_clock(local)}"


def day_heading(day: date, here: Here) -> Markup:
    """Return the heading of the day, to which addresses can lead."""
    return _day_heading(day, here.today, here.language)


def day_name(day: date, here: Here) -> str:
    """Return today, yesterday, or the weekday."""
    return _day_name(day, here.today, here.language)


def day_date(day: date, here: Here) -> str:
    """Return the day, with the year where it is another one."""
    return _day_date(day, here.today.year, here.language)


def seconds(value: float) -> str:
    """Return a place in a call: 75.4 is 1:15."""
    minutes, rest = divmod(int(value), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def duration(value: int, here: Here) -> str:
    """Return a call's length in words."""
    hours, rest = divmod(value, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    parts = ((hours, "h"), (minutes, "min"), (left, _SECOND))
    said = [f"{number} {text_in(here.language, unit)}" for number, unit in parts if number]
    return " ".join(said[:2]) or f"0 {text_in(here.language, _SECOND)}"


def timespan(value: timedelta, here: Here) -> str:
    """Return how long it took, in words."""
    if value < timedelta(minutes=1):
        return duration(int(value.total_seconds()), here)
    return timesince(here.now - value, here.now, depth=2)


# --- By day: all entries of a page are of a few days ---------------------------------------------


@lru_cache(maxsize=2_000)
def _day_heading(day: date, today: date, language: str) -> Markup:
    name, of_day = _day_name(day, today, language), _day_date(day, today.year, language)
    return Markup(
        '<h3 class="day" id="day-{}"><span class="day-name">{}</span>'
        ' <span class="day-date">{}{}</span></h3>'
    ).format(day.isoformat(), name, of_day, _days_ago((today - day).days, language))


@lru_cache(maxsize=2_000)
def _day_name(day: date, today: date, language: str) -> str:
    match (today - day).days:
        case 0:
            return text_in(language, gettext_noop("Today"))
        case 1:
            return text_in(language, gettext_noop("Yesterday"))
    return _in_words(day, "l", language)


@lru_cache(maxsize=2_000)
def _day_date(day: date, this_year: int, language: str) -> str:
    form = "MONTH_DAY_FORMAT" if day.year == this_year else "DATE_FORMAT"
    return _in_words(day, form, language)


def _days_ago(days: int, language: str) -> str:
    """Return what follows a date: how many days ago it was, "" for days that have a name."""
    if days < 2:
        return ""
    with translation.override(language):
        ago = ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}
    return f" · {ago}"


@lru_cache(maxsize=2_000)
def _exact_day(day: date, language: str) -> str:
    return f"{_in_words(day, 'l', language)} {_in_words(day, 'DATE_FORMAT', language)}"


def _in_words(day: date, form: str, language: str) -> str:
    with translation.override(language):
        return date_format(day, form)


@lru_cache(maxsize=2_000)
def _to_the_minute(local: datetime, language: str) -> str:
    # Without its zone: the same moment in two zones would be the same key.
    with translation.override(language):
        return date_format(local, "DATETIME_FORMAT")


# --- Pieces --------------------------------------------------------------------------------------


def _exactly(local: datetime, here: Here) -> str:
    day = _exact_day(local.date(), here.language)
    return f"{day}, {local.hour:02}:{local.minute:02}:{local.second:02} {local.tzname()}"


def _clock(local: datetime) -> str:
    return f"{local.hour:02}:{local.minute:02}"


def _step(name: str, at: datetime | None, here: Here) -> str:
    said = text_in(here.language, name)
    return f"{said} {clock(at, here)}" if at else said


def _lately(passed: timedelta, here: Here) -> str:
    """Return how long ago it was, "" for more than a week."""
    if passed >= _LATELY:
        return ""
    if passed < timedelta(minutes=1):
        return text_in(here.language, gettext_noop("just now"))
    return text_in(here.language, _AGO) % {"time": timesince(here.now - passed, here.now, depth=1)}


def _ago(passed: timedelta, here: Here) -> str:
    return text_in(here.language, _AGO) % {"time": _span(passed, here)}


def _span(apart: timedelta, here: Here) -> str:
    passed = max(0, int(apart.total_seconds()))
    for size, unit in _UNITS:
        if passed >= size:
            return f"{passed // size} {text_in(here.language, unit)}"
    return f"{passed} {text_in(here.language, _SECOND)}"


def _machine(at: datetime) -> str:
    """Return the time as an attribute that scripts read."""
    return f'datetime="{at.astimezone(UTC).isoformat()[:19]}Z"'
