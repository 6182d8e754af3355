"""Responses found in a file, one at a time: knows JSON, and nothing of what it says.

The whole file is never held, one response is, of at most `LIMIT` characters. A streaming parser
(yajl) is not used on purpose: it makes "?" of half a character and keeps the last of two equal
keys, both silently, and long numbers or endless brackets bring down the process.
"""

import codecs
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from io import BufferedReader
from itertools import chain
from typing import Any, NamedTuple

from leads.strict_json import StrictDecoder

# Characters. A response of 100,000 entries, five hundred pages in one, has some 30 million.
LIMIT = 64_000_000

_CHUNK = 256 * 1024
# What is looked at to tell one form from another.
_HEAD = 256 * 1024
_GZIP = b"\x1f\x8b"
_BLANKS = " \t\r\n"
_TOO_LONG = f"is longer than {LIMIT:,} characters; nothing behind it is read"
_KEYS_OF_A_RESPONSE = frozenset({"lead", "history", "error"})
# An error of the parser this near the end of the text may only mean that more is to come: the
# longest thing that can be cut, short of a string, is "\ud83d\ude00".
_NEAR_THE_END = 12


class Found(NamedTuple):
    """A JSON value, which should be a response, and its place in the file."""

    place: str
    value: Any


class Broken(NamedTuple):
    """What stands in a response's place; `place` is "" when it is the whole file."""

    place: str
    reason: str


def read(stream: BufferedReader) -> Iterator[Found | Broken]:
    """Yield the responses of a file: one, a list of them, or one after another; gzipped or not."""
    source = _Source(stream)
    head = source.head()
    chunks = chain([head], source)
    if not head.strip() and source.flaw is None:
        yield Broken("", "is empty")
    elif _is_one_a_line(head):
        yield from _read_lines(chunks, source)
    else:
        yield from _read_document(chunks, source)


def _is_one_a_line(head: bytes) -> bool:
    """Tell whether each line is a response in itself, from how the file begins.

    The first line may be a broken one, so one good line is enough. A head without an end of line is
    the beginning of a long line.
    """
    lines = head.splitlines(keepends=True)
    if head.lstrip().startswith(b"["):
        return False
    return len(lines) == 1 or any(map(_is_response, lines))


def _is_response(line: bytes) -> bool:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and not _KEYS_OF_A_RESPONSE.isdisjoint(value)


# --- Bytes --------------------------------------------------------------------------------------


class _Source:
    """The bytes of a stream, unzipped. Where they end too early, `flaw` says why."""

    def __init__(self, stream: BufferedReader) -> None:
        self.flaw: str | None = None
        self._stream = stream
        self._chunks = self._read()

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def head(self) -> bytes:
        """Return the first bytes, enough of them to tell what they are, without a BOM."""
        head = b""
        for chunk in self._chunks:
            head += chunk
            if len(head) >= _HEAD:
                break
        return head.removeprefix(codecs.BOM_UTF8)

    def _read(self) -> Iterator[bytes]:
        # One read of the system's at a time: what came before a break is not lost with it.
        try:
            stream: Any = self._stream
            if self._stream.peek(len(_GZIP)).startswith(_GZIP):
                stream = gzip.GzipFile(fileobj=self._stream)
            while chunk := stream.read1(_CHUNK):
                yield chunk
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            self.flaw = f"the compressed data is broken: {error}"
        except OSError as error:
            self.flaw = f"cannot be read: {error.strerror}"


# --- A response a line --------------------------------------------------------------------------


def _read_lines(chunks: Iterable[bytes], source: _Source) -> Iterator[Found | Broken]:
    decoder = StrictDecoder()
    number = 0
    for number, line in enumerate(_lines(chunks, source), 1):
        if line.strip():
            yield _read_line(decoder, f"line {number}", line)
    if source.flaw is not None:
        yield Broken(f"line {number + 1}", source.flaw)


def _lines(chunks: Iterable[bytes], source: _Source) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
        if len(rest) > LIMIT:
            source.flaw = _TOO_LONG
            break
    if source.flaw is None:
        yield rest


