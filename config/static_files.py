"""Collecting static files, when there is something new to collect."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.metadata import version

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def collect_if_changed() -> None:
    """Run collectstatic into STATIC_ROOT unless it ran for these very files.

    Hashing and compressing takes seconds, asking the disk for dates milliseconds.
    """
    if settings.DEBUG:
        return
    # Beside the folder: what is in it, everybody may read.
    stamp = settings.STATIC_ROOT.with_name(f"{settings.STATIC_ROOT.name}.collected")
    fingerprint = _fingerprint()
    if settings.STATIC_ROOT.is_dir() and stamp.exists() and stamp.read_text() == fingerprint:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(fingerprint)


def _fingerprint() -> str:
    digest = hashlib.sha256(f"{settings.STORAGES['staticfiles']} {version('whitenoise')}".encode())
    for line in sorted(_files()):
        digest.update(line.encode())
    return digest.hexdigest()


def _files() -> Iterator[str]:
    for finder in get_finders():
        for path, storage in finder.list([]):
            modified = storage.get_modified_time(path).timestamp()
            yield f"{storage.path(path)} {modified} {storage.size(path)}\n"
