"""Many who write at once: to one lead, a long one that is counted by day, and to a lead each.

Each writer is a thread with a connection of its own, in one of a few processes (one would have them
wait for each other, not for the database). Every entry is recorded and committed by itself, as what
webhooks tell is.
"""

import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from timeline.bench.dataset import Dataset

WRITERS = 32
_PROCESSES = 4

# The module imports models, which Django must have been set up for.
_PROGRAM = "import django; django.setup(); from timeline.bench.writer import main; main()"


class _Writers:
    """A process of writers: told what to do, it does it and says how much it did."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        self._in, self._out = process.stdin, process.stdout

    def begin(self, account_id: int, leads: Sequence[UUID], seconds: float) -> None:
        task = {"account": account_id, "leads": leads, "seconds": seconds}
        self._in.write(orjson.dumps(task) + b"\n")
        self._in.flush()

    def entries(self) -> int:
        """Wait until they are done; return how many entries they recorded."""
        if not (line := self._out.readline()):
            raise RuntimeError("a process of writers has ended")
        return int(line)


def rates(data: Dataset, *, seconds: float, rounds: int) -> dict[str, float]:
    """Return entries a second, medians of rounds in turns, of all writers together."""
    to_one: Sequence[UUID] = [data.long] * WRITERS
    whose = {"writers, one lead": to_one, "writers, many leads": data.ordinary[:WRITERS]}
    figures: dict[str, list[float]] = {name: [] for name in whose}
    with ExitStack() as stack:
        processes = [stack.enter_context(_started()) for _ in range(_PROCESSES)]
        _together(processes, data.account.pk, to_one, seconds / 10)  # who is late to come
        for _ in range(rounds):
            for name, leads in whose.items():
                entries = _together(processes, data.account.pk, leads, seconds)
                figures[name].append(entries / seconds)
    return {name: statistics.median(of_rounds) for name, of_rounds in figures.items()}


def _together(
    processes: Sequence[_Writers], account_id: int, leads: Sequence[UUID], seconds: float
) -> int:
    for number, process in enumerate(processes):
        process.begin(account_id, leads[number :: len(processes)], seconds)
    return sum(process.entries() for process in processes)


@contextmanager
def _started() -> Iterator[_Writers]:
    # The database's name: a test's is not that of the settings.
    name = str(connection.settings_dict["NAME"])
    with subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "-c", _PROGRAM, name],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            yield _Writers(process)
        finally:
            process.kill()
