"""A run in Markdown, as `docs/performance.md` has it, and in JSON."""

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection

from timeline.bench.dataset import Dataset
from timeline.bench.goals import GOALS
from timeline.bench.load import Level
from timeline.bench.measure import Cost
from timeline.bench.server import Served

# What is told beside the goals, as it was measured.
_RATES = {
    "copied": "rows a second by COPY",
    "recorded": "recorded",
    "posted": "taken as a POST of the API takes them",
    "imported": "taken as import_history does",
    "writers, many leads": "32 writers to a lead each, entries a second",
    "writers, one lead": "32 writers to one lead",
}
_TIMES = {
    "three statements": "a bare transaction of three statements, µs",
    "webhook": "a webhook, committed and answered",
    "webhook, its entry": "the same, its entry recorded",
}


class Report(NamedTuple):
    """All that a run measured: costs by candidate, statements of a request, rates and times of
    writing, what the server did under load, if it was put under any, and plans.
    """

    machine: str
    costs: Mapping[str, Cost]
    statements: float
    written: Mapping[str, float]
    served: Served | None
    plans: Mapping[str, str]

    @property
    def figures(self) -> dict[str, float]:
        """What goals are about, by name."""
        figures = {name: cost.cpu for name, cost in self.costs.items()}
        return {
            **figures,
            **self.written,
            "statements": self.statements,
            **(_figures_of(self.served) if self.served else {}),
        }

    @property
    def json(self) -> dict[str, Any]:
        return {
            "machine": self.machine,
            "costs": {name: cost._asdict() for name, cost in self.costs.items()},
            "figures": self.figures,
            "load": _load_json(self.served) if self.served else None,
            "goals": {goal.what: goal.value(self.figures) for goal in GOALS},
            "plans": dict(self.plans),
        }

    @property
    def markdown(self) -> str:
        parts = [self.machine, self._goals(), self._costs(), self._written()]
        if self.served:
            parts.append(_load(self.served))
        return "\n\n".join(parts)

    @property
    def plans_markdown(self) -> str:
        return "\n\n".join(f"{name}:\n\n```\n{plan}\n```" for name, plan in self.plans.items())

    def _goals(self) -> str:
        rows = []
        for goal in GOALS:
            value = goal.value(self.figures)
            if value is None:
                rows.append((goal.what, "not measured", goal.limit_text))
                continue
            missed = "" if goal.is_met(value) else ", not met"
            rows.append((goal.what, f"{value:.2f}", goal.limit_text + missed))
        return table(("", "measured", "goal"), rows)

    def _costs(self) -> str:
        least = self.costs["floor"].cpu
        rows = [
            (name, f"{cost.cpu:,.0f}", f"{cost.cpu / least:.2f}", f"{cost.wall:,.0f}")
            for name, cost in self.costs.items()
        ]
        return table(("a request", "CPU, µs", "÷ floor", "wall, µs"), rows)

    def _written(self) -> str:
        told = {**_RATES, **_TIMES}
        rows = [(what, f"{self.written[name]:,.0f}") for name, what in told.items()]
        return table(("writing", ""), rows)


def machine(data: Dataset) -> str:
    """Return where and on what is measured, in a paragraph."""
    connection.ensure_connection()
    major, minor = divmod(connection.connection.info.server_version, 10_000)
    return (
        f"{os.cpu_count()} × {_processor()}, Python {platform.python_version()},"
        f" PostgreSQL {major}.{minor}; {data.leads:,} leads, {data.entries:,} entries,"
        f" {data.long_entries:,} of them on the long lead."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _load_json(served: Served) -> dict[str, Any]:
    return {
        "levels": {connections: level._asdict() for connections, level in served.levels.items()},
        "memory": [memory._asdict() for memory in served.memory],
    }


def _load(served: Served) -> str:
    rows = [
        (str(connections), f"{level.rate:,.0f}", *_milliseconds(level), str(level.errors))
        for connections, level in served.levels.items()
    ]
    head = ("connections", "requests a second", "p50, ms", "p99, ms", "errors")
    memory = ", ".join(f"{used >> 20} MB after {after:,} requests" for after, used in served.memory)
    return f"{table(head, rows)}\n\nMemory of a server process: {memory or 'not told'}."


def _milliseconds(level: Level) -> tuple[str, str]:
    return f"{level.p50:.1f}", f"{level.p99:.1f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of Markdown that reads well as it stands: first column left, others right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [
        " | ".join([cells[0].ljust(widths[0]), *map(str.rjust, cells[1:], widths[1:])])
        for cells in (head, *rows)
    ]
    rule = " | ".join(["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])])
    return "\n".join(f"| {line} |" for line in [lines[0], rule, *lines[1:]])


def _figures_of(served: Served) -> dict[str, float]:
    levels = served.levels
    figures: dict[str, float] = {}
    for connections, level in levels.items():
        figures[f"{connections} connections"] = level.rate
        figures[f"p50 of {connections}"] = level.p50
        figures[f"p99 of {connections}"] = level.p99
    figures["most a second"] = max(level.rate for level in levels.values())
    figures["errors"] = sum(level.errors for level in levels.values())
    if served.memory:
        figures["memory"] = served.memory[0].bytes
        figures["memory later"] = served.memory[-1].bytes
    return figures
