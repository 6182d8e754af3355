"""CPU per request, of this process and of its PostgreSQL backend, in turns.

Figures drift with the machine; the candidates run in turns, so that the ratios of one run hold.
"""

import io
import os
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Candidate(NamedTuple):
    """One thing to measure: a WSGI application and what it is asked."""

    name: str
    application: Application
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    expect: str = "200"
    # Of the requests asked for: what takes long is asked less.
    share: float = 1.0


class Cost(NamedTuple):
    """Microseconds a request, medians over the rounds: CPU of process and backend, wall time."""

    cpu: float
    wall: float


def measure(candidates: list[Candidate], *, requests: int, rounds: int) -> dict[str, Cost]:
    """Run all candidates in turns; raises RuntimeError for an answer that is not the expected."""
    connection.ensure_connection()
    backend = _backend()
    costs: dict[str, list[Cost]] = {candidate.name: [] for candidate in candidates}
    for candidate in candidates:  # warm up: statements prepared, pages in memory
        _run(candidate, _share(candidate, max(10, requests // 10)), backend)
    for _ in range(rounds):
        for candidate in candidates:
            costs[candidate.name].append(_run(candidate, _share(candidate, requests), backend))
    return {name: _median(of_rounds) for name, of_rounds in costs.items()}


def _share(candidate: Candidate, requests: int) -> int:
    return max(1, int(requests * candidate.share))


def _median(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.median(figures) for figures in zip(*costs, strict=True)))


def _backend() -> Path | None:
    """Return where Linux tells of our connection's server process, if it runs on this machine."""
    process = Path(f"/proc/{connection.connection.info.backend_pid}")
    try:
        is_ours = (process / "comm").read_text().startswith("postgres")
    except OSError:
        return None
    return process / "stat" if is_ours else None


def _run(candidate: Candidate, requests: int, backend: Path | None) -> Cost:
    before, began = _cpu(backend), time.perf_counter()
    for _ in range(requests):
        ask(candidate)
    elapsed = time.perf_counter() - began
    return Cost((_cpu(backend) - before) / requests * 1e6, elapsed / requests * 1e6)


def _cpu(backend: Path | None) -> float:
    """Return the seconds of CPU that both processes have used."""
    own = time.process_time()
    if backend is None:
        return own
    # proc(5): after the name in parentheses, utime and stime are the 12th and 13th field.
    user, system = backend.read_text().rpartition(")")[2].split()[11:13]
    return own + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def ask(candidate: Candidate) -> dict[str, str]:
    """Send one request; return the answer's headers."""
    answered: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
        answered.update(status=status, headers=dict(headers))

    body = candidate.application(_environ(candidate), start_response)
    for _ in body:
        pass
    if close := getattr(body, "close", None):
        close()
    if not answered["status"].startswith(candidate.expect):
        raise RuntimeError(f"{candidate.name}: {answered['status']}")
    return dict(answered["headers"])


def _environ(candidate: Candidate) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": candidate.path,
        "QUERY_STRING": candidate.query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": v for name, v in candidate.headers.items()},
    }
