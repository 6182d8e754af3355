"""`manage.py bench_history` as its user meets it: from a fresh checkout to figures under load."""

import json
import os
import subprocess
import sys
from pathlib import Path

from config.embedded_postgres.remove import remove
from tests.embedded.users import PROJECT, all_is_quiet, eventually
from timeline.bench.goals import GOALS
from timeline.bench.server import CONNECTIONS


def test_a_run_measures_all_and_leaves_no_process_behind(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    file = tmp_path / "figures.json"
    small = ["--scale", "0.001", "--requests", "2", "--rounds", "1", "--seconds", "0.2"]
    try:
        run = subprocess.run(
            [sys.executable, "manage.py", "bench_history", *small, "--json", str(file)],
            cwd=PROJECT,
            env={
                **environment,
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "LEADLINE_VAR_DIR": str(tmp_path / "var"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        eventually(lambda: all_is_quiet(tmp_path / "var" / "postgres"))
    finally:
        remove(tmp_path / "var" / "postgres")
    figures = json.loads(file.read_text())
    assert set(figures["goals"]) == {goal.what for goal in GOALS}
    assert None not in figures["goals"].values()
    assert figures["goals"]["errors under load"] == 0
    assert set(figures["load"]["levels"]) == {str(connections) for connections in CONNECTIONS}
    assert "not measured" not in run.stdout
