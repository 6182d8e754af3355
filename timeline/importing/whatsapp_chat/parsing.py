"""The text of an exported chat, as who said what when: pure, and the same on every run.

An iPhone writes ``[26/11/2026, 14:03:22] Ana: Hello``, an Android phone ``26/11/2026, 14:03 - Ana:
Hello``, older ones in Korea ``2026년 11월 26일 오후 2:03, Ana : Hello``. What follows on further
lines belongs to it. All heads of a file are written alike, so a line is one only if it is written
as most are: words that somebody pasted from another chat are not taken for heads.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from unicodedata import normalize
from zoneinfo import ZoneInfo

from timeline.importing.whatsapp_chat.clock import MARKS, Moment, read_moment, without_marks
from timeline.importing.whatsapp_chat.dates import (
    DateOrder,
    UnclearDatesError,
    check_order,
    order_of,
    time_of,
)
from timeline.importing.whatsapp_chat.words import MARK, Kind, Said, read_event, read_said

_BRACKETED = re.compile(rf"[{MARKS}]*\[(?P<when>[^\[\]\n]{{8,60}})\] ?(?P<rest>[^\n]*)")
_DASHED = re.compile(rf"[{MARKS}]*(?P<when>\d[^\n]{{7,60}}?) [-–—] ?(?P<rest>[^\n]*)")
_KOREAN = re.compile(rf"[{MARKS}]*(?P<when>\d{{4}}년 [^\n]{{7,40}}?:\d\d), (?P<rest>[^\n]*)")
_FORMS = {"[": _BRACKETED, "-": _DASHED, ",": _KOREAN}

_COLON = re.compile(r" ?[:：](?: |$)")
# Longer is no name: WhatsApp allows 25 characters, an address book some more.
_NAME_LIMIT = 120


class ChatError(ValueError):
    """The text is no chat that can be read; `line` is the one that shows it, None for the whole."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class Item(NamedTuple):
    """One thing of a chat. `at` is in UTC, to the second if `has_seconds`; `sender` is as shown, ""
    for what nobody said; `said.text` is all of its lines.
    """

    line: int
    at: datetime
    sender: str
    said: Said


class Chat(NamedTuple):
    """What a file says, in its order; `has_seconds` tells whether its times do."""

    items: list[Item]
    has_seconds: bool
    lines_before: int


@dataclass(slots=True)
class _Head:
    """A message as it stands: its first line without the time, then what follows on others."""

    line: int
    moment: Moment
    form: str
    rest: str
    more: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join([self.rest, *self.more])


def read_chat(
    text: str,
    zone: ZoneInfo,
    *,
    now: datetime,
    order: DateOrder | None = None,
    names: Collection[str] = (),
    files: Collection[str] = (),
) -> Chat:
    """Return what the text of an export says; raise ChatError if it is none.

    `names` are of people in it, needed for those that have a colon and a blank; `files` are the
    names of the files that came with it. No date is later than `now`, but for a wrong clock.
    """
    heads, lines_before = _heads(text)
    if not heads:
        raise ChatError("is no exported chat: no line begins with a date, a time and a name")
    order = _order(heads, order, now)
    senders = _senders(heads, {plain_name(name) for name in names})
    items = [
        Item(head.line, time_of(head.moment, order, zone), sender, said)
        for head, (sender, said) in zip(heads, _said(heads, senders, set(files)), strict=True)
    ]
    return Chat(items, heads[0].moment.second is not None, lines_before)


def plain_name(name: str) -> str:
    """Return the name as it is compared: without marks, the tilde of a name not saved, and case."""
    return " ".join(normalize("NFC", without_marks(name)).lstrip("~").split()).casefold()


# --- Heads --------------------------------------------------------------------------------------


