"""How a process comes to use the server: it takes a lease, and starts the server if need be."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import pq, sql
from psycopg.conninfo import make_conninfo

from config.embedded_postgres import cluster, locks, places, root
from config.embedded_postgres.places import EmbeddedPostgresError, Place

PROJECT = Path(__file__).resolve().parents[2]

# The first start makes the data folder: two seconds on a laptop, far more on a busy CI machine.
START_SECONDS = 120
# A guardian gives its server a minute to stop before it insists.
LEASE_SECONDS = 90
POLL_SECONDS = 0.02

MAX_LOG_BYTES = 1_000_000

# What the guardian and PostgreSQL may know of this process' environment, which holds secrets.
PASSED_ON = ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME")


@dataclass
class Server:
    """A server this process uses: where it is, and which databases are known to be there."""

    place: Place
    process: int = field(default_factory=os.getpid)
    databases: set[str] = field(default_factory=set)


class Guardian(subprocess.Popen[bytes]):
    """A guardian may well outlive this process: that deserves no ResourceWarning."""

    def __del__(self) -> None:
        """Leave it alone."""


# Descriptors by home and process. They stay open until the process ends, and are never unlocked:
# a child that was forked off shares the lock.
_leases: dict[tuple[Path, int], int] = {}
_servers: dict[Path, Server] = {}
# Kept, to be reaped when this process needs another.
_guardians: list[Guardian] = []
_mutex = threading.Lock()


def _forget_mutex() -> None:
    global _mutex  # noqa: PLW0603 (another thread may have held it when this process was forked)
    _mutex = threading.Lock()


os.register_at_fork(after_in_child=_forget_mutex)


def use(folder: Path, database: str | None = None, *, look_again: bool = False) -> Path:
    """Make sure that the server of `folder` runs and has `database`; return its socket folder.

    Only the first call of a process looks, or one after a failed connection (`look_again`).
    Raises EmbeddedPostgresError, or OSError where the disk refuses.
    """
    with _mutex:
        server = _servers.get(folder)
        if look_again or server is None or server.process != os.getpid():
            server = _servers[folder] = _enter(folder)
        if database and database not in server.databases:
            _create_database_if_missing(server.place.home, database)
            server.databases.add(database)
        return cluster.socket_folder(server.place.home)


def answers(folder: Path) -> bool:
    """Tell whether the server that `use` returned for `folder` takes connections."""
    server = _servers.get(folder)
    return server is not None and _answers(server.place.home)


def binaries(folder: Path) -> Path:
    """Return the folder of the programs (psql and others) that belong to the server."""
    use(folder)
    return _servers[folder].place.binaries


def _enter(folder: Path) -> Server:
    place = _find_place(folder)
    _take_lease(place.home)
    with locks.exclusive(place.home / "start.lock", START_SECONDS):
        _start_if_needed(place)
    return Server(place)


def _find_place(folder: Path) -> Place:
    folder = folder.parent.resolve() / folder.name
    prepare = root.prepare if os.geteuid() == 0 else places.prepare
    return prepare(folder, places.find_wheel())


def _take_lease(home: Path) -> None:
    """Tell the guardian, by a lock for as long as this process lives, that it is needed.

    A guardian that is stopping the server holds the lease: this waits until the server is gone.
    """
    key = (home, os.getpid())
    if key in _leases:
        return
    descriptor = locks.open_lock(home / "lease")
    if not locks.lock(descriptor, locks.SHARED, LEASE_SECONDS):
        os.close(descriptor)
        raise EmbeddedPostgresError(f"the former server still stops after {LEASE_SECONDS} seconds")
    _leases[key] = descriptor


def _start_if_needed(place: Place) -> None:
    deadline = time.monotonic() + START_SECONDS
    guardian: Guardian | None = None
    while not _runs(place.home):
        if guardian is None and not locks.is_held(place.home / "guardian.lock"):
            guardian = _spawn_guardian(place)
        elif guardian is not None and guardian.poll() is not None:
            if guardian.returncode > 0:  # below: it was killed, which says nothing about another
                raise EmbeddedPostgresError(_last_words(place.home))
            guardian = None
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(f"it does not answer after {START_SECONDS} seconds")
        time.sleep(POLL_SECONDS)


def _runs(home: Path) -> bool:
    # A server that answers without a guardian would never be stopped.
    return locks.is_held(home / "guardian.lock") and _answers(home)


def _answers(home: Path) -> bool:
    return pq.PGconn.ping(_conninfo(home).encode()) == pq.Ping.OK


def _conninfo(home: Path) -> str:
    host = str(cluster.socket_folder(home))
    return make_conninfo(
        host=host, port=cluster.PORT, user=cluster.USER, dbname="postgres", connect_timeout=5
    )


def _spawn_guardian(place: Place) -> Guardian:
    for former in _guardians:
        former.poll()  # reaps it
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    log = _open_log(place.home)
    try:
        guardian = Guardian(
            [sys.executable, "-m", f"{__package__}.guardian", place.home, place.binaries],
            cwd=PROJECT,
            env={**environment, "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    finally:
        os.close(log)
    _guardians.append(guardian)
    return guardian


def _open_log(home: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    log = os.open(home / "log", flags, 0o600)
    if os.fstat(log).st_size > MAX_LOG_BYTES:
        os.ftruncate(log, 0)
    return log


def _last_words(home: Path) -> str:
    log = (home / "log").read_text(errors="replace")
    return f"{cluster.reason(log)} (log: {home / 'log'})"


def _create_database_if_missing(home: Path, name: str) -> None:
    with (
        locks.exclusive(home / "start.lock", START_SECONDS),
        psycopg.connect(_conninfo(home), autocommit=True) as connection,
    ):
        query = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(query, [name]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
