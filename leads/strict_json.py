"""JSON as RFC 8259 has it, with what is legal but lossy told instead of passed over."""

import json
import math
from collections.abc import Iterable
from typing import Any


class StrictDecoder(json.JSONDecoder):
    """A decoder that goes on past what it cannot take as it stands, and says so in `flaws`.

    Going on is what finds the end of a flawed value, and so the beginning of the next one. Use
    `decode` or `raw_decode`, and look at `flaws` after each. Both raise JSONDecodeError, and
    RecursionError for values nested deeper than Python goes.
    """

    def __init__(self) -> None:
        self.flaws: list[str] = []
        super().__init__(
            object_pairs_hook=self._object,
            parse_int=self._integer,
            parse_float=self._float,
            parse_constant=self._constant,
        )

    def raw_decode(self, s: str, idx: int = 0) -> tuple[Any, int]:
        self.flaws.clear()
        return super().raw_decode(s, idx)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            twice = _first_twice(pairs)
            self.flaws.append(f"the key {twice!r:.50} is given twice in one object")
        return value

    def _integer(self, digits: str) -> int:
        try:
            return int(digits)
        except ValueError:  # Python converts some thousand digits and no more
            self.flaws.append(f"a number has {len(digits):,} digits")
            return 0

    def _float(self, text: str) -> float:
        number = float(text)
        if math.isinf(number):
            self.flaws.append(f"the number {text:.50} is too large")
        return number

    def _constant(self, name: str) -> None:
        self.flaws.append(f"{name} is no JSON")


def _first_twice(pairs: Iterable[tuple[str, Any]]) -> str:
    """Return the first key that comes again, in one pass: an object may have a million keys."""
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return key
        seen.add(key)
    raise ValueError("no key comes twice")
