"""Processes that use the embedded server, and what can be seen of it from outside."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from config.embedded_postgres import locks

PROJECT = Path(__file__).resolve().parents[2]
DEADLINE_SECONDS = 60

# Answers each line of SQL from a connection of its own, with the first value or the error.
USER = """
import json, os, sys
import django
from django.conf import settings
options = {"ENGINE": "config.embedded_postgres", "NAME": "leadline", "HOST": sys.argv[1]}
settings.configure(DATABASES={"default": options})
django.setup()
from django.db import DatabaseError, connection

for line in sys.stdin:
    if line == "fork\\n":
        connection.close()
        if os.fork():
            os._exit(0)
        continue
    try:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(line)
            answer = {"value": cursor.fetchone()[0] if cursor.description else None}
    except DatabaseError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
connection.close()
"""


class User:
    """A process that uses the server in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", USER, str(folder)],
            cwd=PROJECT,
            env={**os.environ, "PYTHONPATH": str(PROJECT), "A_SECRET": "sesame"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def send(self, line: str) -> None:
        pipe(self.process.stdin).write(line + "\n")
        pipe(self.process.stdin).flush()

    def answer(self) -> dict[str, object]:
        line = pipe(self.process.stdout).readline()
        assert line, pipe(self.process.stderr).read()
        answer: dict[str, object] = json.loads(line)
        return answer

    def ask(self, sql: str) -> object:
        self.send(sql)
        answer = self.answer()
        assert "value" in answer, answer
        return answer["value"]

    def leave(self) -> None:
        pipe(self.process.stdin).close()
        assert self.process.wait(DEADLINE_SECONDS) == 0
        # The guardian must be silent too, warnings being errors.
        assert pipe(self.process.stderr).read() == ""

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE_SECONDS)


def pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


@contextmanager
def user_of(folder: Path) -> Iterator[User]:
    user = User(folder)
    with user.process:
        try:
            yield user
        finally:
            if user.process.poll() is None:
                user.process.kill()


def eventually(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def server_lives(folder: Path) -> bool:
    return locks.is_held(folder / "server.lock")


def all_is_quiet(folder: Path) -> bool:
    """Tell whether guardian and PostgreSQL are gone, by their locks and by what runs."""
    held = [locks.is_held(folder / name) for name in ("server.lock", "guardian.lock")]
    return not any(held) and not running("/bin/postgres", str(folder.resolve()))


def running(program: str, argument: str) -> list[int]:
    """Return the numbers of the processes whose command line names both, as Linux tells."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            command = (process / "cmdline").read_bytes()
            if program.encode() in command and os.fsencode(argument) in command:
                found.append(int(process.name))
    return found


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


def guardian(folder: Path) -> int:
    (number,) = running("embedded_postgres.guardian", str(folder.resolve()))
    return number
