"""What of a lead's timeline an address asks for: filters, order, and where to begin."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from urllib.parse import urlencode
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
    return _parsed(query) if query else _everything()


@cache
def _everything() -> Asked:
    """Return what is asked for by nothing, which is what most do: it costs a form otherwise."""
    return _parsed(QueryDict())


def _parsed(query: QueryDict) -> Asked:
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
    values = query.getlist(name)
    kept = [each for each in values if each != value]
    changed = dict(query.lists()) | {name: kept if len(kept) < len(values) else [*values, value]}
    return _address(changed, ("after", "at", "day"))


def without(query: QueryDict, *names: str) -> str:
    """Return the query without the names, beginning with "?"; "?" alone for an empty one."""
    return _address(dict(query.lists()), names)


def _address(query: Mapping[str, list[str]], left_out: Collection[str]) -> str:
    said = {name: values for name, values in query.items() if name not in left_out and any(values)}
    return f"?{urlencode(said, doseq=True)}"


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
