"""Advisory locks on files (flock).

The kernel drops them with the last descriptor, however a process ends: that is why they, and not
files with process ids, say who lives.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SHARED = fcntl.LOCK_SH
EXCLUSIVE = fcntl.LOCK_EX

POLL_SECONDS = 0.02


def open_lock(path: Path) -> int:
    """Open `path` for locking; programs started by this process do not inherit the descriptor."""
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    return os.open(path, flags, 0o600)


def try_lock(descriptor: int, kind: int) -> bool:
    """Take the lock if it is free now."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock(descriptor: int, kind: int, seconds: float) -> bool:
    """Take the lock, waiting up to `seconds` for it; False if it stayed taken."""
    deadline = time.monotonic() + seconds
    while not try_lock(descriptor, kind):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def wait_for_exclusive(descriptor: int) -> None:
    """Sleep in the kernel until nobody else holds the lock, then hold it."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def is_held(path: Path) -> bool:
    """Tell whether a living process holds `path` exclusively."""
    descriptor = open_lock(path)
    try:
        return not try_lock(descriptor, SHARED)
    finally:
        os.close(descriptor)


@contextmanager
def exclusive(path: Path, seconds: float) -> Iterator[None]:
    """Hold `path` exclusively inside the block.

    Raises TimeoutError if another process holds it longer than `seconds`.
    """
    descriptor = open_lock(path)
    try:
        if not lock(descriptor, EXCLUSIVE, seconds):
            raise TimeoutError(f"Another process has held {path} for {seconds:.0f} seconds.")
        yield
    finally:
        os.close(descriptor)
