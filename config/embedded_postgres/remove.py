"""Remove a server's data for good: python -m config.embedded_postgres.remove FOLDER."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from config.embedded_postgres import locks

# A server whose last user has just left needs a moment to stop.
STOP_SECONDS = 30


def remove(folder: Path) -> None:
    """Remove the home that `folder` is or leads to.

    Raises TimeoutError while a process uses the server.
    """
    home = folder.resolve()
    if home.is_dir():
        with locks.exclusive(home / "lease", STOP_SECONDS):
            shutil.rmtree(home)
    if folder.is_symlink():
        folder.unlink()


if __name__ == "__main__":
    try:
        remove(Path(sys.argv[1]))
    except TimeoutError:
        sys.exit(f"A process still uses the database in {sys.argv[1]}: stop it first.")