def _heads(text: str) -> tuple[list[_Head], int]:
    """Return the messages, and how many lines that are no blank ones stand before the first."""
    lines = text.replace("\r\n", "\n").split("\n")
    found = {number: head for number, line in enumerate(lines, 1) if (head := _head(number, line))}
    shapes = Counter((head.form, head.moment.shape) for head in found.values())
    if not shapes:
        return [], 0
    shape = shapes.most_common(1)[0][0]
    heads: list[_Head] = []
    lines_before = 0
    for number, line in enumerate(lines, 1):
        head = found.get(number)
        if head and (head.form, head.moment.shape) == shape:
            heads.append(head)
        elif heads:
            heads[-1].more.append(line)
        else:
            lines_before += bool(line.strip())
    return heads, lines_before


def _head(number: int, line: str) -> _Head | None:
    begin = line[:12].lstrip(MARKS)[:1]
    if begin != "[" and not begin.isdecimal():
        return None
    for form, pattern in _FORMS.items():
        found = pattern.match(line)
        moment = read_moment(found["when"]) if found else None
        if found and moment:
            return _Head(number, moment, form, found["rest"])
    return None


def _order(heads: Sequence[_Head], order: DateOrder | None, now: datetime) -> DateOrder:
    moments = [head.moment for head in heads]
    try:
        if order is None:
            return order_of(moments, now)
        check_order(moments, order, now)
    except UnclearDatesError as error:
        raise ChatError(error.reason, heads[error.index].line) from None
    return order


# --- Who said what ------------------------------------------------------------------------------


def _senders(heads: Sequence[_Head], names: Collection[str]) -> list[tuple[str, str]]:
    """Return of each message its sender, "" for nobody, and the rest of its first line."""
    parts = [_split(head.rest, names) for head in heads]
    counts = Counter(plain_name(sender) for sender, _ in parts)
    return [
        part if _is_sender(head, part[0], counts) else ("", head.rest)
        for head, part in zip(heads, parts, strict=True)
    ]


def _split(rest: str, names: Collection[str]) -> tuple[str, str]:
    ends = list(_COLON.finditer(rest, 0, _NAME_LIMIT))
    for end in reversed(ends):
        if plain_name(rest[: end.start()]) in names:
            return _parted(rest, end)
    return _parted(rest, ends[0]) if ends else ("", rest)


def _parted(rest: str, colon: "re.Match[str]") -> tuple[str, str]:
    return without_marks(rest[: colon.start()]).strip(), rest[colon.end() :]


def _is_sender(head: _Head, sender: str, counts: Counter[str]) -> bool:
    """Tell a name from the beginning of what the app says, which may have a colon as well."""
    is_once = counts[plain_name(sender)] == 1
    if not sender or (is_once and head.rest.endswith(":")):
        return False
    return not (is_once and read_event(sender).kind is Kind.NOTICE)


def _said(
    heads: Sequence[_Head], senders: Sequence[tuple[str, str]], files: Collection[str]
) -> Iterator[tuple[str, Said]]:
    people = _people(heads, senders, files)
    for index, (head, (sender, first)) in enumerate(zip(heads, senders, strict=True)):
        text = "\n".join([first, *head.more])
        if not sender:
            yield "", read_event(text)
            continue
        said = read_said(text, files)
        if said.kind is Kind.EVENT:
            # Only iPhones put a name before what the app says. The first that they say is that the
            # chat is encrypted, in whatever language.
            is_apps = head.form == "[" and plain_name(sender) not in people
            is_first = head.form == "[" and index == 0
            kind = Kind.NOTICE if is_first else Kind.EVENT if is_apps else Kind.TEXT
            said = said._replace(kind=kind)
        yield sender, said


def _people(
    heads: Sequence[_Head], senders: Sequence[tuple[str, str]], files: Collection[str]
) -> set[str]:
    """Return who said something of their own; a group's name stands before the app's words."""
    return {
        plain_name(sender)
        for head, (sender, first) in zip(heads, senders, strict=True)
        if sender
        and (not first.startswith(MARK) or _is_media("\n".join([first, *head.more]), files))
    }


def _is_media(text: str, files: Collection[str]) -> bool:
    return read_said(text, files).kind is Kind.MEDIA
