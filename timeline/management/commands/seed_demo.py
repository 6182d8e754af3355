"""`manage.py seed_demo`: histories that read like life, in the database or in a file."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid5

import orjson
from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from leads.access import LeadCard
from timeline import entries
from timeline.api.documented import entries_json, lead_json
from timeline.demo import DemoLead, demo_leads, endless_leads, seeding, sign_ins
from timeline.entries import ActivityDraft, AnyDraft, CallDraft, Entry, MessageDraft
from timeline.history import MAX_LIMIT


class Command(BaseCommand):
    """Load the demo, or write its histories as the public API would answer them."""

    help = "Load two demo accounts with leads and histories; again changes nothing."
    # An export needs no database, and what is checked elsewhere would ask for one.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take which demo, and whether it goes to a file instead."""
        parser.add_argument("--seed", type=int, default=1, help="another number, another demo")
        parser.add_argument(
            "--export",
            metavar="FILE",
            help="write histories to FILE (- for the terminal), one documented response a line",
        )
        parser.add_argument(
            "--entries",
            type=_at_least_one,
            help="with --export: so many entries, neither more nor less",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Do one or the other."""
        if options["export"]:
            self._export(options["export"], options["seed"], options["entries"])
        elif options["entries"]:
            raise CommandError("--entries goes with --export")
        else:
            self._load(options["seed"])

    def _load(self, number: int) -> None:
        counts = seeding.seed(number)
        path = settings.VAR_DIR / "demo.json"
        made = sign_ins.ensure(path)
        self.stdout.write(
            f"Demo: {counts['leads']} leads, {counts['entries']} entries ({counts['new']} of both"
            f" new, {counts['refused']} refused); sign-ins {'new' if made else 'as before'}: {path}"
        )

    def _export(self, file: str, number: int, count: int | None) -> None:
        now = timezone.now()
        leads = endless_leads(number, now) if count else demo_leads(number, now)
        try:
            with nullcontext(sys.stdout.buffer) if file == "-" else Path(file).open("wb") as stream:
                written = _write_responses(stream, leads, count)
        except BrokenPipeError:
            # Whoever read has enough (`| head`).
            return
        except OSError as error:
            raise CommandError(f"Cannot write {file}: {error}") from error
        self.stderr.write(f"Exported {written} entries")


def _at_least_one(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError("must be a whole number above 0")
    return int(text)


def _write_responses(stream: IO[bytes], leads: Iterable[DemoLead], count: int | None) -> int:
    """Write the leads' histories until `count` entries are out (None: all); return how many are."""
    written = 0
    for lead in leads:
        left = None if count is None else count - written
        if left == 0:
            break
        for line in _responses(lead, lead.drafts[:left]):
            stream.write(orjson.dumps(line, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE))
        written += len(lead.drafts[:left])
    stream.flush()
    return written


def _responses(lead: DemoLead, drafts: Sequence[AnyDraft]) -> Iterator[dict[str, Any]]:
    """Yield one lead's history as the documented endpoint gives it, a page at a time."""
    for offset in range(0, len(drafts) or 1, MAX_LIMIT):
        page = islice(drafts, offset, offset + MAX_LIMIT)
        yield {
            "success": True,
            "lead": lead_json(_card(lead)),
            "history": entries_json(map(_entry, page)),
            "pagination": {
                "limit": MAX_LIMIT,
                "offset": offset,
                "has_more": offset + MAX_LIMIT < len(drafts),
            },
        }


def _card(lead: DemoLead) -> LeadCard:
    """Return the lead under an id of its own: the file can be imported beside the demo."""
    return LeadCard(
        uuid5(lead.id, "export"),
        lead.first_name,
        lead.last_name,
        lead.phone,
        lead.email,
        lead.source,
        lead.created_at,
        version="",
    )


def _entry(draft: AnyDraft) -> Entry:
    """Return the draft as it would be read; the id is not of the documented shape."""
    return _READ[type(draft)](draft)


def _reader(kind: Any, **fixed: Any) -> Callable[[Any], Entry]:
    names = [name for name in kind._fields if name != "id" and name not in fixed]
    return lambda draft: kind(id=UUID(int=0), **fixed, **{n: getattr(draft, n) for n in names})


_READ: dict[type[AnyDraft], Callable[[Any], Entry]] = {
    MessageDraft: _reader(entries.Message),
    CallDraft: _reader(entries.Call, channel=entries.Channel.CALL),
    ActivityDraft: _reader(entries.Activity),
}
