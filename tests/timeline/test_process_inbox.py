"""The worker is told to stop by a signal, which comes whenever it likes."""

import signal
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from timeline import inbox

# Far more than a worker that stops needs; one that hangs is torn out of it, and fails.
_SECONDS = 5


class TellsAtLine:
    """Sends the signal before the nth line of Python that runs from now on."""

    def __init__(self, number: int, how: signal.Signals) -> None:
        self._left = number
        self._how = how

    def tell(self) -> None:
        signal.raise_signal(self._how)

    def __call__(self, _frame: FrameType, event: str, _argument: Any) -> "TellsAtLine":
        if event == "line" and self._left > 0:
            self._left -= 1
            if not self._left:
                self.tell()
        return self


@pytest.fixture(autouse=True)
def _hung_is_torn_out() -> Iterator[None]:
    def tear(*_: Any) -> None:
        raise TimeoutError("the worker did not stop")

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    alarm = signal.signal(signal.SIGALRM, tear)
    signal.setitimer(signal.ITIMER_REAL, _SECONDS)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, alarm)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_at_whatever_line_it_is_told(
    how: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "prune", lambda _: 0)
    for line in range(1, 1000):
        if not _was_told_between_looks(TellsAtLine(line, how), monkeypatch):
            break
    assert 1 < line < 999


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf"])
def test_there_is_time_between_looks(seconds: str) -> None:
    with pytest.raises(CommandError, match="above 0"):
        call_command("process_inbox", f"--interval={seconds}")


def _was_told_between_looks(teller: TellsAtLine, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Run a worker until it stops; return whether its first look and its second are that far apart.

    If they are not, it is told at its second look.
    """
    looks = 0

    def look(_: int) -> int:
        nonlocal looks
        looks += 1
        if looks == 1:
            sys.settrace(teller)
            frame: FrameType | None = sys._getframe()
            while frame is not None:
                frame.f_trace = teller
                frame = frame.f_back
        else:
            sys.settrace(None)
            teller.tell()
        return 0

    monkeypatch.setattr(inbox, "process_due", look)
    try:
        call_command("process_inbox", "--interval", "0.001")
    finally:
        sys.settrace(None)
    return looks == 1
