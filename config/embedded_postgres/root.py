"""The place of a server that root asks for.

PostgreSQL refuses to run as root, so it runs as a system user, who must reach the programs and
the data. Both live outside the checkout then: whatever is private on the way to the checkout or
to the virtual environment stays private.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from config.embedded_postgres import locks
from config.embedded_postgres.places import PACKAGE, EmbeddedPostgresError, Place, Wheel

USER = "pgserver"
FOLDER = Path("/var/lib/leadline")

# A copy of the programs takes seconds even on a slow disk.
SETUP_SECONDS = 60

# What building extensions needs, and running does not.
UNNEEDED = shutil.ignore_patterns("include", "pkgconfig", "pgxs", "*.a")


def prepare(link: Path, wheel: Wheel) -> Place:
    """Make user, programs and home; `link` in the checkout then leads to the home.

    Raises EmbeddedPostgresError, or OSError where the disk refuses.
    """
    _make_folder()
    with locks.exclusive(FOLDER / "lock", SETUP_SECONDS):
        user = _system_user()
        copy = _copied_wheel(wheel)
        home = _linked_home(link) or _new_home(link, user)
        _record_checkout(home, link)
    return Place(home=home, binaries=copy.installation / "bin")


def _make_folder() -> None:
    if not FOLDER.exists():
        FOLDER.mkdir(parents=True)
        FOLDER.chmod(0o755)
    if FOLDER.stat().st_uid != 0:
        raise EmbeddedPostgresError(f"{FOLDER} does not belong to root.")


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        _add_system_user()
    return pwd.getpwnam(USER)


def _add_system_user() -> None:
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        raise EmbeddedPostgresError(
            f"PostgreSQL refuses to run as root, and there is no useradd to add the user {USER}: "
            "run as an ordinary user."
        )
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    command = [program, *options, "--shell", "/usr/sbin/nologin", USER]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode:
        raise EmbeddedPostgresError(f"useradd {USER} failed: {result.stderr.strip()}")


def _copied_wheel(wheel: Wheel) -> Wheel:
    copy = Wheel(FOLDER / f"postgresql-{wheel.version}", wheel.version)
    if not copy.installation.exists():
        for half_done in FOLDER.glob("incoming-*"):
            shutil.rmtree(half_done)
        incoming = Path(tempfile.mkdtemp(prefix="incoming-", dir=FOLDER))
        _copy_programs(wheel, incoming)
        incoming.rename(copy.site)
    return copy


def _copy_programs(wheel: Wheel, target: Path) -> None:
    # The programs find their libraries by a path relative to themselves: keep the layout.
    for part in (f"{PACKAGE}/{wheel.installation.name}", f"{PACKAGE}/.dylibs", f"{PACKAGE}.libs"):
        if (wheel.site / part).exists():
            shutil.copytree(wheel.site / part, target / part, symlinks=True, ignore=UNNEEDED)
    _open_for_reading(target)
    for folder, _, files in os.walk(target):
        _open_for_reading(Path(folder))
        for name in files:
            _open_for_reading(Path(folder, name))


def _open_for_reading(path: Path) -> None:
    # The umask may have made the wheel's files private.
    if not path.is_symlink():
        mode = path.stat().st_mode
        path.chmod(mode | 0o555 if mode & stat.S_IXUSR else mode | 0o444)


def _linked_home(link: Path) -> Path | None:
    if link.is_dir() and not link.is_symlink():
        if any(link.iterdir()):
            raise EmbeddedPostgresError(
                f"{link} was made by an ordinary user: run as that user, or remove it."
            )
        link.rmdir()
    if not link.is_symlink():
        return None
    home = link.readlink()
    if home.is_dir() and home.parent == FOLDER and not _belongs_to_another(home, link):
        return home
    link.unlink()
    return None


def _belongs_to_another(home: Path, link: Path) -> bool:
    """Tell whether `link` came with a copy of the checkout, whose original still uses `home`."""
    try:
        original = Path((home / "checkout").read_text())
    except FileNotFoundError:
        return False
    return original != link and original.is_symlink() and original.readlink() == home


def _record_checkout(home: Path, link: Path) -> None:
    """Note whose home this is, so that a copied checkout does not share it."""
    # The folder is another user's: root must not write where a link of theirs may lead.
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(home / "checkout", flags, 0o600), "w") as record:
        record.write(str(link))


def _new_home(link: Path, user: pwd.struct_passwd) -> Path:
    home = Path(tempfile.mkdtemp(prefix="home-", dir=FOLDER))
    os.chown(home, user.pw_uid, user.pw_gid)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(home)
    return home
