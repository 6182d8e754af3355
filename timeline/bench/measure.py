"""CPU per request, of this process and of its PostgreSQL backend, in turns.

Figures drift with the machine, so the candidates run in turns. What else the machine does only ever
adds to them: the least of a candidate's turns is what it costs, and varies half as much from run to
run as the median does.
"""

import gc
import io
import os
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def product() -> Application:
    """Return the application that a server serves."""
    application: Application = import_string(settings.WSGI_APPLICATION)
    return application


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
    # Sent by POST, if there is any.
    body: bytes = b""


class Cost(NamedTuple):
    """Microseconds a request, the least of all turns: CPU of process and backend, wall time."""

    cpu: float
    wall: float


def measure(candidates: list[Candidate], *, requests: int, rounds: int) -> dict[str, Cost]:
    """Run all candidates in turns; raises RuntimeError for an answer that is not the expected."""
    connection.ensure_connection()
    backend = _backend()
    costs: dict[str, list[Cost]] = {candidate.name: [] for candidate in candidates}
    for candidate in candidates:  # warm up: statements prepared, pages in memory
        _run(candidate, _share(candidate, max(10, requests // 10)), backend)
    # As in a server's worker (`config.serving`): what is there now is no garbage.
    gc.freeze()
    for _ in range(rounds * _TURNS):
        for candidate in candidates:
            costs[candidate.name].append(_run(candidate, _share(candidate, requests // 2), backend))
    gc.unfreeze()
    return {name: _least(turns) for name, turns in costs.items()}


# Of a round, half as many requests in each: the shorter they are, the more alike is what the
# machine does meanwhile.
_TURNS = 4


def _share(candidate: Candidate, requests: int) -> int:
    return max(1, int(requests * candidate.share))


def _least(turns: list[Cost]) -> Cost:
    return Cost(*map(min, zip(*turns, strict=True)))


def _backend() -> Path | None:
    """Return where Linux tells of our connection's server process, if it runs on this machine."""
    process = Path(f"/proc/{connection.connection.info.backend_pid}")
    try:
        is_ours = (process / "comm").read_text().startswith("postgres")
    except OSError:
        return None
    return process if is_ours else None


def _run(candidate: Candidate, requests: int, backend: Path | None) -> Cost:
    for _ in range(requests // 4):  # of another candidate, the processor's caches are full
        ask(candidate)
    gc.collect()  # what another candidate has left is not for this one to clear
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
    try:
        # Nanoseconds on a CPU (Documentation/scheduler/sched-stats.rst of Linux).
        return own + int((backend / "schedstat").read_text().split()[0]) / 1e9
    except OSError:
        # proc(5): after the name in parentheses, utime and stime are the 12th and 13th field.
        user, system = (backend / "stat").read_text().rpartition(")")[2].split()[11:13]
        return own + (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def ask(candidate: Candidate) -> dict[str, str]:
    """Send one request, and let the server do what it does after its answer; return its headers."""
    answer = answered(candidate)
    answer.close()
    return answer.headers


class Answered(NamedTuple):
    """An answer that was sent; `close` is what the server calls then."""

    headers: dict[str, str]
    close: Callable[[], object]


def answered(candidate: Candidate) -> Answered:
    """Send one request; raises RuntimeError for an answer that is not the expected."""
    said: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> None:
        said.update(status=status, headers=dict(headers))

    body = candidate.application(_environ(candidate), start_response)
    for _ in body:
        pass
    if not said["status"].startswith(candidate.expect):
        raise RuntimeError(f"{candidate.name}: {said['status']}")
    return Answered(said["headers"], getattr(body, "close", lambda: None))


def _environ(candidate: Candidate) -> dict[str, Any]:
    public = urlsplit(settings.PUBLIC_URL)
    return {
        "REQUEST_METHOD": "POST" if candidate.body else "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": candidate.path,
        "QUERY_STRING": candidate.query,
        "CONTENT_LENGTH": str(len(candidate.body)),
        "SERVER_NAME": public.hostname,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": public.netloc,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": public.scheme,
        "wsgi.input": io.BytesIO(candidate.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **{f"HTTP_{name.upper().replace('-', '_')}": v for name, v in candidate.headers.items()},
    }
