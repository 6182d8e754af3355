"""The date and time at the head of a message, in whatever way a phone writes them."""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

# Marks that say which way text runs, and others that are not seen.
MARKS = "\u200b\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_WITHOUT_MARKS = str.maketrans("", "", MARKS)
_PLAIN = str.maketrans(
    {"\u202f": " ", "\u00a0": " ", "\u2009": " ", "،": ",", "，": ",", "：": ":", "、": ","}
)

# Numbers in the order in which they stand; then whatever stands before and after the time.
_WHEN = re.compile(
    r"(?P<a>\d{1,4})(?P<by>\s?[./\-年년]\s?)(?P<b>\d{1,2})\s?[./\-月월]\s?(?P<c>\d{1,4})"
    r"(?P<end>\s?[.日일])?(?:\s?г\.?)?"
    r"(?P<before>[^\d]{1,24}?)"
    r"(?P<hour>\d{1,2})(?P<colon>[:.])(?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?"
    r"(?P<after>[^\d]{0,24})",
    re.ASCII,
)

# What may stand between date and time ("26.11.2026 kl. 14.03") and says nothing.
_JOINERS = frozenset({"", "kl", "klo", "à", "às", "at", "um", "om", "alas", "ore", "o", "г", "uhr"})

# The languages whose words for the halves of a day are known: those of the app.
_LANGUAGES = (
    "en en_AU en_CA en_IN af ar az bg bn ca cs da de el es es_AR es_MX et fa fi fil fr gu he hi hr"
    " hu id it ja ka kk kn ko ky lt lv mk ml mr ms nb nl pa pl pt pt_PT ro ru sk sl sq sr sv sw ta"
    " te th tr uk ur uz vi zh zh_Hant"
)
# Those that CLDR, from which the others come, has not or not as a half of a day.
_MORNING = ("清晨", "早上", "凌晨", "半夜", "पूर्वाह्न", "म.पू.", "দুপুরপূর্ব", "முற்பகல்")
_EVENING = ("中午", "晚上", "अपराह्न", "म.उ.", "மாலை", "பிற்பகல்")


class Moment(NamedTuple):
    """A date and a time as they stand; which number is the day is not known yet.

    `numbers` are those of the date in their order, `second` is None where there are none. `shape`
    is the same for all moments of one file: how they are written.
    """

    numbers: tuple[int, int, int]
    year_digits: tuple[int, int]
    hour: int
    minute: int
    second: int | None
    shape: tuple[str, ...]


def without_marks(text: str) -> str:
    return text.translate(_WITHOUT_MARKS)


def read_moment(text: str) -> Moment | None:
    """Return the moment that the whole text is, or None."""
    found = _WHEN.fullmatch(_plain(text))
    if found is None:
        return None
    before, after = _word(found["before"]), _word(found["after"])
    half = _half_of(before) or _half_of(after)
    if not ({before, after} <= _JOINERS | _halves().keys()):
        return None
    hour = _hour(int(found["hour"]), before, half)
    minute, second = int(found["minute"]), found["second"]
    if hour is None or minute > 59 or int(second or 0) > 59:
        return None
    return Moment(
        numbers=(int(found["a"]), int(found["b"]), int(found["c"])),
        year_digits=(len(found["a"]), len(found["c"])),
        hour=hour,
        minute=minute,
        second=None if second is None else int(second),
        shape=_shape(found, half),
    )


def _plain(text: str) -> str:
    """Return the text without marks, its blanks, commas and digits those of ASCII."""
    text = without_marks(text).translate(_PLAIN).strip()
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(character)) if character.isdecimal() else character
        for character in text
    )


def _shape(found: "re.Match[str]", half: str | None) -> tuple[str, ...]:
    comma = "," if "," in found["before"] else ""
    seconds = "s" if found["second"] else ""
    return found["by"].strip(), comma, found["colon"], seconds, "12" if half else "24"


def _word(text: str) -> str:
    """Return the word without what separates it: "p. m." is "pm"."""
    return re.sub(r"[\s,.\u200c]+", "", text).casefold()


def _half_of(word: str) -> str | None:
    return _halves().get(word)


def _hour(hour: int, word: str, half: str | None) -> int | None:
    """Return the hour from 0 to 23, None if it is none."""
    if half is None:
        # 24:05 is how some phones write five past midnight.
        return hour % 24 if hour <= 24 else None
    if hour > 12:
        return None
    if word == "中午" and hour in {10, 11}:
        return hour
    return hour % 12 + (12 if half == "pm" else 0)


@cache
def _halves() -> dict[str, str]:
    """Return "am" or "pm" by what it is called in a language."""
    # Babel is slow to import, and few commands need it.
    from babel import Locale  # noqa: PLC0415

    halves = {_word(word): "am" for word in _MORNING} | {_word(word): "pm" for word in _EVENING}
    for language in _LANGUAGES.split():
        for words in Locale.parse(language).day_periods.values():
            for form in words.values():
                halves.update({_word(form[half]): half for half in ("am", "pm") if half in form})
    return halves
