"""`manage.py bench_history`: what a page of history costs on this machine."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.core.handlers.wsgi import WSGIHandler
from django.core.management.base import BaseCommand

from leads.models import Scope
from leads.services import create_api_key
from timeline.api.parameters import next_cursor
from timeline.bench import dataset, floor, measure, usual, writing
from timeline.bench.dataset import Dataset
from timeline.bench.goals import GOALS
from timeline.bench.measure import Candidate, Cost
from timeline.bench.tidying import tidy
from timeline.history import KEYS, position_of, read_page


class Command(BaseCommand):
    """Measure, print a table, and write JSON if asked to.

    The dataset stays in the database, in an account of its own, for the next run.
    """

    help = "Measure what a page of history costs, beside a bare function and a usual DRF view."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", type=float, default=1.0, help="of the dataset (default 1)")
        parser.add_argument("--requests", type=int, default=200, help="of a candidate in a round")
        parser.add_argument("--rounds", type=int, default=5)
        parser.add_argument("--json", type=Path, help="file to write the figures to")

    def handle(self, *_args: Any, **options: Any) -> None:
        data = dataset.build(options["scale"], self.stderr.write)
        tidy(data)
        _, key = create_api_key(
            data.account, "benchmark", [Scope.HISTORY_READ], rate_per_minute=1_000_000
        )
        try:
            candidates = _candidates(data, key)
            costs = measure.measure(
                candidates, requests=options["requests"], rounds=options["rounds"]
            )
        finally:
            tidy(data)
        written = writing.measure(data, batches=options["rounds"], rounds=options["rounds"])
        self._print(costs)
        for name in ("copied", "recorded", "posted", "imported"):
            self.stdout.write(f"{name + ', rows a second':44}{written[name]:10,.0f}")
        self._print_goals({name: cost.cpu for name, cost in costs.items()} | written)
        if options["json"]:
            figures = {name: cost._asdict() for name, cost in costs.items()} | written
            options["json"].write_text(json.dumps(figures, indent=2) + "\n")

    def _print(self, costs: dict[str, Cost]) -> None:
        least = costs["floor"].cpu
        self.stdout.write(f"{'':44}{'CPU µs':>10}{'÷ floor':>10}{'wall µs':>10}")
        for name, cost in costs.items():
            self.stdout.write(f"{name:44}{cost.cpu:10.0f}{cost.cpu / least:10.2f}{cost.wall:10.0f}")

    def _print_goals(self, figures: dict[str, float]) -> None:
        self.stdout.write(f"\n{'':44}{'ratio':>10}{'goal':>10}")
        for goal in GOALS:
            limit = f"{'≥' if goal.at_least else '≤'} {goal.limit:g}"
            met = "" if goal.is_met(figures) else "   not met"
            self.stdout.write(f"{goal.what:44}{goal.ratio(figures):10.2f}{limit:>10}{met}")


def _candidates(data: Dataset, key: str) -> list[Candidate]:
    headers = {"X-API-Key": key}
    product = WSGIHandler()
    ordinary, long = (f"/api/public/leads/{lead}/history" for lead in (data.ordinary[0], data.long))
    middle = f"/api/public/leads/{data.middle}/history"
    first = Candidate("endpoint", product, ordinary, headers=headers)
    etag = measure.ask(first)["ETag"]
    deep = data.long_entries * 9 // 10
    whole = first._replace(name="long lead", path=long)
    usual_view = Candidate("usual view", usual.application, ordinary, headers=headers)
    return [
        Candidate("floor", floor.application, ordinary, headers=headers),
        first,
        first._replace(name="304", headers={**headers, "If-None-Match": etag}, expect="304"),
        whole,
        whole._replace(name="long lead, offset 1,000", query="offset=1000"),
        whole._replace(name="long lead, offset at 90 %", query=f"offset={deep}"),
        whole._replace(name="long lead, cursor at 90 %", query=_cursor(data, deep)),
        whole._replace(name="long lead, a rare channel", query="channel=email"),
        whole._replace(name="middle lead, offset 1,000", path=middle, query="offset=1000"),
        usual_view,
        usual_view._replace(
            name="usual view, middle lead, offset 1,000",
            path=middle,
            query="offset=1000",
            share=0.01,
        ),
    ]


def _cursor(data: Dataset, offset: int) -> str:
    (entry,) = read_page(data.account.pk, data.long, limit=1, offset=offset, detail=KEYS).entries
    cursor = next_cursor(data.long, position_of(entry), newest_first=False)
    return urlencode({"cursor": cursor})
