"""The real server, as `manage.py serve` runs it, and what it is put under."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from timeline.bench import load
from timeline.bench.candidates import history_of
from timeline.bench.dataset import Dataset
from timeline.bench.load import Level, Stretch

CONNECTIONS = (1, 16, 64, 256)
_STOP_SECONDS = 20
# Requests before memory is looked at first, of the most connections: all that is made at first use
# is there by then.
_WARM = 1_000


class Memory(NamedTuple):
    """Bytes of a server process after so many requests."""

    requests: int
    bytes: int


class Served(NamedTuple):
    """Levels by the number of connections, and memory: after `_WARM` requests, after each round,
    after all. There is none where the machine does not tell.
    """

    levels: dict[int, Level]
    memory: list[Memory]


def serve(data: Dataset, key: str, *, seconds: float, rounds: int, requests: int) -> Served:
    """Put the server under load from few and many connections in turns, then on until so many
    requests are answered.
    """
    host = urlsplit(settings.PUBLIC_URL).netloc
    asked = [load.get(history_of(lead), host, {"X-API-Key": key}) for lead in data.ordinary]
    stretches: dict[int, list[Stretch]] = {connections: [] for connections in CONNECTIONS}
    with _running() as (process, port):
        load.put_under(port, asked, connections=CONNECTIONS[-1], most=_WARM)
        memory = [(_WARM, memory_of(process.pid))]
        done = _WARM
        for _ in range(rounds):
            for connections, of_level in stretches.items():
                each = load.put_under(port, asked, connections=connections, seconds=seconds)
                of_level.append(each)
                done += len(each.waits)
            memory.append((done, memory_of(process.pid)))
        load.put_under(port, asked, connections=16, most=max(0, requests - done))
        memory.append((max(done, requests), memory_of(process.pid)))
    levels = {connections: load.level_of(of_level) for connections, of_level in stretches.items()}
    return Served(levels, [Memory(after, used) for after, used in memory if used is not None])


def memory_of(server: int) -> int | None:
    """Return the bytes of memory that the largest process has that the server started (proc(5))."""
    sizes = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):  # it has ended meanwhile
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == server:
                sizes.append(_resident(process))
    return max(sizes, default=None)


def _resident(process: Path) -> int:
    lines = (process / "status").read_text().splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(kilobytes) * 1024


@contextmanager
def _running() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start a server; give its process and its port once it answers."""
    port = _free_port()
    with subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101
            if not any("is up" in line for line in process.stdout):
                raise RuntimeError("the server has ended")
            yield process, port
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
