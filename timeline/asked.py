"""What of a lead's timeline an address asks for: filters, order, and where to begin."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone

from leads.folding import words_to_find
from timeline.cursor import Cursor, InvalidCursor, decode
from timeline.entries import Channel, Filter, Kind, Position
from timeline.forms import TimelineForm


class Asked(NamedTuple):
    """`after` is where the page begins, None for the timeline's own beginning.

    A cursor may lead against the order shown, back to what stands before: `backwards`.
    """

    only: Filter
    newest_first: bool
    after: Position | None
    backwards: bool
    form: TimelineForm

    @property
    def is_narrowed(self) -> bool:
        return self.only != Filter()

    @property
    def text(self) -> str:
        return str(self.form.cleaned_data.get("q", ""))


def asked(query: QueryDict) -> Asked:
    """Parse the query; what is not understood is left out, and in the form's errors."""
    form = TimelineForm(query)
    form.is_valid()
    newest_first = query.get("order") != "oldest"
    cursor = _cursor(query.get("after", ""))
    return Asked(
        only=_filter(form),
        newest_first=newest_first,
        after=cursor.position if cursor else _day(form, newest_first=newest_first),
        backwards=cursor is not None and cursor.newest_first != newest_first,
        form=form,
    )


def toggled(query: QueryDict, name: str, value: str) -> str:
    """Return the query with the value of the name put in or taken out, from the beginning again."""
    changed = query.copy()
    values = changed.getlist(name)
    kept = [each for each in values if each != value]
    changed.setlist(name, kept if len(kept) < len(values) else [*values, value])
    return without(changed, "after", "at", "day")


def without(query: QueryDict, *names: str) -> str:
    """Return the query without the names, beginning with "?"; "?" alone for an empty one."""
    changed = query.copy()
    for name in (*names, *(name for name in query if not any(query.getlist(name)))):
        changed.pop(name, None)
    return f"?{changed.urlencode()}"


def _cursor(text: str) -> Cursor | None:
    try:
        return decode(text) if text else None
    except InvalidCursor:
        return None


def _filter(form: TimelineForm) -> Filter:
    values = form.cleaned_data
    channels = frozenset(Channel(value) for value in values.get("channel", ()))
    kinds = frozenset(Kind(value) for value in values.get("type", ()))
    since, until = values.get("since"), values.get("until")
    return Filter(
        channels=channels or None,
        kinds=kinds or None,
        since=since and _midnight(since),
        until=until and _midnight(until + timedelta(days=1)),
        words=words_to_find(values.get("q", "")),
    )


def _day(form: TimelineForm, *, newest_first: bool) -> Position | None:
    """Return the place from which the day asked for is what comes first."""
    day: date | None = form.cleaned_data.get("day")
    if day is None:
        return None
    return Position(_midnight(day + timedelta(days=1) if newest_first else day), UUID(int=0))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
