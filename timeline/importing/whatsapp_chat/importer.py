"""Chats recorded, a batch at a time, with everything bad named."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from leads import matching
from leads.matching import Person
from leads.models import Account
from leads.phones import to_e164
from timeline.entries import MessageDraft, MessageType
from timeline.files import keep
from timeline.importing.whatsapp_chat.dates import DateOrder
from timeline.importing.whatsapp_chat.drafts import Chatting, Said, drafts_of
from timeline.importing.whatsapp_chat.parsing import Chat, ChatError, Item, plain_name, read_chat
from timeline.importing.whatsapp_chat.reading import Export, FileRefusedError, decoded, opened
from timeline.importing.whatsapp_chat.words import Kind
from timeline.recording import EntryConflict, Outcome, Result, record_all
from timeline.retelling import retell

# Entries that are recorded in one transaction.
BATCH = 1_000

# What may differ from what is recorded without being another entry: the place within the minute,
# when an export begins in the midst of it, and the lead, when somebody moved the entry. Of media
# also what an export without them does not tell.
_MAY_DIFFER = frozenset({"occurred_at", "lead_id"})
_OF_MEDIA = frozenset({"content", "attachments", "message_type"})


class Reading(NamedTuple):
    """How chats are read: our names in them, the phone's zone, the order of dates if it is known.

    `lead_id` is whose they are; None for the lead who the other side's phone number says.
    """

    ours: Sequence[str]
    zone: ZoneInfo
    order: DateOrder | None = None
    lead_id: UUID | None = None
    is_group: bool = False
    others: Sequence[str] = ()


@dataclass
class Tally:
    """What landed, and what did not; only what is committed counts."""

    chats: int = 0
    entries: Counter[Outcome] = field(default_factory=Counter)
    files: int = 0
    missing_files: int = 0
    notices: int = 0
    conflicting: int = 0
    refused: int = 0

    def __str__(self) -> str:
        new = self.entries[Outcome.CREATED]
        return (
            f"{self.chats:,} chat{'' if self.chats == 1 else 's'},"
            f" {new:,} new entr{'y' if new == 1 else 'ies'}"
            f" ({self.entries[Outcome.ADVANCED]:,} completed,"
            f" {self.entries[Outcome.UNCHANGED]:,} unchanged,"
            f" {self.conflicting:,} conflicting),"
            f" {self.files:,} file{'' if self.files == 1 else 's'}"
            f" ({self.missing_files:,} not in the export),"
            f" {self.notices:,} notice{'' if self.notices == 1 else 's'} of the app left out,"
            f" {self.refused:,} refused"
        )


class ChatImporter:
    """Records exported chats into the account.

    `report` is told of each bad thing where it is and what is wrong with it; `advance` how many
    entries have been dealt with; `tally` counts.
    """

    def __init__(
        self,
        account: Account,
        reading: Reading,
        report: Callable[[str, str], None],
        advance: Callable[[int], object] = lambda _count: None,
    ) -> None:
        self.tally = Tally()
        self._account = account
        self._reading = reading
        self._report = report
        self._advance = advance

    def take(self, path: Path) -> None:
        """Record the chat that the file has; what is wrong with all of it keeps all of it out."""
        try:
            with opened(path) as export:
                self._take(str(path), export)
        except ChatError as error:
            place = f"{path}:{error.line}" if error.line else str(path)
            self._refuse(place, error.reason)
        except OSError as error:
            self._refuse(str(path), f"cannot be read: {error.strerror or error}")

    def _take(self, place: str, export: Export) -> None:
        text, bad_lines = decoded(export.text())
        chat = self._read(text, export)
        chatting = _chatting(self._account, self._reading, chat)
        self._warn(place, chat, bad_lines)
        said = drafts_of(chat.items, chatting)
        while batch := list(islice(said, BATCH)):
            self._record(place, export, batch)
        self.tally.chats += 1
        self.tally.notices += sum(item.said.kind is Kind.NOTICE for item in chat.items)

    def _read(self, text: str, export: Export) -> Chat:
        names = [*self._reading.ours, *self._reading.others]
        return read_chat(
            text,
            self._reading.zone,
            now=timezone.now(),
            order=self._reading.order,
            names=names,
            files=export.names,
        )

    def _warn(self, place: str, chat: Chat, bad_lines: Sequence[int]) -> None:
        for line in bad_lines[:10]:
            self._report(f"{place}:{line}", "has bytes that are no text; � stands for them")
        if len(bad_lines) > 10:
            self._report(place, f"{len(bad_lines) - 10:,} more lines have bytes that are no text")
        if chat.lines_before:
            lines = "line" if chat.lines_before == 1 else "lines"
            self._report(place, f"{chat.lines_before:,} {lines} before the first message left out")

    def _record(self, place: str, export: Export, batch: Sequence[Said]) -> None:
        batch = [self._with_file(place, export, said) for said in batch]
        results = record_all(self._account.pk, [said.draft for said in batch])
        for said, result in zip(batch, results, strict=True):
            self._count(f"{place}:{said.line}", said, result)
        self._advance(len(batch))

    def _with_file(self, place: str, export: Export, said: Said) -> Said:
        """Keep the message's file and return the message with it, if the export has it."""
        if not said.file or not isinstance(said.draft, MessageDraft):
            return said
        if said.file not in export.names:
            self.tally.missing_files += 1
            return said
        try:
            kept = keep(self._account.pk, export.file(said.file))
        except FileRefusedError as error:
            self._refuse(f"{place}:{said.line}", str(error))
            return said
        self.tally.files += 1
        content = said.draft.content.replace(said.file, "", 1).strip("\n")
        return said._replace(draft=replace(said.draft, content=content, attachments=[dict(kept)]))

    def _count(self, place: str, said: Said, result: Result) -> None:
        if isinstance(result, EntryConflict):
            result = self._settled(said, result)
        if isinstance(result, Outcome):
            self.tally.entries[result] += 1
        elif isinstance(result, EntryConflict):
            self.tally.conflicting += 1
            differing = ", ".join(result.differing)
            self._report(place, f"is recorded already, with another {differing}")
        else:
            self._refuse(place, f"{result.field} {result.reason}")

    def _settled(self, said: Said, conflict: EntryConflict) -> Outcome | EntryConflict:
        """Return what becomes of an entry that is known as another export told it."""
        draft, differing = said.draft, set(conflict.differing)
        is_media = isinstance(draft, MessageDraft) and draft.message_type == MessageType.MEDIA
        if not differing <= _MAY_DIFFER | (_OF_MEDIA if is_media else set()):
            return conflict
        if isinstance(draft, MessageDraft) and draft.attachments and "attachments" in differing:
            return retell(self._account.pk, draft, _OF_MEDIA)
        return Outcome.UNCHANGED

    def _refuse(self, place: str, reason: str) -> None:
        self.tally.refused += 1
        self._report(place, reason)


