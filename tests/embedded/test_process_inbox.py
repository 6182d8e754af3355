"""`manage.py process_inbox` as whoever runs it meets it: a process that lives until it is told."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.embedded_postgres.remove import remove
from tests.embedded.users import DEADLINE_SECONDS, PROJECT, pipe


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_waits_for_a_database_that_is_not_ready_and_stops_when_told(
    tmp_path: Path, how: signal.Signals
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "process_inbox", "--interval", "0.1"],
        cwd=PROJECT,
        env={
            **environment,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LEADLINE_VAR_DIR": str(tmp_path),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with worker:
        try:
            # There are no tables yet: somebody has still to run `migrate`.
            assert "The database does not answer" in pipe(worker.stderr).readline()
            worker.send_signal(how)
            assert worker.wait(DEADLINE_SECONDS) == 0
            assert pipe(worker.stdout).read() == "Processed 0 deliveries.\n"
        finally:
            worker.kill()
    remove(tmp_path / "postgres")
