"""Text folded to words, so that what people type finds what people wrote, in any script.

Pure. The same folding is applied to what is searched and to what is searched for; PostgreSQL only
compares the words (`simple`, without a parser or dictionary of its own).

* Case, width and compatibility forms fall together (NFKD and case folding), and so do accents,
  Arabic vowel signs and tatweel, Hebrew points, Indic nuktas and Thai tones: every mark with a
  combining class but the virama, without which Indic clusters would read as other words.
* Arabic letters that are written one for another (alef forms, yeh, teh marbuta) are one.
* Scripts without spaces (Chinese, Japanese kana, Thai, Lao, Khmer, Burmese) give overlapping pairs
  of characters, and the last character alone, so that any run of two or more is found.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate

# Characters of one text that are made findable, and of one word that are told apart.
TEXT_LIMIT = 100_000
WORD_LIMIT = 100
# Bytes of all words of a vector together (MAXSTRPOS, src/include/tsearch/ts_type.h).
WORDS_LIMIT = 2**20 - 1
# Words that cannot be more than that, of four bytes a character at most.
_FEW = WORDS_LIMIT // (4 * WORD_LIMIT)

_VIRAMA = 9
_ALIKE = {"ى": "ي", "ة": "ه", "ـ": None, "ٱ": "ا", "ی": "ي", "ک": "ك", "ँ": "ं"}
_FOLDED = str.maketrans(
    {
        chr(code): None
        for code in range(0x300, 0x1F000)
        if unicodedata.combining(chr(code)) not in {0, _VIRAMA}
    }
    | _ALIKE
)
# Putting marks on one letter in order costs the square of their number; no script needs so many.
_COMBINING = "".join(
    re.escape(chr(code)) for code in range(0x300, 0x1F000) if unicodedata.combining(chr(code))
)
_TOO_MANY_MARKS = re.compile(rf"([{_COMBINING}]{{30}})[{_COMBINING}]+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
# A text of ASCII is folded and cut into words by the bytes: letters in lower case, the rest blanks.
_ASCII_FOLDED = bytes(
    ord(chr(i).lower()) if chr(i).isalnum() and i < 128 else 32 for i in range(256)
)

_MARKS = "".join(
    re.escape(chr(code))
    for code in range(0x300, 0x11A00)
    if unicodedata.category(chr(code))[0] == "M"
)
_WORD = re.compile(rf"(?:[^\W_]|[{_MARKS}])+")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]+"
)


def fold(text: str) -> str:
    """Return the text with everything that does not tell words apart taken away."""
    if text.isascii():
        return text.lower()
    text = _TOO_MANY_MARKS.sub(r"\1", text)
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", decomposed.translate(_FOLDED))


def words_to_index(*texts: str) -> list[str]:
    """Return the words that make the texts findable, each once, in order of appearance.

    Of more than a vector holds, the last are left out.
    """
    words: list[str] = []
    for text in filter(None, texts):
        words += _words(text, tails=True)
    words = list(dict.fromkeys(words))
    return words if len(words) <= _FEW else _held(words)


def _held(words: list[str]) -> list[str]:
    sizes = accumulate(len(word.encode()) for word in words)
    return [word for word, size in zip(words, sizes, strict=True) if size <= WORDS_LIMIT]


def words_to_find(text: str) -> tuple[str, ...]:
    """Return the words of a search; the last is meant as the beginning of a word."""
    return tuple(dict.fromkeys(_words(text[:1_000], tails=False)))


def tsquery(words: tuple[str, ...]) -> str:
    """Return the words as PostgreSQL's tsquery: all of them, the last as a prefix.

    Words hold letters, digits and marks only, so that quoting them is safe.
    """
    return " & ".join(f"'{word}'" for word in words) + ":*"


def mark(text: str, words: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Cut the text into pieces and tell of each whether it is a hit of the search."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for begin, stop in _merged(_hits(text, words)):
        if begin > end:
            pieces.append((text[end:begin], False))
        pieces.append((text[begin:stop], True))
        end = stop
    if end < len(text) or not pieces:
        pieces.append((text[end:], False))
    return pieces


def _words(text: str, *, tails: bool) -> Iterable[str]:
    """Return the words of the text; with `tails`, the last character of unspaced runs too."""
    text = text[:TEXT_LIMIT]
    if not text.isascii():
        return _words_by_piece(text, tails=tails)
    words = text.encode().translate(_ASCII_FOLDED).decode().split()
    return words if len(text) <= WORD_LIMIT else [word[:WORD_LIMIT] for word in words]


def _words_by_piece(text: str, *, tails: bool) -> Iterator[str]:
    """Yield the words of the text by what stands between blanks: nothing is folded across them.

    It recurs from text to text, so it is folded once, unless it is long.
    """
    for piece in text.split():
        if len(piece) <= _RECURRING:
            yield from _words_that_recur(piece, tails)
        else:
            yield from _words_of(piece, tails)


_RECURRING = 20


@lru_cache(maxsize=20_000)
def _words_that_recur(piece: str, tails: bool) -> tuple[str, ...]:  # noqa: FBT001 - a cache's key
    return tuple(_words_of(piece, tails))


def _words_of(piece: str, tails: bool) -> Iterator[str]:  # noqa: FBT001 - as above
    folded = fold(piece)
    if folded.isascii():
        for match in _ASCII_WORD.finditer(folded):
            yield match.group()[:WORD_LIMIT]
        return
    for match in _WORD.finditer(folded):
        for run, unspaced in _runs(match.group()):
            if not unspaced:
                yield run[:WORD_LIMIT]
            else:
                yield from (run[i : i + 2] for i in range(len(run) - 1))
                if tails or len(run) == 1:
                    yield run[-1]


def _runs(word: str) -> Iterator[tuple[str, bool]]:
    """Cut a word where a script without spaces begins or ends."""
    end = 0
    for match in _UNSPACED.finditer(word):
        if match.start() > end:
            yield word[end : match.start()], False
        yield match.group(), True
        end = match.end()
    if end < len(word):
        yield word[end:], False


def _hits(text: str, words: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    if not words:
        return
    whole, beginning = set(words), words[-1]
    for match in _WORD.finditer(text):
        at = match.start()
        for run, unspaced in _runs(match.group()):
            if unspaced:
                yield from _pairs(run, at, whole, beginning)
            elif (folded := fold(run)[:WORD_LIMIT]) in whole or folded.startswith(beginning):
                yield at, at + len(run)
            at += len(run)


def _pairs(run: str, at: int, whole: set[str], beginning: str) -> Iterator[tuple[int, int]]:
    # Folding may drop characters (a Thai tone) or make two of one: remember where each came from.
    folded = [(character, i) for i, original in enumerate(run) for character in fold(original)]
    ends = [i for _, i in folded[1:]] + [len(run)]
    for place, (character, i) in enumerate(folded):
        following = folded[place + 1][0] if place + 1 < len(folded) else ""
        if character + following in whole and following:
            yield at + i, at + ends[place + 1]
        elif (character + following).startswith(beginning):
            yield at + i, at + ends[min(place + len(beginning), len(folded)) - 1]


def _merged(spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join spans, sorted by their beginning, that touch or overlap."""
    current: tuple[int, int] | None = None
    for begin, end in spans:
        if current and begin <= current[1]:
            current = current[0], max(current[1], end)
        else:
            if current:
                yield current
            current = begin, end
    if current:
        yield current
