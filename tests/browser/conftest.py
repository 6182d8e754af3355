"""A real browser before the real server; what it complains about fails the test."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from leads.models import Membership
from tests.browser import chromium

# Playwright's own event loop runs in the tests' thread, where the ORM is used all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Milliseconds. What is waited for comes, on a machine that is busy with much else too; what never
# comes fails all the same.
_PATIENCE = 30_000
expect.set_options(timeout=_PATIENCE)

_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `CSP ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        pytest.fail(chromium.HELP)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What browsers complain about: errors of scripts, and what the policy kept from happening."""
    found: list[str] = []
    yield found
    assert not found


@pytest.fixture
def visit(
    browser: Browser,
    live_server: LiveServer,
    complaints: list[str],
    settings: Any,
) -> Iterator[Visit]:
    """Open an address as a member, in a browser of its own: ``visit(owner, "/leads/")``."""
    settings.ROOT_URLCONF = "tests.browser.urls"
    contexts: list[BrowserContext] = []

    def open_page(member: Membership | None, address: str, **options: Any) -> Page:
        options = {"timezone_id": "America/Santiago", "locale": "en-GB"} | options
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        if member is not None:
            context.add_cookies([_session(member, live_server.url)])
        zone = {"name": "leadline_zone", "value": options["timezone_id"], "url": live_server.url}
        context.add_cookies([zone])  # type: ignore[list-item] # as Playwright wants it
        context.route(lambda url: not url.startswith(live_server.url), lambda route: route.abort())
        context.add_init_script(_REPORT_VIOLATIONS)
        page = context.new_page()
        page.set_default_timeout(_PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: _note(message, live_server.url, complaints))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


def _session(member: Membership, url: str) -> Any:
    client = Client(HTTP_HOST="localhost")
    client.force_login(member.user)
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value, "url": url}


def _note(message: ConsoleMessage, own_url: str, complaints: list[str]) -> None:
    """Keep what is an error of ours: that others cannot be reached is how tests are."""
    if message.type != "error":
        return
    of_others = not message.location["url"].startswith(own_url)
    if message.text.startswith("Failed to load resource") and of_others:
        return
    complaints.append(message.text)


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Assert that axe finds nothing on the page."""
    axe = Axe()

    def check(page: Page) -> None:
        # Preloading, axe puts style elements into a page whose sheets import others.
        results = axe.run(page, options={"preload": False})
        assert not results.response["violations"], results.generate_report()

    return check
