"""Servers, a worker and the database: started, killed with SIGKILL, and started again."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

# `manage.py serve` without what it prepares first: that has been done once.
_SERVER = """
import sys
import django
django.setup()
from config import serving
serving.serve("127.0.0.1", int(sys.argv[1]), lambda: None)
"""

# Seconds between two deaths. Only what is up is killed: a slow machine takes longer to be back.
_CALM = (0.2, 2.0)
_PROBE = 1  # second for an answer
_BEGINS = 4  # seconds

Answers = Callable[[], bool]


class Process:
    """A program that is started again when it dies."""

    def __init__(
        self, name: str, *arguments: str, port: int, answers: Answers | None = None
    ) -> None:
        self.name = name
        self.arguments = arguments
        self.answers = answers
        self.environment = {**os.environ, "PORT": str(port)}
        self.start()

    def is_up(self) -> bool:
        """Tell whether it works; of what answers nobody, by the time it had to begin."""
        return self.answers() if self.answers else time.monotonic() - self.started > _BEGINS

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, *self.arguments],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """Kill it. A server's workers end with it by themselves."""
        self.process.kill()
        self.process.wait()

    def revive(self) -> None:
        if self.process.poll() is not None:
            self.start()


def server(port: int) -> Process:
    return Process("server", "-c", _SERVER, str(port), port=port, answers=partial(_answers, port))


def worker(port: int) -> Process:
    arguments = ("manage.py", "process_inbox", "--interval", "0.2")
    return Process("worker", *arguments, port=port)


class Database:
    """The embedded PostgreSQL of the folder. Whoever connects next starts it again."""

    name = "database"

    def __init__(self, folder: Path) -> None:
        self.pid_file = folder.resolve() / "data" / "postmaster.pid"

    def is_up(self) -> bool:
        with suppress(OSError):
            return self.pid_file.read_text().rstrip().endswith("ready")
        return False

    def kill(self) -> None:
        with suppress(OSError, ValueError, IndexError):
            os.kill(int(self.pid_file.read_text().splitlines()[0]), signal.SIGKILL)

    def revive(self) -> None:
        """Leave that to who needs it."""


def _answers(port: int) -> bool:
    connection = HTTPConnection("localhost", port, timeout=_PROBE)
    try:
        connection.request("GET", "/api/webhooks/nobody")
        return connection.getresponse().status == 404
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


class Killer(threading.Thread):
    """Kills one of them after the other, in an order of the seed's, until it is told to stop."""

    def __init__(self, processes: Sequence[Process], database: Database, seed: int) -> None:
        super().__init__(name="killer", daemon=True)
        self.victims: list[Process | Database] = [*processes, database]
        self.dice = random.Random(f"killer {seed}")
        self.killed: Counter[str] = Counter()
        self._enough = threading.Event()

    def run(self) -> None:
        while not self._enough.wait(self.dice.uniform(*_CALM)):
            victim = self.dice.choice(self.victims)
            if victim.is_up():
                victim.kill()
                self.killed[victim.name] += 1
            for each in self.victims:
                each.revive()

    def end(self) -> None:
        self._enough.set()
        self.join()
