"""`manage.py serve`: everything between a fresh checkout and a page in the browser."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError, connections

from config import serving, static_files

DEMO = """
  Leadline is up:  {url}

  Staff   {staff[email]}   {staff[password]}
  Admin   {admin[email]}   {admin[password]}   {url}/admin/

  curl -H "X-API-Key: {api_key}" \\
    {url}/api/public/leads/{lead_id}/history

  Ctrl-C stops it.
"""


class Command(BaseCommand):
    """Prepare the database and the static files, then serve."""

    help = "Apply migrations, collect static files and serve the application."
    # The check needs no database, and what it finds should not come before a taken port.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to listen, and whether to show off."""
        parser.add_argument("--host", default="127.0.0.1", help="default: this machine alone")
        port = os.environ.get("PORT") or "8000"
        parser.add_argument("--port", type=int, default=port, help="default: $PORT, or 8000")
        parser.add_argument("--demo", action="store_true", help="with demo data and sign-ins")

    def handle(self, *_args: object, **options: Any) -> None:
        """Serve until told to stop."""
        host, port = options["host"], options["port"]
        self._check_port(host, port)
        url = f"http://{serving.reachable(host)}:{port}"
        try:
            ready = self._prepare(url, demo=options["demo"])
            serving.serve(host, port, lambda: self._say(ready))
        except (DatabaseError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped.", returncode=130) from None

    def _check_port(self, host: str, port: int) -> None:
        try:
            serving.check_port(host, port)
        except serving.PortTakenError:
            raise CommandError(
                f"Port {port} is taken. Try another: make run PORT={port + 1}"
            ) from None
        except (OSError, OverflowError) as error:
            raise CommandError(f"Cannot listen on {host}, port {port}: {error}") from error

    def _prepare(self, url: str, *, demo: bool) -> str:
        """Bring database and files up to date; return what to say once the server answers."""
        self._say("Preparing the database …")
        self.check(databases=["default"])
        call_command("migrate", interactive=False, verbosity=0)
        static_files.collect_if_changed()
        text = DEMO.format(url=url, **self._demo()) if demo else f"Leadline is up: {url}"
        # The workers open connections of their own; what a fork shares gets mixed up.
        connections.close_all()
        return text

    def _demo(self) -> dict[str, Any]:
        """Return the demo's sign-ins, after loading the demo if it is not there."""
        file = settings.VAR_DIR / "demo.json"
        if not file.exists() or not _has_lead(json.loads(file.read_text())["lead_id"]):
            self._say("Loading the demo …")
            call_command("seed_demo")
        demo: dict[str, Any] = json.loads(file.read_text())
        return demo

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _has_lead(lead_id: str) -> bool:
    # The file may have outlived the database it was written for.
    return apps.get_model("leads", "Lead")._base_manager.filter(pk=lead_id).exists()
