"""`manage.py bench_history`: what a page of history costs on this machine, and all around it."""

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.core.management.base import BaseCommand

from leads.models import Scope
from leads.services import create_api_key
from timeline.bench import contention, dataset, measure, server, statements, webhooks, writing
from timeline.bench.candidates import PLANNED, candidates_of, signed_in
from timeline.bench.dataset import Dataset
from timeline.bench.report import Report, machine
from timeline.bench.tidying import tidy

# Of a server, before its memory is looked at again.
_REQUESTS = 200_000


class Command(BaseCommand):
    """Measure, print tables, and write JSON if asked to.

    The dataset stays in the database, in an account of its own, for the next run.
    """

    help = "Measure what a page of history costs, beside a bare function and a usual DRF view."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", type=float, default=1.0, help="of the dataset (default 1)")
        parser.add_argument("--requests", type=int, default=200, help="of a candidate in a round")
        parser.add_argument("--rounds", type=int, default=5)
        parser.add_argument(
            "--seconds", type=float, default=4.0, help="that many connections or writers last"
        )
        parser.add_argument("--no-load", action="store_true", help="start no server to load")
        parser.add_argument("--plans", action="store_true", help="print PostgreSQL's plans too")
        parser.add_argument("--json", type=Path, help="file to write the figures to")

    def handle(self, *_args: Any, **options: Any) -> None:
        self._prepare()
        data = dataset.build(options["scale"], self._tell)
        tidy(data)
        try:
            report = self._measure(data, options)
        finally:
            tidy(data)
        self.stdout.write(report.markdown)
        if options["plans"]:
            self.stdout.write(f"\n{report.plans_markdown}")
        if options["json"]:
            options["json"].write_text(json.dumps(report.json, indent=2) + "\n")

    def _prepare(self) -> None:
        """Make database and files what they must be for a page to be shown."""
        call_command("migrate", interactive=False, verbosity=0)
        if hasattr(staticfiles_storage, "manifest_name"):
            call_command("collectstatic", interactive=False, verbosity=0)

    def _measure(self, data: Dataset, options: Mapping[str, Any]) -> Report:
        rounds, seconds = options["rounds"], options["seconds"]
        scopes = [Scope.HISTORY_READ]
        _, key = create_api_key(data.account, "benchmark", scopes, rate_per_minute=1_000_000)
        with signed_in(data) as cookie:
            candidates = candidates_of(data, key, cookie)
            self._tell("Asking …")
            costs = measure.measure(candidates, requests=options["requests"], rounds=rounds)
            by_name = {candidate.name: candidate for candidate in candidates}
            asked = statements.count(by_name["endpoint"], options["requests"])
            plans = {name: statements.plan(by_name[name]) for name in PLANNED}
        served = None
        if not options["no_load"]:
            self._tell("Serving many connections …")
            requests = int(_REQUESTS * min(1, options["scale"]))
            served = server.serve(data, key, seconds=seconds, rounds=rounds, requests=requests)
        self._tell("Writing …")
        written = {
            **writing.rates(data, rounds),
            **webhooks.cost(data, rounds),
            **contention.rates(data, seconds=seconds, rounds=rounds),
        }
        return Report(machine(data), costs, asked, written, served, plans)

    def _tell(self, text: str) -> None:
        self.stderr.write(text)
