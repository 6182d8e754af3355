"""The benchmark's load: every answer is waited for and counted, and what is none as well."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from math import inf
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

from timeline.bench import load, server
from timeline.bench.load import Stretch, get, level_of

BODY = b"x" * 100_000


class Site:
    """A small site; `asked` are its visits: from which connection, and where to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append((environ["HTTP_X_PORT"], path))
        status = "500 Oh" if path == "/broken" else "200 OK"
        if path == "/endless":
            start_response(status, [])
            return [BODY, BODY]
        start_response(status, [("Content-Length", str(len(BODY)))])
        return [BODY]


class Handler(WSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), "HTTP_X_PORT": str(self.client_address[1])}


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def port(site: Site) -> Iterator[int]:
    listening = ThreadedWSGIServer(("127.0.0.1", 0), Handler)
    listening.set_app(site)
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    yield listening.server_port
    listening.shutdown()
    thread.join()
    listening.server_close()


def requests(*paths: str) -> list[bytes]:
    return [get(path, "localhost", {"X-API-Key": "k"}) for path in paths]


def test_every_connection_asks_again_as_soon_as_it_is_answered(site: Site, port: int) -> None:
    stretch = load.put_under(port, requests("/a", "/b"), connections=3, most=20)
    assert len(stretch.waits) == len(site.asked) == 20
    assert stretch.errors == 0
    assert all(0 < wait <= stretch.seconds for wait in stretch.waits)
    assert len({visitor for visitor, _ in site.asked}) == 3
    assert sorted(path for _, path in site.asked) == ["/a"] * 10 + ["/b"] * 10


def test_what_is_asked_is_answered_when_the_time_is_over(site: Site, port: int) -> None:
    stretch = load.put_under(port, requests("/a"), connections=4, seconds=0)
    assert len(stretch.waits) == len(site.asked) == 4


def test_nothing_is_asked_of_a_server_that_has_been_asked_enough(site: Site, port: int) -> None:
    assert load.put_under(port, requests("/a"), connections=4, most=0).waits == []
    assert site.asked == []


@pytest.mark.parametrize("path", ["/broken", "/endless"])
def test_another_answer_is_an_error_and_the_load_goes_on(site: Site, port: int, path: str) -> None:
    stretch = load.put_under(port, requests("/a", path), connections=1, most=10)
    assert (len(stretch.waits), stretch.errors) == (5, 5)
    assert len(site.asked) == 10


def test_a_server_that_is_gone_is_told() -> None:
    listening = ThreadedWSGIServer(("127.0.0.1", 0), Handler)
    listening.server_close()
    with pytest.raises(ConnectionRefusedError):
        load.put_under(listening.server_port, requests("/a"), connections=1, most=1)


def test_a_level_has_the_medians_of_its_stretches_and_all_of_their_errors() -> None:
    stretches = [
        Stretch(seconds=1, waits=[0.001 * n for n in range(1, 101)], errors=1),
        Stretch(seconds=1, waits=[0.001] * 50, errors=2),
        Stretch(seconds=2, waits=[], errors=0),
    ]
    assert level_of(stretches) == pytest.approx((50, 50, 99, 3))


def test_nothing_but_errors_is_an_endless_wait() -> None:
    assert level_of([Stretch(seconds=1, waits=[], errors=9)]) == (0, inf, inf, 9)


@pytest.mark.skipif(sys.platform != "linux", reason="no /proc")
def test_the_memory_of_a_server_is_that_of_the_process_it_started() -> None:
    program = "import sys; held = bytes(range(256)) * 400_000; print(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes) as child:
        assert child.stdout is not None
        child.stdout.readline()
        memory = server.memory_of(os.getpid())
        child.communicate()
    assert memory is not None
    assert memory > 100_000_000
