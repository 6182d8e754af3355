"""`manage.py serve` as its user meets it: a process with a port, a data folder and signals."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from config.embedded_postgres.remove import remove
from tests.embedded.users import (
    DEADLINE_SECONDS,
    PROJECT,
    all_is_quiet,
    eventually,
    pipe,
    running,
)


@contextmanager
def serving(var: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=PROJECT,
        env={
            **environment,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LEADLINE_VAR_DIR": str(var),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("serve")
    yield folder
    remove(folder / "postgres")


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_until_up(process: subprocess.Popen[str]) -> None:
    for line in pipe(process.stdout):
        if "is up" in line:
            return
    pytest.fail(pipe(process.stderr).read())


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_says_when_it_answers_and_stops_on_request(
    var: Path, free_port: int, how: signal.Signals
) -> None:
    with serving(var, free_port) as process:
        wait_until_up(process)
        connection = HTTPConnection("127.0.0.1", free_port, timeout=DEADLINE_SECONDS)
        connection.request("GET", "/api/public/leads/nobody/history")
        assert connection.getresponse().status == 401
        connection.close()
        process.send_signal(how)
        assert process.wait(DEADLINE_SECONDS) == 0
        eventually(lambda: all_is_quiet(var / "postgres"))


def test_a_killed_server_takes_its_workers_and_database_along(var: Path, free_port: int) -> None:
    with serving(var, free_port) as process:
        wait_until_up(process)
        assert running("manage.py", str(free_port))
        process.kill()
        process.wait(DEADLINE_SECONDS)
        eventually(lambda: all_is_quiet(var / "postgres"))
        eventually(lambda: not running("manage.py", str(free_port)))


def test_a_taken_port_is_said_before_anything_is_done(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with serving(tmp_path, port) as process:
            assert process.wait(DEADLINE_SECONDS) == 1
            assert f"Port {port} is taken" in pipe(process.stderr).read()
            assert not (tmp_path / "postgres").exists()
