"""`python -m tests.drill`: run the drill on a database of its own, which is removed afterwards."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from config.embedded_postgres.remove import remove

# The drill imports models, which Django must have been set up for.
_DRILL = """
import sys
import django
django.setup()
from tests.drill.run import main
sys.exit(main())
"""


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="leadline-drill-") as folder:
        environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LEADLINE_VAR_DIR": folder,
            "LEADLINE_LOG_LEVEL": "CRITICAL",
        }
        command = [sys.executable, "-c", _DRILL, *sys.argv[1:]]
        try:
            return subprocess.run(command, env=environment, check=False).returncode
        except KeyboardInterrupt:
            return 130
        finally:
            remove(Path(folder) / "postgres")


if __name__ == "__main__":
    sys.exit(main())
