"""The process that runs a server for as long as somebody uses it.

    python -m config.embedded_postgres.guardian HOME BINARIES

Locks in the home tell who lives:

| file | held |
|---|---|
| `lease` | shared by every process that uses the server, exclusively by a guardian that stops it |
| `start.lock` | by a process that looks whether the server runs, and starts it |
| `guardian.lock` | by the guardian |
| `server.lock` | by the guardian and every process of PostgreSQL |

Once the guardian gets the lease nobody uses the server any more. A newcomer waits for the lease
until the server is gone, and then starts another.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

from config.embedded_postgres import children, cluster, locks
from config.embedded_postgres.places import EmbeddedPostgresError, Place

# Seconds to wait for a guardian that is about to leave, for the processes of a server that lost
# its guardian, and for a server that was asked to stop.
GUARDIAN_SECONDS = 10
LEFTOVER_SECONDS = 30
SHUTDOWN_SECONDS = 60


def main(home: Path, binaries: Path) -> int:
    """Run the server of `home` until nobody uses it; return an exit status."""
    guardian_lock = locks.open_lock(home / "guardian.lock")
    if not locks.lock(guardian_lock, locks.EXCLUSIVE, GUARDIAN_SECONDS):
        return 0  # another guardian was faster
    lease = locks.open_lock(home / "lease")
    server_lock = locks.open_lock(home / "server.lock")
    _become_owner(home)
    try:
        return _guard(Place(home, binaries), lease, server_lock)
    except (EmbeddedPostgresError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def _become_owner(home: Path) -> None:
    """Give up root for good: locks are open and modules imported, nothing more needs it."""
    os.umask(0o077)
    if os.geteuid() == 0:
        owner = home.stat()
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)
    os.chdir(home)


def _guard(place: Place, lease: int, server_lock: int) -> int:
    _wait_for_leftover(place.home, server_lock)
    cluster.create_if_missing(place, server_lock)
    # No process of PostgreSQL lives, whatever process has the number in this file today.
    (place.home / "data" / "postmaster.pid").unlink(missing_ok=True)
    command = cluster.command_line(place, cluster.make_socket_folder(place.home))
    postgres = children.spawn(command, server_lock)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        postgres.send_signal(children.FAST_SHUTDOWN)

    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=_stop_when_unused, args=(postgres, lease), daemon=True).start()
    status = postgres.wait()
    cluster.remove_socket_folder(place.home)
    if status < 0:
        raise EmbeddedPostgresError(f"PostgreSQL was killed by signal {-status}")
    return 1 if status else 0


def _wait_for_leftover(home: Path, server_lock: int) -> None:
    """Wait until the processes of a server whose guardian was killed are gone."""
    if locks.try_lock(server_lock, locks.EXCLUSIVE):
        return
    if not children.KERNEL_STOPS_CHILDREN:
        # Elsewhere the kernel did not tell the server; the lock says that this is its number.
        with contextlib.suppress(OSError, ValueError, IndexError):
            number = int((home / "data" / "postmaster.pid").read_text().splitlines()[0])
            os.kill(number, children.FAST_SHUTDOWN)
    if not locks.lock(server_lock, locks.EXCLUSIVE, LEFTOVER_SECONDS):
        raise EmbeddedPostgresError(
            f"processes of an earlier server still run after {LEFTOVER_SECONDS} seconds"
        )


def _stop_when_unused(postgres: subprocess.Popen[str], lease: int) -> None:
    locks.wait_for_exclusive(lease)
    postgres.send_signal(children.FAST_SHUTDOWN)
    try:
        postgres.wait(SHUTDOWN_SECONDS)
    except subprocess.TimeoutExpired:
        postgres.send_signal(children.IMMEDIATE_SHUTDOWN)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
