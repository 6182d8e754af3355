"""`make screenshots`: photograph every page into `screenshots/`, narrow to wide, light and dark.

Serves the demo from a data folder of its own, signs in as its people do, and takes a picture of
each page at each width in each theme; the style guide shows every component in every state.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import find

WIDTHS = (390, 1024, 1920)
THEMES = ("light", "dark")
TO = Path("screenshots")
START_SECONDS = 180

# Whose page is opened: a lead on which everything happens.
BUSY = "Halloran"

STAFF_PAGES = {
    "leads": "/leads/",
    "leads-waiting": "/leads/?status=contacted",
    "leads-none": "/leads/?q=nobody-is-called-this",
    "security": "/accounts/2fa/",
    "password": "/accounts/password/change/",
    "styleguide": "/styleguide/",
}
LEAD_PAGES = {
    "lead": "",
    "lead-oldest-first": "?order=oldest",
    "lead-calls": "?channel=call",
    "lead-mails": "?channel=email",
    "lead-search": "?q=delivery",
    "lead-edit": "edit/",
}
ADMIN_PAGES = {
    "admin": "/admin/",
    "admin-keys": "/admin/leads/apikey/",
    "admin-key-new": "/admin/leads/apikey/add/",
    "admin-leads": "/admin/leads/lead/",
    "admin-audit": "/admin/leads/auditentry/",
}


def main() -> None:
    chromium = os.environ.get("CHROMIUM") or find()
    with (
        tempfile.TemporaryDirectory(prefix="leadline-screenshots-") as folder,
        _served(Path(folder)) as (address, people),
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for theme in THEMES:
            for width in WIDTHS:
                _photograph(browser, address, people, theme, width)
        browser.close()
    sys.stdout.write(f"{len(list(TO.glob('*.png')))} pictures in {TO}/\n")


@contextmanager
def _served(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    port = _free_port()
    environment = {
        **os.environ,
        "LEADLINE_VAR_DIR": str(folder),
        "LEADLINE_DEBUG": "1",
        "PORT": str(port),
    }
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, "manage.py", "serve", "--demo"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            address = f"http://localhost:{port}"
            _wait_for(address)
            yield address, json.loads((folder / "demo.json").read_text())
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            urlopen(f"{address}/api/schema/", timeout=5).close()
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The server did not start")


def _photograph(
    browser: Browser, address: str, people: dict[str, Any], theme: Any, width: int
) -> None:
    def shoot(page: Page, name: str, url: str) -> None:
        page.goto(url, wait_until="networkidle")
        page.screenshot(path=TO / f"{name}-{width}-{theme}.png")

    context = browser.new_context(
        base_url=address, color_scheme=theme, viewport={"width": width, "height": 1000}
    )
    page = context.new_page()
    shoot(page, "sign-in", "/accounts/login/")
    _sign_in(page, people["staff"])
    for name, url in STAFF_PAGES.items():
        shoot(page, name, url)
    page.goto(f"/leads/?q={BUSY}")
    lead = page.get_by_role("link", name=BUSY).first.get_attribute("href")
    for name, query in LEAD_PAGES.items():
        shoot(page, name, f"{lead}{query}")
    shoot(page, "lead-example", f"/leads/{people['lead_id']}/")
    context.clear_cookies()
    page.goto("/accounts/login/")
    _sign_in(page, people["admin"])
    for name, url in ADMIN_PAGES.items():
        shoot(page, name, url)
    context.close()


def _sign_in(page: Page, person: dict[str, str]) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(person["email"])
    page.locator("input[name=password]").fill(person["password"])
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/leads/")


if __name__ == "__main__":
    main()
