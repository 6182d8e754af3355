"""A run of entries as a page shows it: each by its kind, under the headings of their days."""

from collections.abc import Iterable, Iterator
from datetime import date

from timeline.entries import Channel, Entry, FullCall, FullMessage
from timeline.shown import Reading, Shown, ShownActivity, ShownMail, ShownMessage
from timeline.shown_call import ShownCall

# Within so many seconds, messages of one side are of one breath.
_ONE_BREATH = 300


def show(entry: Entry, reading: Reading) -> Shown:
    """Return the entry, read in full, as a page shows it."""
    if isinstance(entry, FullMessage):
        kind = ShownMail if entry.channel == Channel.EMAIL else ShownMessage
        return kind(entry, reading)
    if isinstance(entry, FullCall):
        return ShownCall(entry, reading)
    return ShownActivity(entry, reading)


def show_all(
    entries: Iterable[Entry], reading: Reading, *, day_before: date | None = None
) -> list[Shown]:
    """Return the entries as a page shows them, under headings of their days.

    `day_before` is the day whose heading stands already above them.
    """
    return list(_show_all(entries, reading, day_before))


def _show_all(entries: Iterable[Entry], reading: Reading, day: date | None) -> Iterator[Shown]:
    before: Shown | None = None
    for entry in entries:
        shown = show(entry, reading)
        if shown.day != day:
            shown.heading = day = shown.day
        elif before is not None:
            shown.is_joined = _are_joined(before, shown)
        before = shown
        yield shown


def _are_joined(one: Shown, other: Shown) -> bool:
    if type(one) is not ShownMessage or type(other) is not ShownMessage:
        return type(one) is type(other) is ShownActivity
    apart = abs((one.entry.occurred_at - other.entry.occurred_at).total_seconds())
    return one.entry.direction == other.entry.direction and apart <= _ONE_BREATH
