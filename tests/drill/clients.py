"""Who delivers: at full speed, each delivery until it is acknowledged, to whichever server."""

import threading
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from itertools import count

from tests.drill.facts import Delivery, Fact, body_of, deliveries
from tests.timeline.inbox import signature

_PATIENCE = 10  # seconds for an answer
_PAUSE = 0.05  # seconds before another attempt


class Client(threading.Thread):
    """Delivers until `stop` is set, and then what it has begun; `sent` counts attempts."""

    def __init__(
        self, number: int, *, seed: int, path: str, ports: Sequence[int], stop: threading.Event
    ) -> None:
        super().__init__(name=f"client {number}", daemon=True)
        self.deliveries = deliveries(seed, number)
        self.path = path
        self.ports = ports
        self.stop = stop
        self.give_up_at = float("inf")
        self.sent = 0
        self.acknowledged = 0
        self.abandoned = 0
        self.facts: set[Fact] = set()
        self._turn = count(number)
        self._connection: HTTPConnection | None = None

    def run(self) -> None:
        while not self.stop.is_set():
            self.deliver(next(self.deliveries))

    def deliver(self, told: Delivery) -> None:
        body = body_of(told)
        while not self._is_acknowledged(body):
            if time.monotonic() > self.give_up_at:
                self.abandoned += 1
                return
            time.sleep(_PAUSE)
        self.acknowledged += 1
        self.facts.update(told)

    def _is_acknowledged(self, body: bytes) -> bool:
        self.sent += 1
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature(body)}
        try:
            connection = self._connected()
            connection.request("POST", self.path, body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, HTTPException):
            self._part()
            return False
        if answer.status != 200:
            self._part()
        return answer.status == 200

    def _connected(self) -> HTTPConnection:
        if self._connection is None:
            port = self.ports[next(self._turn) % len(self.ports)]
            self._connection = HTTPConnection("localhost", port, timeout=_PATIENCE)
        return self._connection

    def _part(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
