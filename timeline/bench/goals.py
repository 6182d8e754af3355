"""What a run's figures are held against: ratios within the run, so that any machine will do."""

from collections.abc import Mapping
from typing import NamedTuple


class Goal(NamedTuple):
    """One figure divided by another, and what it must not be above (or, with `at_least`, below)."""

    what: str
    figure: str
    by: str
    limit: float
    at_least: bool = False

    def ratio(self, figures: Mapping[str, float]) -> float:
        return figures[self.figure] / figures[self.by]

    def is_met(self, figures: Mapping[str, float]) -> bool:
        ratio = self.ratio(figures)
        return ratio >= self.limit if self.at_least else ratio <= self.limit


GOALS = (
    Goal("endpoint ÷ floor", "endpoint", "floor", 1.6),
    Goal("usual view ÷ endpoint", "usual view", "endpoint", 10, at_least=True),
    Goal(
        "the same at offset 1,000 of the middle lead",
        "usual view, middle lead, offset 1,000",
        "middle lead, offset 1,000",
        100,
        at_least=True,
    ),
    Goal("304 ÷ its 200", "304", "endpoint", 0.5),
    Goal("long lead ÷ ordinary lead", "long lead", "endpoint", 1.1),
    Goal("cursor at 90 % ÷ first page", "long lead, cursor at 90 %", "long lead", 1.2),
    Goal("offset 1,000 ÷ offset 0", "long lead, offset 1,000", "long lead", 1.5),
    Goal("offset at 90 % ÷ offset 0", "long lead, offset at 90 %", "long lead", 2.5),
    Goal("a channel of 1 in 1,000 ÷ none", "long lead, a rare channel", "long lead", 1.2),
    Goal("a webhook stored ÷ three statements", "webhook", "three statements", 3),
    Goal("recorded ÷ copied, rows a second", "recorded", "copied", 0.6, at_least=True),
)
