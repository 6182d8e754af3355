"""`manage.py bench_history`: every goal is measured and told, and nothing but the dataset stays."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from leads.models import ApiKey, User
from tests.bench.conftest import SCALE
from tests.embedded.users import PROJECT
from timeline.bench.candidates import PLANNED
from timeline.bench.dataset import Dataset
from timeline.bench.goals import GOALS, Goal
from timeline.inbox_models import Delivery, EntryReport, ProviderChannel
from timeline.models import MODEL_OF

# What only a server under load tells of.
OF_SERVER = {
    "256 connections ÷ the best",
    "p99 ÷ p50 of 64 connections",
    "errors under load",
    "memory after all requests ÷ after 1,000",
}


def test_every_goal_is_measured_and_told_and_nothing_stays(data: Dataset, tmp_path: Path) -> None:
    said, file = StringIO(), tmp_path / "figures.json"
    small = ["--scale", str(SCALE), "--requests", "2", "--rounds", "1", "--seconds", "0.2"]
    options = [*small, "--no-load", "--plans", "--json", str(file)]
    call_command("bench_history", *options, stdout=said, stderr=StringIO())
    figures: dict[str, Any] = json.loads(file.read_text())
    assert f"{data.entries:,} entries" in said.getvalue()
    for goal in GOALS:
        assert_told(goal, figures["goals"][goal.what], said.getvalue().splitlines())
    assert figures["costs"]["floor"]["wall"] > 0
    assert set(figures["plans"]) == set(PLANNED)
    for plan in figures["plans"].values():
        assert "Buffers: shared" in plan
        assert plan in said.getvalue()
    for model in (ApiKey, User, ProviderChannel, Delivery, EntryReport):
        assert not model._default_manager.exists()
    assert sum(model._default_manager.count() for model in MODEL_OF.values()) == data.entries


def assert_told(goal: Goal, value: float | None, lines: list[str]) -> None:
    (line,) = [line for line in lines if line.startswith(f"| {goal.what} ")]
    assert goal.limit_text in line
    if goal.what in OF_SERVER:
        assert value is None
        assert "not measured" in line
    else:
        assert value is not None
        assert value > 0
        assert f" {value:.2f} " in line
        assert goal.is_met(value) == ("not met" not in line)


@pytest.mark.parametrize(
    ("goal", "figures", "value", "is_met"),
    [
        (Goal("", 2, "a"), {"a": 2.0}, 2.0, True),
        (Goal("", 2, "a"), {"a": 2.1}, 2.1, False),
        (Goal("", 2, "a", at_least=True), {"a": 2.1}, 2.1, True),
        (Goal("", 2, "a", "b", at_least=True), {"a": 2.0, "b": 4.0}, 0.5, False),
    ],
)
def test_a_goal_is_met_up_to_its_limit(
    goal: Goal, figures: dict[str, float], value: float, is_met: bool
) -> None:
    assert goal.value(figures) == value
    assert goal.is_met(value) == is_met


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.what)
def test_the_documentation_tells_what_was_measured_of_every_goal(goal: Goal) -> None:
    rows = (PROJECT / "docs" / "performance.md").read_text().splitlines()
    (row,) = [row for row in rows if row.startswith(f"| {goal.what} ")]
    assert goal.limit_text in row
    assert "not measured" not in row
