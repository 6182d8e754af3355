"""`manage.py bench_history`: what a page of history costs on this machine."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.management.base import BaseCommand

from leads.models import ApiKey, Scope
from leads.services import create_api_key
from timeline.bench import dataset, floor, measure, usual
from timeline.bench.measure import Candidate, Cost


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
        self.stderr.write("Building the dataset, if it is not there yet …")
        data = dataset.build(options["scale"])
        api_key, key = create_api_key(
            data.account, "benchmark", [Scope.HISTORY_READ], rate_per_minute=1_000_000
        )
        try:
            candidates = _candidates(data, key)
            costs = measure.measure(
                candidates, requests=options["requests"], rounds=options["rounds"]
            )
        finally:
            ApiKey.objects.filter(pk=api_key.pk).delete()
        self._print(costs)
        if options["json"]:
            figures = {name: cost._asdict() for name, cost in costs.items()}
            options["json"].write_text(json.dumps(figures, indent=2) + "\n")

    def _print(self, costs: dict[str, Cost]) -> None:
        least = costs["floor"].cpu
        self.stdout.write(f"{'':44}{'CPU µs':>10}{'÷ floor':>10}{'wall µs':>10}")
        for name, cost in costs.items():
            self.stdout.write(f"{name:44}{cost.cpu:10.0f}{cost.cpu / least:10.2f}{cost.wall:10.0f}")


def _candidates(data: dataset.Dataset, key: str) -> list[Candidate]:
    headers = {"X-API-Key": key}
    product = WSGIHandler()
    ordinary, long = (f"/api/public/leads/{lead}/history" for lead in (data.ordinary, data.long))
    first = Candidate("endpoint", product, ordinary, headers=headers)
    etag = measure.ask(first)["ETag"]
    deep = data.long_entries * 9 // 10
    return [
        Candidate("floor", floor.application, ordinary, headers=headers),
        first,
        first._replace(
            name="endpoint, 304", headers={**headers, "If-None-Match": etag}, expect="304"
        ),
        first._replace(name="endpoint, long lead", path=long),
        first._replace(name="endpoint, long lead, offset 1,000", path=long, query="offset=1000"),
        first._replace(
            name=f"endpoint, long lead, offset {deep:,}", path=long, query=f"offset={deep}"
        ),
        first._replace(
            name="endpoint, long lead, a rare channel", path=long, query="channel=email"
        ),
        Candidate("usual DRF view", usual.application, ordinary, headers=headers),
    ]
