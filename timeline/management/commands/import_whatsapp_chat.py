"""`manage.py import_whatsapp_chat`: chats that the WhatsApp app exported, into an account."""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import CommandError
from tqdm import tqdm

from leads import matching
from leads.access import leads_of
from leads.management.arguments import account_named
from leads.management.base import PlainCommand
from leads.matching import Person
from leads.models import Account
from timeline.importing.whatsapp_chat.dates import DateOrder
from timeline.importing.whatsapp_chat.importer import ChatImporter, Reading

INTERRUPTED = 130  # as shells have it: 128 + SIGINT


class Command(PlainCommand):
    """Import exported chats."""

    help = "Import what the WhatsApp app's Export chat makes: texts, or zips with their media."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the account, the lead, who is who, how the phone writes dates, and the files."""
        parser.add_argument("--account", required=True, metavar="NAME", help="whose the chats are")
        lead = parser.add_mutually_exclusive_group()
        lead.add_argument("--lead", metavar="ID", help="whose history it becomes")
        lead.add_argument("--phone", metavar="NUMBER", help="of the lead")
        lead.add_argument("--email", metavar="ADDRESS", help="of the lead")
        parser.add_argument(
            "--me",
            required=True,
            action="append",
            metavar="NAME",
            help="what one of us is called in the chat; as often as there are some",
        )
        parser.add_argument(
            "--them",
            action="append",
            default=[],
            metavar="NAME",
            help="what the lead is called in the chat, for names with a colon and a blank",
        )
        parser.add_argument("--group", action="store_true", help="the chat is a group's")
        parser.add_argument("--timezone", metavar="ZONE", help="the phone's, like America/Santiago")
        parser.add_argument(
            "--date-order", choices=list(DateOrder), type=DateOrder, help="if the file is unclear"
        )
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help=".txt or .zip")

    def handle(self, *_args: object, **options: Any) -> None:
        """Import; what is wrong is told on stderr and by the exit code."""
        files: list[Path] = options["files"]
        account = account_named(options["account"])
        reading = Reading(
            ours=options["me"],
            zone=_zone(options["timezone"]),
            order=options["date_order"],
            lead_id=_lead(account, options),
            is_group=options["group"],
            others=options["them"],
        )
        if reading.is_group and reading.lead_id is None:
            raise CommandError("A group's chat needs --lead, --phone or --email.")
        self._check(files)
        self._import(account, reading, files)

    def _check(self, files: list[Path]) -> None:
        """Find what cannot be read before anything is recorded."""
        problems = [(file, reason) for file in files if (reason := _unreadable(file))]
        for file, reason in problems:
            self._report(str(file), reason)
        if problems:
            raise CommandError("Nothing was imported.")

    def _import(self, account: Account, reading: Reading, files: list[Path]) -> None:
        with tqdm(unit=" entries", disable=not self.stderr.isatty()) as bar:
            importer = ChatImporter(account, reading, self._report, bar.update)
            try:
                for file in files:
                    importer.take(file)
            except KeyboardInterrupt:
                message = (
                    "Interrupted. What is counted landed, and the same command goes on from there."
                )
                raise CommandError(message, returncode=INTERRUPTED) from None
            finally:
                bar.close()
                self.stdout.write(f"Imported {importer.tally}")
        if importer.tally.refused or importer.tally.conflicting:
            raise CommandError("Not everything was imported: see above.")

    def _report(self, place: str, reason: str) -> None:
        with tqdm.external_write_mode(file=sys.stderr):
            self.stderr.write(f"{place}: {reason}")


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or settings.TIME_ZONE)
    except (ValueError, OSError, KeyError):
        raise CommandError(f"There is no time zone {name!r}; one is America/Santiago.") from None


def _lead(account: Account, options: dict[str, Any]) -> UUID | None:
    """Return the lead that the arguments name, None if they name none."""
    if options["lead"]:
        try:
            lead_id = UUID(options["lead"])
        except ValueError:
            raise CommandError(f"--lead must be a UUID, not {options['lead']!r}.") from None
        if not leads_of(account.pk).filter(pk=lead_id).exists():
            raise CommandError(f"{account} has no lead {lead_id}.")
        return lead_id
    phone, email = options["phone"] or "", options["email"] or ""
    if not phone and not email:
        return None
    match = matching.find(account, Person(phone=phone, email=email))
    if match is None:
        raise CommandError(f"{account} has no lead with {phone or email}.")
    return match.lead_id


def _unreadable(file: Path) -> str | None:
    try:
        file.stat()
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    if file.is_dir():
        return "Is a directory"
    return None if os.access(file, os.R_OK) else "Permission denied"
