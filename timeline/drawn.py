"""Entries as they were drawn for a reader, kept for the next one who sees the same.

What is drawn of an entry depends on all that is read of it, so that is what it is kept by: nothing
has to be told of a change. It depends on the reader's language and zone too, and on the moment for
as long as its time is said as "3 min ago" (`Shown.is_settled`).
"""

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b

import orjson
from markupsafe import Markup

from timeline.shown import Shown

# Some 2 kB each.
_KEPT = 5_000


class _Drawing:
    """How an entry is drawn, told apart by what it is drawn of."""

    __slots__ = ("draw", "key")

    def __init__(self, key: tuple[object, ...], draw: Callable[[], Markup]) -> None:
        self.key, self.draw = key, draw

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Drawing) and self.key == other.key


def drawn(shown: Shown, macro: Callable[..., Markup], *arguments: object) -> Markup:
    """Return what the macro draws of the entry, or drew."""
    if not shown.is_settled:
        return macro(shown, *arguments)
    return _drawn(_Drawing(_key(shown), lambda: macro(shown, *arguments)))


@lru_cache(_KEPT)
def _drawn(drawing: _Drawing) -> Markup:
    return drawing.draw()


# What was drawn before is drawn anew.
forget = _drawn.cache_clear


def _key(shown: Shown) -> tuple[object, ...]:
    reading, here = shown.reading, shown.reading.here
    read = blake2b(orjson.dumps(shown.entry, default=list), digest_size=16).digest()
    may_move = reading.member is not None
    who = (reading.lead, may_move, here.language, str(here.zone))
    return (read, type(shown), shown.is_joined, *who)