def _read_line(decoder: StrictDecoder, place: str, line: bytes) -> Found | Broken:
    try:
        value = decoder.decode(line.decode())
    except UnicodeDecodeError as error:
        return Broken(place, f"is not UTF-8 at byte {error.start + 1}")
    except json.JSONDecodeError as error:
        return Broken(place, f"broken JSON: {error.msg}, column {error.colno}")
    except RecursionError:
        return Broken(place, "is nested too deeply")
    return _judged(decoder, place, value)


def _judged(decoder: StrictDecoder, place: str, value: Any) -> Found | Broken:
    return Broken(place, decoder.flaws[0]) if decoder.flaws else Found(place, value)


# --- A response over many lines, several, or a list ---------------------------------------------


class _BreakError(Exception):
    """There is no way on from the line."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def _read_document(chunks: Iterable[bytes], source: _Source) -> Iterator[Found | Broken]:
    decoder = StrictDecoder()
    window = _Window(chunks, source)
    page = 0
    try:
        for page, value in enumerate(_values(window, decoder), 1):
            yield _judged(decoder, f"page {page}", value)
    except _BreakError as error:
        yield Broken(f"page {page + 1}, line {error.line}", error.reason)


def _values(window: "_Window", decoder: StrictDecoder) -> Iterator[Any]:
    if not window.take("["):
        while window.peek():
            yield window.take_value(decoder)
        return
    yield from _items(window, decoder)
    if window.peek():
        raise _BreakError(window.line, "broken JSON: there is more after the end of the list")


def _items(window: "_Window", decoder: StrictDecoder) -> Iterator[Any]:
    if window.take("]"):
        return
    while True:
        yield window.take_value(decoder)
        if window.take("]"):
            return
        if not window.take(","):
            raise _BreakError(window.line, "broken JSON: Expecting ',' or ']' after a page")


class _Window:
    """The text from where the reading stands: as much of it as the next value needs."""

    def __init__(self, chunks: Iterable[bytes], source: _Source) -> None:
        self.line = 1
        self._text = ""
        self._chunks = iter(chunks)
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._ended = False

    def peek(self) -> str:
        """Return the next character that is no blank, "" at the end."""
        while True:
            self._drop(len(self._text) - len(self._text.lstrip(_BLANKS)))
            if self._text or not self._grow():
                break
        if not self._text and self._source.flaw is not None:
            raise _BreakError(self.line, self._source.flaw)
        return self._text[:1]

    def take(self, character: str) -> bool:
        """Go past the character if it is the next one; tell whether it was."""
        if self.peek() != character:
            return False
        self._drop(1)
        return True

    def take_value(self, decoder: StrictDecoder) -> Any:
        """Go past the next value and return it."""
        self.peek()
        while True:
            try:
                value, end = decoder.raw_decode(self._text)
            except RecursionError:
                raise _BreakError(self.line, "is nested too deeply") from None
            except json.JSONDecodeError as error:
                if not self._is_cut(error) or not self._grow():
                    raise self._break(error) from None
            else:
                self._drop(end)
                return value

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        near_the_end = error.pos >= len(self._text) - _NEAR_THE_END
        return near_the_end or error.msg.startswith("Unterminated string")

    def _break(self, error: json.JSONDecodeError) -> _BreakError:
        if self._ended and self._source.flaw is not None:
            return _BreakError(self.line + self._text.count("\n"), self._source.flaw)
        return _BreakError(self.line + error.lineno - 1, f"broken JSON: {error.msg}")

    def _drop(self, count: int) -> None:
        if count:
            self.line += self._text.count("\n", 0, count)
            self._text = self._text[count:]

    def _grow(self) -> bool:
        """Double the text, so that parsing it anew each time costs twice parsing it once."""
        if len(self._text) > LIMIT:
            self._source.flaw, self._ended = _TOO_LONG, True
        parts = [self._text]
        wanted = max(_CHUNK, len(self._text))
        while wanted > 0 and not self._ended:
            parts.append(self._next_text())
            wanted -= len(parts[-1])
        grown = len(parts) > 1
        self._text = "".join(parts)
        return grown

    def _next_text(self) -> str:
        chunk = next(self._chunks, b"")
        self._ended = not chunk
        try:
            return self._decoder.decode(chunk, final=self._ended)
        except UnicodeDecodeError as error:
            self._ended = True
            self._source.flaw = "is not UTF-8"
            return bytes(error.object[: error.start]).decode()
