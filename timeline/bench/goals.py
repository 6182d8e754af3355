"""What a run's figures are held against: ratios within the run, so that any machine will do."""

from collections.abc import Mapping
from typing import NamedTuple


class Goal(NamedTuple):
    """One figure, divided by another if there is one, and what it must not be above (or, with
    `at_least`, below).
    """

    what: str
    limit: float
    figure: str
    by: str | None = None
    at_least: bool = False

    @property
    def limit_text(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"

    def value(self, figures: Mapping[str, float]) -> float | None:
        """Return what is held against the limit; None if it was not measured."""
        if self.figure not in figures:
            return None
        figure = figures[self.figure]
        return figure if self.by is None else figure / figures[self.by]

    def is_met(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


GOALS = (
    Goal("endpoint ÷ floor", 1.6, "endpoint", "floor"),
    Goal("usual view ÷ endpoint", 10, "usual view", "endpoint", at_least=True),
    Goal(
        "the same at offset 1,000 of the middle lead",
        100,
        "usual view, middle lead, offset 1,000",
        "middle lead, offset 1,000",
        at_least=True,
    ),
    Goal("304 ÷ its 200", 0.5, "304", "endpoint"),
    Goal("SQL statements of a request", 2, "statements"),
    Goal("long lead ÷ ordinary lead", 1.1, "long lead", "endpoint"),
    Goal("cursor at 90 % ÷ first page", 1.2, "long lead, cursor at 90 %", "long lead"),
    Goal("offset 1,000 ÷ offset 0", 1.5, "long lead, offset 1,000", "long lead"),
    Goal("offset at 90 % ÷ offset 0", 2.5, "long lead, offset at 90 %", "long lead"),
    Goal("a channel of 1 in 1,000 ÷ none", 1.2, "long lead, a rare channel", "long lead"),
    Goal("lead page ÷ endpoint", 8, "lead page", "endpoint"),
    Goal("idle poll ÷ endpoint", 0.5, "idle poll", "endpoint"),
    Goal("a webhook, committed ÷ three statements", 3, "webhook", "three statements"),
    Goal("recorded ÷ copied, rows a second", 0.6, "recorded", "copied", at_least=True),
    Goal(
        "32 writers to one lead ÷ to many",
        0.8,
        "writers, one lead",
        "writers, many leads",
        at_least=True,
    ),
    Goal("256 connections ÷ the best", 0.8, "256 connections", "most a second", at_least=True),
    Goal("p99 ÷ p50 of 64 connections", 5, "p99 of 64", "p50 of 64"),
    Goal("errors under load", 0, "errors"),
    Goal("memory after all requests ÷ after 1,000", 1.05, "memory later", "memory"),
)
