"""Stories as plain text, so that whoever speaks the language can write and mend them.

A file of `texts/<language>/` is a story: a head, then steps. The head has ``key: value`` lines
(values between ``|`` are alternatives) and slots, ``name = a | b``, or several that belong
together, ``size; price = small; 10 | large; 20``, or ``count = 10..90``. A step is a line
``@<gap> <kind> <words>`` and what is said, up to the next one::

    @+4m in                                  four minutes later, a WhatsApp message from the lead
    [Hi|Hello]! How much is it in {city}?    one of several words; a slot of the story, of the cast,
                                             or of the calendar (`clock.days_around`)
    ~ react 👍                               a line about the message instead of in it

Gaps are ``0``, ``+30s``, ``+5m``, ``+3h``, ``+2d`` (working days), ``+2d/08:52`` and
``+sat/10:24`` (that day at that time, where somebody agreed on it). The kinds are listed in
`scenes`. ``~ maybe 60`` leaves a step out in 40 of 100 histories, ``~ only f`` goes by the lead's
gender, as ``[f:…|m:…]`` does within a text. `fillers`, `silence` and `episodes` hold many short
stories, parted by ``===``.
"""

import random
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

TEXTS = Path(__file__).parent / "texts"
LANGUAGES = ("en", "es", "pt", "ar", "zh", "hi")

_SHORTS = {"fillers", "silence", "episodes"}
_UNITS = {"s": 1, "m": 60, "h": 3600}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_GAP = re.compile(rf"0|\+(?:(\d+)([smhd])|({'|'.join(_WEEKDAYS)}))(?:/(\d\d):(\d\d))?")
_ALTERNATIVES = re.compile(r"\[([^\[\]|]*(?:\|[^\[\]|]*)+)\]")
_GENDERED = re.compile(r"\A([fm]):")


class Gap(NamedTuple):
    """How long after the step before: seconds, or working days, or until a weekday (Monday is 0).

    With days or a weekday, `minute` is that of the day, None for some time of it.
    """

    seconds: int = 0
    days: int | None = None
    weekday: int | None = None
    minute: int | None = None

    @property
    def is_long(self) -> bool:
        """Whether other things may happen meanwhile without disturbing what was agreed."""
        return (self.days or 0) >= 3


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a story; `asides` are its ``~`` lines as (name, rest)."""

    gap: Gap
    kind: str
    words: str
    body: str
    asides: tuple[tuple[str, str], ...]

    def aside(self, name: str) -> str | None:
        return next((rest for key, rest in self.asides if key == name), None)


@dataclass(frozen=True, slots=True)
class Story:
    """A story: who may play it (`head`), what varies in it (`slots`) and its steps."""

    name: str
    language: str
    head: Mapping[str, tuple[str, ...]]
    slots: tuple[tuple[dict[str, str], ...], ...]
    steps: tuple[Step, ...]

    def choose_slots(self, rng: random.Random) -> dict[str, str]:
        """Choose a value for each slot; ``10..90`` is any number between."""
        chosen: dict[str, str] = {}
        for alternatives in self.slots:
            for name, value in rng.choice(alternatives).items():
                least, dots, most = value.partition("..")
                chosen[name] = str(rng.randint(int(least), int(most))) if dots else value
        return chosen


@cache
def stories(language: str) -> tuple[Story, ...]:
    """Return the language's stories, by the names of their files."""
    paths = sorted((TEXTS / language).glob("*.txt"))
    return tuple(
        parse(path.stem, language, path.read_text("utf-8"))
        for path in paths
        if path.stem not in _SHORTS
    )


@cache
def shorts(language: str, name: str) -> tuple[Story, ...]:
    """Return the short stories of a file of many, ``fillers``, say."""
    text = (TEXTS / language / f"{name}.txt").read_text("utf-8")
    parts = re.split(r"^===\s*$", text, flags=re.MULTILINE)
    return tuple(parse(f"{name}-{n}", language, part) for n, part in enumerate(parts))


@cache
def words(language: str) -> dict[str, Any]:
    """Return the language's names, cities and set phrases."""
    return tomllib.loads((TEXTS / language / "words.toml").read_text("utf-8"))


def parse(name: str, language: str, text: str) -> Story:
    """Parse one story; raises ValueError that names the line that is wrong."""
    head_text, at, steps_text = text.strip().partition("@")
    head: dict[str, tuple[str, ...]] = {}
    slots = []
    for line in filter(None, map(str.strip, head_text.splitlines())):
        if re.match(r"\w+:", line):
            key, _, value = line.partition(":")
            head[key] = _split(value, "|")
        elif "=" in line:
            slots.append(_slots(line))
        else:
            raise ValueError(f"{language}/{name}: {line!r} is no line of a head")
    blocks = re.split(r"^@", at + steps_text, flags=re.MULTILINE)
    steps = tuple(_step(block) for block in blocks if block.strip())
    return Story(name, language, head, tuple(slots), steps)


def vary(text: str, rng: random.Random, gender: str) -> str:
    """Choose among the alternatives of a text."""

    def choose(match: re.Match[str]) -> str:
        options: list[str] = match[1].split("|")
        if _GENDERED.match(options[0]):
            return next(text for sex, _, text in map(_parted, options) if sex == gender)
        return rng.choice(options)

    return _ALTERNATIVES.sub(choose, text)


def _slots(line: str) -> tuple[dict[str, str], ...]:
    names, _, values = line.partition("=")
    keys = _split(names, ";")
    return tuple(
        dict(zip(keys, _split(value, ";") if len(keys) > 1 else [value], strict=True))
        for value in _split(values, "|")
    )


def _step(block: str) -> Step:
    first, _, rest = block.partition("\n")
    gap, kind, *more = first.split(maxsplit=2)
    asides, body = [], []
    for line in rest.strip().splitlines():
        if line.startswith("~ "):
            key, _, value = line[2:].partition(" ")
            asides.append((key, value.strip()))
        else:
            body.append(line)
    return Step(_gap(gap), kind, "".join(more), "\n".join(body).strip(), tuple(asides))


def _gap(text: str) -> Gap:
    match = _GAP.fullmatch(text)
    if match is None:
        raise ValueError(f"@{text} is no gap")
    number, unit, weekday, hour, minute = match.groups()
    at = int(hour) * 60 + int(minute) if hour else None
    if weekday:
        return Gap(weekday=_WEEKDAYS.index(weekday), minute=at)
    if unit == "d":
        return Gap(days=int(number), minute=at)
    return Gap(seconds=int(number or 0) * _UNITS[unit or "s"])


def _parted(option: str) -> tuple[str, str, str]:
    return option.partition(":")


def _split(text: str, mark: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(mark))