# --- Who is who ---------------------------------------------------------------------------------


def _chatting(account: Account, reading: Reading, chat: Chat) -> Chatting:
    """Return who is who in the chat; raise ChatError if that is not clear."""
    ours = frozenset(plain_name(name) for name in reading.ours)
    people = _people(chat.items)
    others = {plain: name for plain, name in people.items() if plain not in ours}
    listed = ", ".join(repr(name) for name in people.values()) or "nobody"
    if len(others) == len(people) and not (len(others) == 1 and reading.lead_id):
        wanted = ", ".join(repr(name) for name in reading.ours)
        raise ChatError(f"nobody in it is called {wanted}; who writes: {listed}")
    if len(others) > 1 and not reading.is_group:
        names = ", ".join(map(repr, others.values()))
        raise ChatError(
            f"{len(others)} people write in it besides you: {names}."
            " If one is you, add --me; if it is a group's chat, say --group and --lead"
        )
    lead_id = reading.lead_id or _lead_by_name(account, others.values())
    return Chatting(lead_id, ours, reading.is_group)


def _people(items: Iterable[Item]) -> dict[str, str]:
    """Return who wrote something, by plain name, in the order in which they first did."""
    people: dict[str, str] = {}
    for item in items:
        if item.said.kind in {Kind.TEXT, Kind.MEDIA}:
            people.setdefault(plain_name(item.sender), item.sender)
    return people


def _lead_by_name(account: Account, others: Iterable[str]) -> UUID:
    """Return the lead whose phone number the other side is called by."""
    for name in others:
        phone = to_e164(name, account.region)
        match = matching.find(account, Person(phone=phone)) if phone else None
        if match:
            return match.lead_id
        if phone:
            raise ChatError(f"no lead has the phone number {name}: say --lead, --phone or --email")
    raise ChatError("does not say which lead it is with: say --lead, --phone or --email")
