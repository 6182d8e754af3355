"""`manage.py process_inbox`: process what was delivered and is not processed yet.

A small installation needs none of these: each delivery is processed right after it is acknowledged,
along with what a crash left behind. Any number may run beside each other.
"""

import queue
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from timeline import inbox

# Deliveries that are looked for at a time.
_BATCH = 100
# Between looks, in seconds.
_LONGEST = 86_400


class Command(BaseCommand):
    """Process deliveries until told to stop; delete old ones along the way."""

    help = "Process deliveries whose time has come, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when nothing is left to do")
        parser.add_argument(
            "--interval", type=float, default=1.0, help="seconds between looks (default: 1)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if not 0 < options["interval"] <= _LONGEST:
            raise CommandError(f"--interval has to be above 0 and at most {_LONGEST}.")
        # Not an Event, whose lock the worker may hold when the signal comes: it would then wait for
        # itself. A SimpleQueue may be put to while the same thread reads it.
        told: queue.SimpleQueue[int] = queue.SimpleQueue()
        if not options["once"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda told_by, _: told.put(told_by))
        processed = 0
        pause = 0.0
        while not _is_told(told, pause):
            found = self._work(is_patient=not options["once"])
            processed += found
            if not found and options["once"]:
                break
            pause = 0.0 if found else options["interval"]
        self.stdout.write(f"Processed {processed} deliveries.")

    def _work(self, *, is_patient: bool) -> int:
        """Return how many were processed; a patient worker outlives a restart of the database."""
        try:
            inbox.prune(_BATCH)
            return inbox.process_due(_BATCH)
        except DatabaseError as error:
            if not is_patient:
                raise
            self.stderr.write(f"The database does not answer: {error}")
            connection.close()
            return 0


def _is_told(told: queue.SimpleQueue[int], seconds: float) -> bool:
    """Wait that long for word to stop; return whether it came."""
    try:
        told.get(timeout=seconds)
    except queue.Empty:
        return False
    return True
