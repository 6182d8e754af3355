"""`manage.py import_mail`: mailboxes, into an account."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from tqdm import tqdm

from leads.management.arguments import account_named
from leads.management.base import PlainCommand
from timeline.importing.mailboxes import files_in, mails_in
from timeline.mail_import import MailImporter

INTERRUPTED = 130  # as shells have it: 128 + SIGINT


class Command(PlainCommand):
    """Import mailboxes."""

    help = "Import mails of leads: mbox files, Maildirs, .eml files, and folders of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the account, whose mails are ours, and the mailboxes."""
        parser.add_argument(
            "--account", required=True, metavar="NAME", help="whose the mails become"
        )
        parser.add_argument(
            "--own",
            action="append",
            default=[],
            metavar="ADDRESS",
            help="an address or a domain of ours, besides those of the account's people;"
            " as often as there are some",
        )
        parser.add_argument(
            "--create-leads",
            action="store_true",
            help="make leads of those who are none; without it, their mails are left out",
        )
        parser.add_argument("paths", nargs="+", metavar="PATH", help="a file or a folder")

    def handle(self, *_args: object, **options: Any) -> None:
        """Import; what is wrong is told on stderr and by the exit code."""
        paths = [Path(name) for name in options["paths"]]
        account = account_named(options["account"])
        self._check(paths)
        importer = MailImporter(
            account, options["own"], self._report, creates_leads=options["create_leads"]
        )
        self._import(importer, paths)

    def _check(self, paths: list[Path]) -> None:
        """Find what cannot be read before anything is recorded."""
        problems = [(path, reason) for path in paths if (reason := _unreadable(path))]
        for path, reason in problems:
            self._report(str(path), reason)
        if problems:
            raise CommandError("Nothing was imported.")

    def _import(self, importer: MailImporter, paths: list[Path]) -> None:
        try:
            self._take(importer, paths)
        except KeyboardInterrupt:
            message = (
                "Interrupted. What is counted landed, and the same command goes on from there."
            )
            raise CommandError(message, returncode=INTERRUPTED) from None
        finally:
            self.stdout.write(f"Imported {importer.tally}")
        if importer.tally.refused:
            raise CommandError("Not everything was imported: see above.")

    def _take(self, importer: MailImporter, paths: list[Path]) -> None:
        size = sum(path.stat().st_size for path in _files(paths))
        silent = not self.stderr.isatty()
        with tqdm(total=size, unit="B", unit_scale=True, disable=silent) as bar:
            for path in _files(paths):
                for item in mails_in(path):
                    importer.take(item)
                    bar.update(len(getattr(item, "content", b"")))
                    bar.set_postfix_str(f"{importer.tally.total:,} mails", refresh=False)

    def _report(self, place: str, reason: str) -> None:
        with tqdm.external_write_mode(file=sys.stderr):
            self.stderr.write(f"{place}: {reason}")


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        try:
            yield from files_in(path)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from None


def _unreadable(path: Path) -> str | None:
    try:
        if not (path.is_dir() or path.is_file()):
            path.stat()
            return "Is neither a file nor a folder"
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    needed = os.R_OK | os.X_OK if path.is_dir() else os.R_OK
    return None if os.access(path, needed) else "Permission denied"
