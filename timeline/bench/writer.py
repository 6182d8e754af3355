"""A process of writers; `timeline.bench.contention` starts it and tells what to do, by lines."""

import random
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import orjson
from django.db import connection
from django.utils import timezone

from timeline.bench.sayings import WRITTEN, Sayings, said_of, sayings_of
from timeline.recording import record

_CONNECT_SECONDS = 60


def main() -> None:
    """Do each task of standard input; answer each with how many entries were recorded."""
    connection.settings_dict["NAME"] = sys.argv[1]
    for line in sys.stdin.buffer:
        task = orjson.loads(line)
        leads = [UUID(lead) for lead in task["leads"]]
        sys.stdout.write(f"{_write_to_all(task['account'], leads, task['seconds'])}\n")
        sys.stdout.flush()


def _write_to_all(account_id: int, leads: Sequence[UUID], seconds: float) -> int:
    """Have a writer write to each of the leads at once; return how many entries were recorded."""
    said, ready = sayings_of(account_id), threading.Barrier(len(leads))

    def write(lead_id: UUID) -> int:
        connection.ensure_connection()
        try:
            ready.wait(_CONNECT_SECONDS)
            return _write(said, lead_id, time.monotonic() + seconds)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(leads)) as pool:
        return sum(pool.map(write, leads))


def _write(said: Sayings, lead_id: UUID, until: float) -> int:
    recorded = 0
    mark, chance = uuid4(), random.Random(4)
    while time.monotonic() < until:
        (saying,) = chance.choices(said.all, cum_weights=said.weights)
        known_as = f"{mark} {recorded}"
        record(said.account_id, said_of(saying.draft, lead_id, timezone.now(), known_as, WRITTEN))
        recorded += 1
    return recorded
