"""Which number of a date is the day: found out from all dates of a file together."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from timeline.importing.whatsapp_chat.clock import Moment

# The year of the app's beginning, and how far a phone's clock may go before ours.
_FIRST_YEAR = 2009
_AHEAD = timedelta(days=2)
# A chat's messages stand in the order in which they came; a clock set right moves some back.
_BACK = timedelta(days=1)
# An order of which one date in so many goes back is none; the right one has next to no such dates.
_CLEARLY = 4
# Thai phones count years from the Buddha.
_BUDDHIST = 543


class DateOrder(StrEnum):
    """Where day, month and year stand."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


class UnclearDatesError(ValueError):
    """The dates are none, or could be read in several ways; `index` is of the one that shows it."""

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index
        self.reason = reason


def order_of(moments: Sequence[Moment], now: datetime) -> DateOrder:
    """Return the order of day, month and year; raise UnclearDatesError if they do not tell.

    An order is possible if all dates are dates in it, none before the app was there and none to
    come. Of several, it is the one in which they follow one another.
    """
    possible = [order for order in DateOrder if _misfit(moments, order, now) is None]
    if len(possible) == 1:
        return possible[0]
    if not possible:
        raise UnclearDatesError(*_nearest_misfit(moments, now))
    steps = sorted((_steps_back(moments, order), order) for order in possible)
    (fewest, best), (others, _) = steps[:2]
    if fewest * _CLEARLY < others:
        return best
    raise UnclearDatesError(0, f"its dates could be {' or '.join(possible)}: say --date-order")


def check_order(moments: Sequence[Moment], order: DateOrder, now: datetime) -> None:
    """Raise UnclearDatesError for the first date that is none in the order."""
    misfit = _misfit(moments, order, now)
    if misfit is not None:
        raise UnclearDatesError(misfit, f"the date is none in the order {order}")


def date_of(moment: Moment, order: DateOrder) -> date | None:
    """Return the date in the order, None if it is none."""
    a, b, c = moment.numbers
    first, last = moment.year_digits
    year, month, day = {
        DateOrder.DMY: (c, b, a),
        DateOrder.MDY: (c, a, b),
        DateOrder.YMD: (a, b, c),
    }[order]
    digits, others = (first, last) if order is DateOrder.YMD else (last, first)
    if digits not in {2, 4} or others > 2:
        return None
    if digits == 2:
        year += 2000
    elif year > 2400:
        year -= _BUDDHIST
    try:
        return date(year, month, day)
    except ValueError:
        return None


def time_of(moment: Moment, order: DateOrder, zone: ZoneInfo) -> datetime:
    """Return the time in UTC, to the second or, where the phone tells no seconds, to the minute.

    A time that a clock put forward leaves out is read by the clock before; one that a clock put
    back shows twice is the first of the two.
    """
    day = date_of(moment, order)
    assert day is not None  # noqa: S101 - whoever calls has checked the order
    wall = datetime(day.year, day.month, day.day, moment.hour, moment.minute, tzinfo=zone)
    return (wall.replace(second=moment.second or 0)).astimezone(UTC)


def _misfit(moments: Sequence[Moment], order: DateOrder, now: datetime) -> int | None:
    """Return the index of the first moment that cannot be of the order."""
    latest = (now + _AHEAD).date()
    for index, moment in enumerate(moments):
        day = date_of(moment, order)
        if day is None or day.year < _FIRST_YEAR or day > latest:
            return index
    return None


def _nearest_misfit(moments: Sequence[Moment], now: datetime) -> tuple[int, str]:
    """Return what keeps the order that goes furthest from being the one."""
    index, order = max((_misfit(moments, order, now) or 0, order) for order in DateOrder)
    return index, f"the date is none in any order (as {order} those before it are)"


def _steps_back(moments: Sequence[Moment], order: DateOrder) -> int:
    return sum(later < earlier - _BACK for earlier, later in pairwise(_days(moments, order)))


def _days(moments: Sequence[Moment], order: DateOrder) -> Iterator[date]:
    return (day for moment in moments if (day := date_of(moment, order)) is not None)
