"""What the drill delivers, and what the timelines must be once all of it is acknowledged.

Pure: from a seed and a client's number follows all that the client delivers.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.timeline.inbox import delivery, message, status

# Half of them are leads before the drill; the others become leads by what they write.
SENDERS = [f"569123400{number:02}" for number in range(20)]
STATUSES = ["sent", "read"]
RUNGS = ["sent", "delivered", "read"]

_WINDOW = 12  # messages whose facts are told in any order
_AGAIN = 0.15  # of the deliveries are sent once more


class Fact(NamedTuple):
    """One thing told: a message, or with a state, how far it got; `minute` is when."""

    name: str
    sender: str
    minute: int
    state: str = ""

    @property
    def said(self) -> dict[str, Any]:
        if self.state:
            return status(self.name, self.state, self.minute)
        return message(self.name, self.minute, self.sender)

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(int(self.said["timestamp"]), UTC)


Delivery = tuple[Fact, ...]


def deliveries(seed: int, client: int) -> Iterator[Delivery]:
    """Yield what the client delivers, without end: in any order, and some of it again."""
    dice = random.Random(f"{seed} {client}")
    first = 0
    while True:
        window = list(_window(client, first))
        dice.shuffle(window)
        again: list[Delivery] = []
        while window:
            size = dice.randint(1, 4)
            told, window = tuple(window[:size]), window[size:]
            yield told
            if dice.random() < _AGAIN:
                again.append(told)
        yield from again
        first += _WINDOW


def _window(client: int, first: int) -> Iterator[Fact]:
    for number in range(first, first + _WINDOW):
        name = f"{client}-{number}"
        sender = SENDERS[(client + number) % len(SENDERS)]
        yield Fact(name, sender, number * 10)
        for rung, state in enumerate(STATUSES[: number % (len(STATUSES) + 1)], 1):
            yield Fact(name, sender, number * 10 + rung, state)


def body_of(told: Delivery) -> bytes:
    return delivery(
        messages=[fact.said for fact in told if not fact.state],
        statuses=[fact.said for fact in told if fact.state],
    )


class Seen(NamedTuple):
    """A message as a timeline has it; `reached` are the times of its statuses."""

    phone: str
    content: str
    at: datetime
    reached: tuple[tuple[str, datetime], ...] = ()


def expected(acknowledged: Iterable[Fact]) -> dict[str, Seen]:
    """Return, by name, the messages that the facts make; a status alone makes none."""
    facts = set(acknowledged)
    reached: dict[str, dict[str, datetime]] = {}
    for fact in facts:
        # What came in was delivered when it came in.
        reached.setdefault(fact.name, {})[fact.state or "delivered"] = fact.at
    return {
        fact.name: Seen(
            phone=fact.sender,
            content=fact.said["text"]["body"],
            at=fact.at,
            reached=tuple(
                (state, reached[fact.name][state]) for state in RUNGS if state in reached[fact.name]
            ),
        )
        for fact in facts
        if not fact.state
    }
