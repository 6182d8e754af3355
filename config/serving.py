"""Serving the application with granian: what `manage.py serve` does between check and stop."""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from multiprocessing import parent_process
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

# An open stream of live updates would otherwise hold up Ctrl-C for as long as it lasts.
STOP_SECONDS = 3
POLL_SECONDS = 0.05
ANSWER_SECONDS = 60


class PortTakenError(Exception):
    """Another program listens there."""


def check_port(host: str, port: int) -> None:
    """Raise PortTakenError if another program listens on the port, OSError if nobody may."""
    family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # What a server that has just stopped leaves for a minute does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTakenError from error
            raise


def serve(host: str, port: int, when_ready: Callable[[], None]) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP; call `when_ready` once the server answers."""
    # Any: granian declares few types.
    server: Any = Granian(
        "config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.WORKERS,
        blocking_threads=settings.THREADS,
        websockets=False,
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    )
    start = server.startup

    def startup(*arguments: Any) -> None:
        start(*arguments)
        # A closed terminal stops the server: granian would restart its workers and live on.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, server.signal_handler_interrupt)
        # Not before: no worker must be forked off while a thread runs.
        wait = threading.Thread(target=_call_when_ready, args=(host, port, when_ready))
        wait.daemon = True
        wait.start()

    server.startup = startup
    server.serve(target_loader=load_application)


def load_application(_target: str) -> WSGIApplication:
    """Load the application in a worker, and tie the worker to the process that started it."""
    parent = parent_process()
    if parent is not None:
        # Ctrl-C is for the parent, who then stops its workers; otherwise both race.
        os.setpgid(0, 0)
        threading.Thread(target=_stop_with, args=(parent.join,), daemon=True).start()
    application: WSGIApplication = import_string(settings.WSGI_APPLICATION)
    # Imports every view, which the first request would do otherwise, after what follows.
    reverse("lead-list")
    # What is there now stays: looking through all of it for garbage, every few thousand requests,
    # kept those of that moment waiting for a tenth of a second.
    gc.collect()
    gc.freeze()
    return application


def _stop_with(wait_for_parent: Callable[[], None]) -> None:
    wait_for_parent()
    os.kill(os.getpid(), signal.SIGKILL)


def _call_when_ready(host: str, port: int, when_ready: Callable[[], None]) -> None:
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        if _answers(host, port):
            when_ready()
            return
        time.sleep(POLL_SECONDS)


def _answers(host: str, port: int) -> bool:
    """Tell whether a worker answers HTTP: an open port alone is not enough."""
    try:
        with socket.create_connection((reachable(host), port), timeout=5) as connection:
            name = urlsplit(settings.PUBLIC_URL).netloc
            connection.sendall(f"HEAD / HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
            return connection.recv(5).startswith(b"HTTP/")
    except OSError:
        return False


def reachable(host: str) -> str:
    """Return the address to reach a server that listens on `host`."""
    return "localhost" if host in {"", "0.0.0.0", "::", "127.0.0.1"} else host  # noqa: S104
