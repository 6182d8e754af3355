"""What is in a mail: its words, its HTML, and the files that came with it.

Pure: no ORM. No part is left out: what is not words is a file, whatever it claims to be.
"""

import re
from collections.abc import Iterator
from email import policy
from email.message import Message
from typing import NamedTuple

from timeline.mail_headers import (
    HEADER_LIMIT,
    AnyMail,
    decoded,
    header_of,
    text_of_bytes,
    text_of_raw,
)
from timeline.reports import File

# Parts looked at and files kept of a mail: one of more is a bomb. Folders within folders count.
PARTS_LIMIT = 2_000
FILES_LIMIT = 500

_ENDINGS = {"message/rfc822": ".eml", "text/calendar": ".ics", "text/vcard": ".vcf"}
# Parts that were to be several and are not, as their boundary is wrong, are read as one text.
_WORDS = {"text/plain": "text", "text/html": "html"}


class Contents(NamedTuple):
    """What is in a mail; `flaws` say in words what could not be taken from it."""

    text: str
    html: str
    files: list[File]
    flaws: list[str]


def contents_of(mail: AnyMail) -> Contents:
    """Return what is in the mail. Several texts of one kind are one, with a line between."""
    texts: dict[str, list[str]] = {"text": [], "html": []}
    files: list[File] = []
    leaves = list(_leaves(mail))
    for part in leaves[:PARTS_LIMIT]:
        is_broken = part.get_content_maintype() == "multipart"
        kind = "text" if is_broken else _WORDS.get(part.get_content_type())
        if kind and not _is_file(part):
            texts[kind].append(_text(part))
        else:
            files.append(_file(part, len(files) + 1))
    flaws = []
    if len(leaves) > PARTS_LIMIT:
        flaws.append(f"has more than {PARTS_LIMIT:,} parts; the rest is left out")
    if len(files) > FILES_LIMIT:
        flaws.append(f"has {len(files):,} files; {FILES_LIMIT:,} are kept")
    text, html = ("\n\n".join(filter(None, texts[kind])) for kind in ("text", "html"))
    return Contents(text.strip(), html.strip(), files[:FILES_LIMIT], flaws)


def _leaves(mail: AnyMail) -> Iterator[AnyMail]:
    """Yield the parts that hold something, in order, without recursion: at most one too many."""
    stack: list[AnyMail] = [mail]
    found = 0
    while stack and found <= PARTS_LIMIT:
        part = stack.pop()
        _make_readable(part)
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            stack += reversed(_inner(part))
        else:
            found += 1
            yield part


def _make_readable(part: AnyMail) -> None:
    """Have the part's headers read as they come, and in a time that does not grow with them."""
    # The newer policy parses headers, and gives up on some.
    part.policy = policy.compat32
    for name in ("Content-Type", "Content-Disposition"):
        if len(value := str(part.get(name, ""))) > HEADER_LIMIT:
            part.replace_header(name, value[:HEADER_LIMIT])


def _inner(part: AnyMail) -> list[AnyMail]:
    """Return the parts within the part."""
    payload = part.get_payload() if part.is_multipart() else []
    return [each for each in payload if isinstance(each, Message)]


def _is_file(part: AnyMail) -> bool:
    disposition = header_of(part, "Content-Disposition").partition(";")[0].strip().lower()
    return disposition == "attachment" or bool(_name(part))


def _text(part: AnyMail) -> str:
    content = text_of_bytes(_bytes(part), _charset(part))
    return re.sub(r"\r\n?", "\n", content).strip("\n")


def _charset(part: AnyMail) -> str:
    try:
        return str(part.get_content_charset("") or "")
    except (ValueError, TypeError, LookupError, AttributeError):
        return ""


def _file(part: AnyMail, number: int) -> File:
    content_type = part.get_content_type()
    name = _name(part) or _name_by_type(part, content_type, number)
    return File(name, content_type, _bytes(part))


def _name(part: AnyMail) -> str:
    """Return the file's name as the sender gave it, in either of two headers and encodings."""
    try:
        name = part.get_filename("")
    except (ValueError, TypeError, LookupError, AttributeError, IndexError):
        return ""
    return decoded(str(name or ""))


def _name_by_type(part: AnyMail, content_type: str, number: int) -> str:
    ending = _ENDINGS.get(content_type, "")
    inner = _inner(part)
    if content_type == "message/rfc822" and inner:
        return f"{header_of(inner[0], 'Subject')[:100] or 'mail'}{ending}"
    return f"part-{number}{ending}"


def _bytes(part: AnyMail) -> bytes:
    """Return what the part holds, decoded; of a mail in a mail, or what is not one, its source."""
    if part.is_multipart():
        return b"\n".join(map(_source, _inner(part)))
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError, AttributeError):
        return _source(part)
    return content if isinstance(content, bytes) else b""


def _source(mail: AnyMail) -> bytes:
    """Return the source of a mail that came in another, or of what was taken for one."""
    try:
        return mail.as_bytes(policy=policy.compat32)
    except (ValueError, LookupError, TypeError, AttributeError, IndexError, RecursionError):
        headers = "".join(f"{name}: {value}\n" for name, value in mail.raw_items())
        return text_of_raw(headers).encode(errors="replace")
