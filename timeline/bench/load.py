"""Load from many connections at once, from one thread: some 20 µs of CPU a request.

Each connection stays open and asks again as soon as it is answered. HTTP/1.1 as far as a server of
ours speaks it: an answer has a length.
"""

import re
import selectors
import socket
import statistics
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from math import ceil, inf
from typing import NamedTuple

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_END_OF_HEAD = b"\r\n\r\n"
_PATIENCE = 30  # seconds without any answer
_BLOCK = 64 * 1024


class Stretch(NamedTuple):
    """What came of some seconds of load: how long each answer took, and how many were none."""

    seconds: float
    waits: list[float]
    errors: int


class Level(NamedTuple):
    """Stretches of as many connections: requests a second and milliseconds, medians of the
    stretches', and how many answers were none or not 200.
    """

    rate: float
    p50: float
    p99: float
    errors: int


def level_of(stretches: Sequence[Stretch]) -> Level:
    return Level(
        rate=statistics.median(len(each.waits) / each.seconds for each in stretches),
        p50=statistics.median(_percentile(each.waits, 50) for each in stretches) * 1e3,
        p99=statistics.median(_percentile(each.waits, 99) for each in stretches) * 1e3,
        errors=sum(each.errors for each in stretches),
    )


def _percentile(waits: Sequence[float], percent: int) -> float:
    return sorted(waits)[ceil(len(waits) * percent / 100) - 1] if waits else inf


def get(path: str, host: str, headers: dict[str, str]) -> bytes:
    """Return a request."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def put_under(
    port: int,
    requests: Sequence[bytes],
    *,
    connections: int,
    seconds: float = inf,
    most: int | None = None,
) -> Stretch:
    """Ask the server on the port of this machine for as long, or for as much, as it says.

    The requests are sent in turns. All that is asked is waited for, so the server is idle then.
    Raises OSError when nobody listens there any more, or answers for half a minute.
    """
    return _Load(port, cycle(requests)).run(connections, seconds, inf if most is None else most)


class _Visitor:
    """A connection, when it asked, and what has come of the answer so far."""

    __slots__ = ("asked_at", "come", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.asked_at = 0.0
        self.come = b""

    def ask(self, request: bytes) -> None:
        self.come = b""
        self.asked_at = time.perf_counter()
        self.socket.sendall(request)

    def take(self) -> bool | None:
        """Take what has come. Return None as long as the answer is not whole, then whether it is
        good: 200. Raises OSError for a connection that is gone, ValueError for no HTTP.
        """
        if not (block := self.socket.recv(_BLOCK)):
            raise ConnectionResetError
        self.come += block
        head_end = self.come.find(_END_OF_HEAD)
        if head_end < 0:
            return None
        length = _LENGTH.search(self.come, 0, head_end + 2)
        if length is None:
            raise ValueError("an answer without a length")
        if len(self.come) < head_end + len(_END_OF_HEAD) + int(length[1]):
            return None
        return self.come[9:12] == b"200"


class _Load:
    """What goes on until it is over: visitors who ask in turns, and what they met."""

    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self._port = port
        self._requests = requests
        self._selector = selectors.DefaultSelector()
        self._waits: list[float] = []
        self._asked = self._errors = 0

    def run(self, connections: int, seconds: float, most: float) -> Stretch:
        began = time.perf_counter()
        with self._selector:
            for _ in range(int(min(connections, most))):
                self._come_in()
            while self._selector.get_map():
                visitors = self._ready()
                is_over = time.perf_counter() - began >= seconds
                for visitor in visitors:
                    self._attend(visitor, is_over=is_over or self._asked >= most)
        return Stretch(time.perf_counter() - began, self._waits, self._errors)

    def _ready(self) -> list[_Visitor]:
        """Return who has something to read; raises TimeoutError if nobody has for too long."""
        if not (ready := self._selector.select(_PATIENCE)):
            raise TimeoutError(f"no answer in {_PATIENCE} seconds")
        return [key.data for key, _ in ready]

    def _attend(self, visitor: _Visitor, *, is_over: bool) -> None:
        try:
            is_good = visitor.take()
            if is_good is None:
                return
            if is_good:
                self._waits.append(time.perf_counter() - visitor.asked_at)
            else:
                self._errors += 1
            if not is_over:
                self._ask(visitor)
                return
        except (OSError, ValueError):
            self._errors += 1
            if not is_over:
                self._come_in()
        self._selector.unregister(visitor.socket)
        visitor.socket.close()

    def _come_in(self) -> None:
        visitor = _Visitor(self._port)
        self._selector.register(visitor.socket, selectors.EVENT_READ, visitor)
        self._ask(visitor)

    def _ask(self, visitor: _Visitor) -> None:
        self._asked += 1
        visitor.ask(next(self._requests))
