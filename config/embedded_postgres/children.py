"""Programs that do not outlive the guardian."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys

# PostgreSQL's "fast" shutdown: disconnect everybody, write everything, leave. `initdb` leaves too.
FAST_SHUTDOWN = signal.SIGINT
# "Immediate": leave now, and recover at the next start.
IMMEDIATE_SHUTDOWN = signal.SIGQUIT

PR_SET_PDEATHSIG = 1

# Loaded at import, for the guardian gives up the right to read it.
_c_library = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

KERNEL_STOPS_CHILDREN = _c_library is not None


def spawn(command: list[str], lock: int, stderr: int | None = None) -> subprocess.Popen[str]:
    """Start a program that holds the descriptor `lock` as long as it, or a child of it, lives.

    On Linux the kernel asks it to stop when this process, its main thread to be exact, is killed.
    """
    parent = os.getpid()

    def stop_with_parent() -> None:
        if _c_library is not None:
            _c_library.prctl(PR_SET_PDEATHSIG, int(FAST_SHUTDOWN))
            if os.getppid() != parent:
                os._exit(1)

    # The guardian has no other thread yet, so what runs between fork and exec is safe.
    return subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stderr=stderr,
        pass_fds=[lock],
        preexec_fn=stop_with_parent,  # noqa: PLW1509
        text=True,
    )
