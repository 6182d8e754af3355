"""Text as people wrote it, as HTML: addresses become links, hits of a search are marked."""

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

from leads.folding import mark

_ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]", re.IGNORECASE)


def rich_text(text: str, words: tuple[str, ...] = ()) -> Markup:
    """Return the text as HTML; line breaks are left for the style sheet to keep."""
    if "://" not in text and not words:
        return escape(text)
    return Markup("").join(_pieces(text, words))


def breakable(address: str) -> Markup:
    """Return the mail address, which may break before its domain."""
    name, at, domain = address.rpartition("@")
    return Markup("{}<wbr>{}{}").format(name, at, domain)


def _pieces(text: str, words: tuple[str, ...]) -> Iterator[Markup]:
    end = 0
    for address in _ADDRESS.finditer(text):
        yield _marked(text[end : address.start()], words)
        yield Markup('<a href="{}" target="_blank" rel="noreferrer">{}</a>').format(
            address[0], _marked(address[0], words)
        )
        end = address.end()
    yield _marked(text[end:], words)


def _marked(text: str, words: tuple[str, ...]) -> Markup:
    if not words:
        return escape(text)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if is_hit else piece
        for piece, is_hit in mark(text, words)
    )


def excerpt(text: str, words: tuple[str, ...], limit: int) -> str:
    """Return at most about `limit` characters of the text, of where the first hit is in it."""
    if len(text) <= limit:
        return text
    begin = max(0, _first_hit(text, words) - limit // 4)
    if begin + limit >= len(text):
        begin = len(text) - limit
    if begin < limit // 4:
        begin = 0
    return f"{'… ' if begin else ''}{text[begin : begin + limit].rstrip()} …"


def _first_hit(text: str, words: tuple[str, ...]) -> int:
    at = 0
    for piece, is_hit in mark(text, words) if words else ():
        if is_hit:
            return at
        at += len(piece)
    return 0


def has_hit(text: str, words: tuple[str, ...]) -> bool:
    return bool(words) and any(is_hit for _, is_hit in mark(text, words))
