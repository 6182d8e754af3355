"""The headers of mails as they come: encoded, broken, forged, endless; read all the same.

Pure: no ORM. Headers are read raw, since the standard library's parsers of structured headers give
up on what is malformed, and take the square of a header's length on what is long.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from typing import NamedTuple, TypeAlias

AnyMail: TypeAlias = "Message[str, str]"

# Characters of a header that are read.
HEADER_LIMIT = 20_000
# Addresses of a mail that are kept, and characters of one.
ADDRESSES_LIMIT = 500
_ADDRESS_LIMIT = 320
_ID_LIMIT = 250
# Mail is older than the web, but not than this.
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
# How far a sender's clock may be ahead of ours.
_AHEAD = timedelta(days=1)

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]]+@[^\s@<>,;:\"()]+")
_SPECIALS = re.compile(r'[][\\()<>@,:;"]')
_ZONE_COLON = re.compile(r"([+-][0-9]{2}):([0-9]{2})\b")
_MESSAGE_ID = re.compile(r"<([^<>\s]+)>")
# Senders whose own ids of a mail are the first half of the Message-ID that they give it.
_ID_DOMAINS = ("amazonses.com", "mtasv.net")


class Address(NamedTuple):
    """Who sent or gets a mail. `name` is "" where there is none."""

    name: str
    address: str

    def __str__(self) -> str:
        if not self.name:
            return self.address
        name = self.name
        if _SPECIALS.search(name):
            name = '"{}"'.format(re.sub(r'(["\\])', r"\\\1", name))
        return f"{name} <{self.address}>"


def header_of(mail: AnyMail, name: str) -> str:
    """Return the header's first value, unfolded and decoded; "" without one."""
    return decoded(next(_raw(mail, name), ""))


def addresses_of(mail: AnyMail, *names: str) -> list[Address]:
    """Return the addresses in headers of these names, each once, in order."""
    values = [value for name in names for value in _raw(mail, name)]
    found = {each.address.lower(): each for each in reversed(list(_addresses(values)))}
    return list(reversed(found.values()))[:ADDRESSES_LIMIT]


def message_ids(mail: AnyMail, *names: str) -> list[str]:
    """Return the ids in headers of these names, without < and >, in order, each once."""
    ids = [found for name in names for value in _raw(mail, name) for found in _ids(value)]
    return list(dict.fromkeys(ids))


def sent_key(message_id: str) -> str:
    """Return what a mail of ours is known by: by its Message-ID, or a sending service's id of it.

    Amazon SES and Postmark tell of a mail by the first half of the Message-ID that they gave it, so
    for theirs that half is the key.
    """
    bare = message_id.strip().removeprefix("<").removesuffix(">")
    local, _, domain = bare.rpartition("@")
    return as_key(local if local and domain.lower().endswith(_ID_DOMAINS) else bare)


def received_key(message_id: str, sender: Address) -> str:
    """Return what a mail of somebody else is known by: by its Message-ID and who says it.

    By the Message-ID alone, whoever got a mail could send another under its id, in its place.
    """
    return as_key(f"{message_id}/{sender.address.lower()}")


def as_key(bare: str) -> str:
    """Return the text if it can be an id; what is too long, or no id at all, is digested."""
    if len(bare) > _ID_LIMIT or not bare.isascii() or not bare.isprintable() or " " in bare:
        return f"sha256:{sha256(bare.encode(errors='surrogatepass')).hexdigest()}"
    return bare


def time_of(mail: AnyMail, received_at: datetime, latest: datetime) -> datetime:
    """Return when the mail was sent, aware.

    That is its Date; where that is missing or absurd (before 1980, later than `latest` and a day)
    when the last server took it, and where that is no better, `received_at`.
    """
    dates = [*_raw(mail, "Date")][:1]
    dates += [value.rpartition(";")[2] for value in _raw(mail, "Received")][:1]
    for text in dates:
        at = _time(text)
        if at is not None and _EARLIEST <= at <= latest + _AHEAD:
            return at
    return received_at


def decoded(raw: str) -> str:
    """Return a raw header's value in words: unfolded, its encoded words (RFC 2047) decoded."""
    value = re.sub(r"\s*[\r\n]+\s*", " ", text_of_raw(raw[:HEADER_LIMIT])).strip()
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    return "".join(_piece(content, charset) for content, charset in pieces).strip() or value


def text_of_raw(raw: str) -> str:
    """Return the text, with bytes that the parser could not read (as surrogates) read again."""
    if raw.isascii():
        return raw
    try:
        return text_of_bytes(raw.encode(errors="surrogateescape"))
    except UnicodeEncodeError:
        return raw.encode(errors="replace").decode()


def text_of_bytes(content: bytes, charset: str = "") -> str:
    """Decode the bytes; what the charset cannot be, or is wrong for, is read as well as can be."""
    for name, errors in ((charset, "replace"), ("utf-8", "strict"), ("cp1252", "replace")):
        if not name or name.lower().replace("_", "-") in _NOT_OF_MAIL:
            continue
        try:
            return content.decode(name, errors)
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1")


# Charsets of Python's that no mail is in, and that take the square of a text's length, or more.
_NOT_OF_MAIL = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"}


def _raw(mail: AnyMail, name: str) -> Iterator[str]:
    lower = name.lower()
    # Headers as they came, before any parser of them.
    return (str(value) for key, value in mail.raw_items() if key.lower() == lower)


def _piece(content: bytes | str, charset: str | None) -> str:
    if isinstance(content, str):
        return content
    return text_of_bytes(content, charset or "")


def _addresses(values: Iterable[str]) -> Iterator[Address]:
    texts = [re.sub(r"[\r\n]+", " ", text_of_raw(value[:HEADER_LIMIT])) for value in values]
    for name, address in _pairs(texts):
        bare = address.strip()
        if len(bare) <= _ADDRESS_LIMIT and _ADDRESS.fullmatch(bare):
            yield Address(" ".join(decoded(name).split())[: _ADDRESS_LIMIT // 2], bare)


def _pairs(texts: list[str]) -> Iterable[tuple[str, str]]:
    try:
        return getaddresses(texts, strict=False) if _TAKES_STRICT else getaddresses(texts)
    except (RecursionError, IndexError, ValueError):
        # Comments within comments, or worse: what looks like an address is taken for one.
        return [("", found) for text in texts for found in _ADDRESS.findall(text)]


# Whether a malformed address may stand beside good ones: by default it may not, where Python was
# mended after 2024; each is checked here on its own.
_TAKES_STRICT = "strict" in (getaddresses.__kwdefaults__ or {})


def _ids(value: str) -> list[str]:
    text = text_of_raw(value[:HEADER_LIMIT])
    return _MESSAGE_ID.findall(text) or text.split()[:1]


def with_plain_zone(date: str) -> str:
    """Return a mail's date with its zone as mails have it, where it is as ISO 8601 has it."""
    return _ZONE_COLON.sub(r"\1\2", date)


def _time(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(with_plain_zone(text.strip()[:200]))
        # -0000 says that the zone is not known.
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
