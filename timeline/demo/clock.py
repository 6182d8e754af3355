"""When things happen: people write in the day, offices work in the week."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from timeline.demo.screenplay import Gap

_DAY = timedelta(days=1)
_HALF_AN_HOUR = 1_800


class Clock:
    """A lead's day. `at` is UTC; `offset` is the lead's, without daylight saving: an hour off is
    still within the day, and no time zone data is needed.
    """

    def __init__(
        self, at: datetime, offset: timedelta, weekend: Sequence[int], rng: random.Random
    ) -> None:
        self.at = at
        self._offset = offset
        self._weekend = frozenset(weekend)
        self._rng = rng

    @property
    def today(self) -> date:
        """The day it is where the lead is."""
        return (self.at + self._offset).date()

    def advance(self, gap: Gap, *, by_lead: bool) -> datetime:
        """Move on by the gap, about, and return the time; an office rests at night and on weekends.

        Who answers within half an hour answers at any time: they are there, or a machine is.
        """
        before = self.at
        if gap.weekday is not None:
            self._open(self._next(gap.weekday), gap.minute, by_lead=by_lead)
        elif gap.days is not None:
            self._open(self.working_day(gap.days), gap.minute, by_lead=by_lead)
        elif gap.seconds:
            self.at += timedelta(seconds=round(gap.seconds * self._rng.uniform(0.6, 1.5)))
            if gap.seconds >= _HALF_AN_HOUR and self._is_night(by_lead=by_lead):
                self._open(self.working_day(1), None, by_lead=by_lead)
        # What was to be at noon waits for a morning that took longer.
        self.at = max(self.at, before)
        return self.at

    def working_day(self, days: int) -> date:
        """Return the day that many working days from here."""
        day = self.today
        while days:
            day += _DAY
            days -= day.weekday() not in self._weekend
        return day

    def _next(self, weekday: int) -> date:
        return self.today + _DAY * ((weekday - self.today.weekday() - 1) % 7 + 1)

    def _open(self, day: date, minute: int | None, *, by_lead: bool) -> None:
        """Go to that minute of the day, or some: offices close at six, leads write till nine."""
        if minute is None:
            minute = (
                self._rng.randrange(8 * 60, 21 * 60) if by_lead else self._rng.randrange(540, 1_080)
            )
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.at.tzinfo) - self._offset
        self.at = midnight + timedelta(minutes=minute, seconds=self._rng.randrange(60))

    def _is_night(self, *, by_lead: bool) -> bool:
        local = self.at + self._offset
        if by_lead:
            return not 7 <= local.hour < 23
        return not 8 <= local.hour < 19 or local.weekday() in self._weekend


class Weekdays:
    """What ``{on:2}`` says: the name of the day two working days from a moment."""

    def __init__(self, clock: Clock, names: Sequence[str]) -> None:
        self._days = [names[clock.working_day(n).weekday()] for n in range(3)]

    def __format__(self, spec: str) -> str:
        return self._days[int(spec)]


def days_around(clock: Clock, last: date, words: Mapping[str, Any]) -> dict[str, Any]:
    """Return the slots that speak of days: ``{on:…}``, ``{yesterday}``, the last day on which
    anything happened, and ``{tomorrow}``, the next working day; by name when a weekend is between.
    """
    names = words["weekdays"]

    def near(day: date, word: str) -> str:
        if abs(day - clock.today) == _DAY:
            return str(words[word])
        return str(words["on_day"]).format(day=names[day.weekday()])

    return {
        "on": Weekdays(clock, names),
        "yesterday": near(last, "yesterday"),
        "tomorrow": near(clock.working_day(1), "tomorrow"),
    }
