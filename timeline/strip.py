"""The strip of a lead's activity by day and channel, as shapes for an SVG."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from timeline.entries import Channel
from timeline.glance import DAYS, DayCount

# In units of the drawing: a day's width, its bar's, and the strip's height.
STEP, BAR, HEIGHT = 4, 3, 32
# The least of a channel that is seen.
_LEAST = 1.5
# From the bottom up.
_ORDER = (Channel.WHATSAPP, Channel.EMAIL, Channel.CALL, Channel.SYSTEM)


class Day(NamedTuple):
    """A day with entries; `path` is the whole of its place, to be clicked on."""

    day: date
    entries: int
    path: str


class Strip(NamedTuple):
    """The last days; `paths` draws each channel's part of all bars."""

    days: list[Day]
    paths: dict[Channel, str]
    total: int
    first_day: date
    width: int = STEP * DAYS
    height: int = HEIGHT


def strip(counts: Sequence[DayCount], today: date) -> Strip:
    """Return the shapes of the days that lead up to today."""
    first = today - timedelta(days=DAYS - 1)
    by_day: dict[date, dict[Channel, int]] = defaultdict(dict)
    for day, channel, count in counts:
        by_day[day][channel] = count
    highest = max((sum(of_day.values()) for of_day in by_day.values()), default=1)
    paths = dict.fromkeys(_ORDER, "")
    for day, of_day in by_day.items():
        for channel, path in _bar((day - first).days * STEP, of_day, highest).items():
            paths[channel] += path
    days = [
        Day(day, sum(of_day.values()), f"M{(day - first).days * STEP} 0h{STEP}v{HEIGHT}h-{STEP}z")
        for day, of_day in by_day.items()
    ]
    return Strip(days, paths, sum(day.entries for day in days), first)


def _bar(left: int, counts: dict[Channel, int], highest: int) -> dict[Channel, str]:
    paths, base, total = {}, float(HEIGHT), sum(counts.values())
    # The root keeps a day of two visible beside one of two hundred.
    tall = (total / highest) ** 0.5 * HEIGHT
    for channel in _ORDER:
        if channel in counts:
            height = max(_LEAST, tall * counts[channel] / total)
            paths[channel] = f"M{left} {base:.3g}v-{height:.2g}h{BAR}v{height:.2g}z"
            base -= height
    return paths
