"""A real browser before the real server; what it complains about fails the test."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from leads.models import Lead, Membership
from tests.browser import chromium
from tests.factories import ActivityDraftFactory, CallDraftFactory, MessageDraftFactory
from tests.timeline.test_mail import ZOO
from timeline import recording
from timeline.entries import AnyDraft, Channel

# Playwright's own event loop runs in the tests' thread, where the ORM is used all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# How long a machine that is busy with other things may take. What comes sooner is not waited for.
PATIENCE_MS = 30_000
expect.set_options(timeout=20_000)

_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `CSP ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""

# What is half faded in has not the contrast it is to have.
_AT_REST = """
() => Promise.allSettled(document.getAnimations()
  .filter((each) => each.effect.getComputedTiming().endTime !== Infinity)
  .map((each) => each.finished)).then(() => null)
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
    """Open an address as a member, in a browser of its own: ``visit(owner, "/leads/")``.

    With ``held``, no time passes on the page but what ``page.clock.run_for`` lets pass.
    """
    settings.ROOT_URLCONF = "tests.browser.urls"
    contexts: list[BrowserContext] = []

    def open_page(
        member: Membership | None, address: str, *, held: bool = False, **options: Any
    ) -> Page:
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
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: _note(message, live_server.url, complaints))
        if held:
            _hold(page)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


def _hold(page: Page) -> None:
    now = timezone.now()
    page.clock.install(time=now)
    page.clock.pause_at(now + timedelta(seconds=1))


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
        page.wait_for_load_state()
        page.evaluate(_AT_REST)
        # Preloading, axe puts style elements into a page whose sheets import others.
        # What is well is looked at too, but not described, which takes the most time.
        results = axe.run(page, options={"preload": False, "resultTypes": ["violations"]})
        assert not results.response["violations"], results.generate_report()

    return check


def tell(lead: Lead, *drafts: AnyDraft) -> list[UUID]:
    recording.record_all(lead.account_id, drafts)
    return [recording.entry_id(lead.account_id, draft) for draft in drafts]


@pytest.fixture
def history(lead: Lead) -> list[UUID]:
    """A lead's history of a week, 70 entries of all kinds."""
    begin = timezone.now() - timedelta(days=7)

    def drafts() -> list[AnyDraft]:
        said: list[AnyDraft] = []
        for number in range(70):
            same: dict[str, Any] = {
                "lead_id": lead.pk,
                "occurred_at": begin + timedelta(hours=2 * number),
                "external_id": str(number),
            }
            if number % 10 == 3:
                draft: AnyDraft = CallDraftFactory.build(
                    **same,
                    direction="inbound",
                    recording_url="/static/demo/recording.wav",
                    turns=[
                        {"speaker": "agent", "text": f"Call {number}, hello", "start": 1, "end": 3},
                        {"speaker": "lead", "text": "Is it waterproof?", "start": 4.5, "end": 6},
                    ],
                )
            elif number % 10 == 5:
                draft = MessageDraftFactory.build(
                    **same,
                    channel=Channel.EMAIL,
                    subject=f"Offer {number}",
                    content="The offer.",
                    html="<p>The offer.</p>" + "".join(ZOO.values()),
                    sender="Ana <ana@example.com>",
                )
            elif number % 10 == 7:
                draft = ActivityDraftFactory.build(**same)
            else:
                way = "outbound" if number % 2 else "inbound"
                draft = MessageDraftFactory.build(**same, direction=way, status="sent")
            said.append(draft)
        return said

    return tell(lead, *drafts())
