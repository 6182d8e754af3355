"""`manage.py import_history`: saved responses of the history endpoint, into an account."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BufferedReader
from pathlib import Path
from typing import Any, NoReturn, cast

from django.core.management import CommandError
from tqdm import tqdm

from leads.management.arguments import account_named
from leads.management.base import PlainCommand
from timeline.importing.importer import Importer
from timeline.importing.reading import Broken, Found, read

STDIN = "-"
INTERRUPTED = 130  # as shells have it: 128 + SIGINT


class Command(PlainCommand):
    """Import saved responses of the history endpoint."""

    help = "Import saved responses of GET /leads/{id}/history: leads, and what happened with them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the account and the files."""
        parser.add_argument(
            "--account", required=True, metavar="NAME", help="whose the leads become"
        )
        parser.add_argument(
            "files",
            nargs="+",
            metavar="FILE",
            help="JSON: one response, a list of them or one a line, gzipped or not; - is stdin",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Import; what is wrong is told on stderr and by the exit code."""
        files: list[str] = options["files"]
        account = account_named(options["account"])
        self._check(files)
        self._import(Importer(account, self._report), files)

    def _check(self, files: list[str]) -> None:
        """Find what cannot be read before anything is recorded."""
        problems = [(name, reason) for name in files if (reason := _unreadable(name))]
        if files.count(STDIN) > 1:
            problems.append((STDIN, "can be read once only"))
        for name, reason in problems:
            self._report(name, reason)
        if problems:
            raise CommandError("Nothing was imported.")

    def _import(self, importer: Importer, files: list[str]) -> None:
        try:
            self._take(importer, files)
        except KeyboardInterrupt:
            message = (
                "Interrupted. What is counted landed, and the same command goes on from there."
            )
            raise CommandError(message, returncode=INTERRUPTED) from None
        finally:
            self.stdout.write(f"Imported {importer.tally}")
        if importer.tally.refused or importer.tally.conflicting:
            raise CommandError("Not everything was imported: see above.")

    def _take(self, importer: Importer, files: list[str]) -> None:
        size = sum(Path(name).stat().st_size for name in files if name != STDIN)
        silent = not self.stderr.isatty()
        with tqdm(total=size or None, unit="B", unit_scale=True, disable=silent) as bar:
            for name in files:
                for item in _responses(name, bar):
                    importer.take(name, item)
                    bar.set_postfix_str(
                        f"{importer.tally.entries.total():,} entries", refresh=False
                    )
            importer.finish()

    def _report(self, place: str, reason: str) -> None:
        with tqdm.external_write_mode(file=sys.stderr):
            self.stderr.write(f"{place}: {reason}")


def _unreadable(name: str) -> str | None:
    """Say why the file cannot be read, or return None. A pipe is not opened: it opens once."""
    if name == STDIN:
        return None
    try:
        path = Path(name)
        path.stat()
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    if path.is_dir():
        return "Is a directory"
    return None if os.access(path, os.R_OK) else "Permission denied"


def _responses(name: str, bar: "tqdm[NoReturn]") -> Iterator[Found | Broken]:
    begun = bar.n
    try:
        with _open(name) as stream:
            for item in read(stream):
                yield item
                if stream.seekable():
                    bar.update(begun + stream.tell() - bar.n)
    except OSError as error:
        yield Broken("", f"cannot be read: {error.strerror}")


def _open(name: str) -> AbstractContextManager[BufferedReader]:
    if name == STDIN:
        return nullcontext(cast("BufferedReader", sys.stdin.buffer))
    return Path(name).open("rb")
