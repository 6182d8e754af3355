"""Mails as programs keep them: mbox files, Maildirs, .eml files, and folders of any of these.

A mail at a time: memory is bounded by the largest one, and by the names in one folder.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeAlias

from timeline.importing.reading import Broken

AnyMail: TypeAlias = "Message[str, str]"

# Bytes. Mail services take 25 to 150 MB; what is larger is not one mail.
MAIL_LIMIT = 200_000_000

# How a mail begins in an mbox: a line of its sender and its time, after a blank one. Sentences
# begin with From too, which some programs do not mark: they hold no time and year.
_FROM_LINE = re.compile(rb"From .*\b\d{1,2}:\d\d(?::\d\d)?\b.*\b\d{4}\b")
# What programs put before a line of the mail's own that begins like that; RFC 4155, "mboxrd".
_MARKED = re.compile(rb">+From ")
# What mail programs keep beside mails.
_NOT_MAILS = re.compile(
    r"\..*|dovecot.*|.*\.(?:msf|idx|index|lock|db|dat)|maildirfolder|subscriptions"
)


# Reading the parameters of a type takes the square of their length.
_TYPE_HEADER = re.compile(rb"(?im)^content-type:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*")
_TYPE_LIMIT = 20_000  # bytes


class Found(NamedTuple):
    """A mail's source. `received_at` is of the file, or of the line that begins it in an mbox."""

    path: Path
    place: str
    content: bytes
    received_at: datetime


Item: TypeAlias = "Found | Unread"


class Unread(NamedTuple):
    """A file, or a mail in it, that could not be read."""

    path: Path
    broken: Broken


def files_in(path: Path) -> Iterator[Path]:
    """Yield the files that may hold mails: the file itself, or those in the folder, in order.

    In a Maildir, new mails and seen ones, not those that are still being written. Links to other
    folders are not followed.
    """
    if not path.is_dir():
        yield path
        return
    is_maildir = (path / "cur").is_dir() and (path / "new").is_dir()
    for child in sorted(path.iterdir()):
        if is_maildir and child.name == "tmp":
            continue
        # Folders of a Maildir have names that begin with a dot; files of that kind are no mails.
        is_folder = child.is_dir() and not child.is_symlink()
        if is_folder or (child.is_file() and not _NOT_MAILS.fullmatch(child.name)):
            yield from files_in(child)


def mails_in(path: Path) -> Iterator[Item]:
    """Yield the mails in the file: all of an mbox, else the one that it is."""
    try:
        with path.open("rb") as file:
            start = file.read(5)
            file.seek(0)
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if start == b"From ":
                yield from _mbox(path, file, at)
            else:
                yield _one(path, file, at)
    except OSError as error:
        yield Unread(path, Broken("", f"cannot be read: {error.strerror or error}"))


def parsed(content: bytes) -> AnyMail:
    """Return the mail. Of one that is nested too deeply, the headers, and the rest as its text."""
    content = _TYPE_HEADER.sub(lambda header: header[0][:_TYPE_LIMIT], content)
    try:
        return message_from_bytes(content, policy=policy.compat32)
    except RecursionError:
        return BytesHeaderParser(policy=policy.compat32).parsebytes(content)


def _one(path: Path, file: BinaryIO, at: datetime) -> Item:
    content = file.read(MAIL_LIMIT + 1)
    if len(content) > MAIL_LIMIT:
        return Unread(path, Broken("", _TOO_LARGE))
    return Found(path, "", content, at)


_TOO_LARGE = f"is larger than {MAIL_LIMIT:,} bytes"


def _mbox(path: Path, file: BinaryIO, at: datetime) -> Iterator[Item]:
    for number, (from_line, lines) in enumerate(_split(file), 1):
        place = f"mail {number:,}"
        if lines is None:
            yield Unread(path, Broken(place, _TOO_LARGE))
        else:
            content = b"".join(_unmarked(lines))
            yield Found(path, place, content, _time_of(from_line) or at)


def _split(file: BinaryIO) -> Iterator[tuple[bytes, list[bytes] | None]]:
    """Yield the mails' first lines with the lines that follow; None for one that is too large."""
    from_line, lines, size = file.readline(), list[bytes](), 0
    is_after_blank = False
    for line in file:
        if is_after_blank and line.startswith(b"From ") and _FROM_LINE.match(line):
            yield from_line, lines if size <= MAIL_LIMIT else None
            from_line, lines, size = line, [], 0
        else:
            size += len(line)
            if size <= MAIL_LIMIT:
                lines.append(line)
            else:
                lines.clear()
        is_after_blank = not line.strip(b"\r\n")
    yield from_line, lines if size <= MAIL_LIMIT else None


def _unmarked(lines: Iterable[bytes]) -> Iterator[bytes]:
    return (line[1:] if _MARKED.match(line) else line for line in lines)


def _time_of(from_line: bytes) -> datetime | None:
    """Return the time in an mbox's line, which has no zone as a rule, and is then in UTC."""
    _, _, text = from_line.decode("ascii", "replace").strip().removeprefix("From ").partition(" ")
    try:
        at = parsedate_to_datetime(text)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
