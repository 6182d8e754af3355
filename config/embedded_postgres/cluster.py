"""The data folder, the socket folder and the command line of `postgres`."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from config.embedded_postgres import children
from config.embedded_postgres.places import MAJOR_VERSION, EmbeddedPostgresError, Place

USER = "postgres"
PORT = 5432

# A socket's path ends at 107 bytes on Linux and at 103 on macOS.
MAX_SOCKET_PATH = 103

SETTINGS = {
    "listen_addresses": "",  # the socket is the only door
    "unix_socket_permissions": "0700",
    "port": str(PORT),
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Errors alone, and without the statements: those hold what people wrote to each other.
    "log_min_messages": "error",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}


def create_if_missing(place: Place, lock: int) -> None:
    """Make the data folder, whole or not at all: an interrupted attempt is done anew.

    `lock` is the descriptor that every program of PostgreSQL holds. Raises EmbeddedPostgresError.
    """
    data = place.home / "data"
    if data.exists():
        _check_version(data)
        return
    incoming = place.home / "data.incoming"
    shutil.rmtree(incoming, ignore_errors=True)
    _initdb(place.binaries / "initdb", incoming, lock)
    incoming.rename(data)


def _check_version(data: Path) -> None:
    version = (data / "PG_VERSION").read_text().strip()
    if version != MAJOR_VERSION:
        raise EmbeddedPostgresError(
            f"{data} was made by PostgreSQL {version}, and this is {MAJOR_VERSION}: "
            "remove the folder to start anew."
        )


def _initdb(program: Path, data: Path, lock: int) -> None:
    # PostgreSQL's own C.UTF-8 is the same on every machine, whatever locales it has.
    locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    # Any local user could connect, were the socket not in a folder of its owner's.
    access = [f"--username={USER}", "--auth=trust"]
    command = [str(program), f"--pgdata={data}", "--encoding=UTF8", *locale, *access]
    process = children.spawn(command, lock, stderr=subprocess.PIPE)
    _, errors = process.communicate()
    if process.returncode:
        raise EmbeddedPostgresError(f"initdb failed: {reason(errors)}")


def reason(log: str) -> str:
    """Pick the line of a log that says why a program gave up."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "rror:" in line]
    # Whoever asks too early or too late is told "… is starting up", "… is shutting down".
    telling = [line for line in telling if "the database system is" not in line]
    return (telling or lines or ["it left no word"])[-1].removeprefix("error: ")


def command_line(place: Place, socket_folder: Path) -> list[str]:
    """Return the command that runs the server."""
    settings = {**SETTINGS, "unix_socket_directories": f'"{socket_folder}"'}
    options = [f"--{name}={value}" for name, value in settings.items()]
    return [str(place.binaries / "postgres"), "-D", str(place.home / "data"), *options]


def socket_folder(home: Path) -> Path:
    """Return the folder of the server's socket, as clients may ask for it.

    That is the home, or where it is too long for a socket, what the guardian linked to.
    """
    if _fits(home):
        return home
    try:
        return (home / "socket").readlink()
    except FileNotFoundError:
        return home / "socket"


def make_socket_folder(home: Path) -> Path:
    """Make the folder of the server's socket, private to the server's user."""
    folder = socket_folder(home)
    if folder != home and not _is_private(folder):
        link = home / "socket"
        link.unlink(missing_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="leadline-"))
        link.symlink_to(folder)
    if not _fits(folder):
        raise EmbeddedPostgresError(f"{folder} is too long a path for a socket: set TMPDIR.")
    return folder


def remove_socket_folder(home: Path) -> None:
    """Remove what `make_socket_folder` made outside the home."""
    folder = socket_folder(home)
    if folder != home:
        shutil.rmtree(folder, ignore_errors=True)


def _fits(folder: Path) -> bool:
    path = os.fsencode(folder / f".s.PGSQL.{PORT}")
    # A comma separates hosts for the client, a quote ends the name for the server.
    return len(path) <= MAX_SOCKET_PATH and b"," not in path and b'"' not in path


def _is_private(folder: Path) -> bool:
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    mine = status.st_uid == os.geteuid()
    return stat.S_ISDIR(status.st_mode) and mine and not status.st_mode & 0o077
