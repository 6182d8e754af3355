"""The life of an API key, as an account's admin lives it: in a browser, and with curl."""

import shlex
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from leads.models import Lead, Membership
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(owner: Membership) -> Membership:
    owner.user.is_staff = True
    owner.user.save()
    return owner


@pytest.fixture(autouse=True)
def _public_url(live_server: LiveServer, settings: Any) -> None:
    settings.PUBLIC_URL = live_server.url


def status_of(command: str) -> int:
    """Run a curl command as it stands on the page; return the answer's status."""
    arguments = [*shlex.split(command), "-s", "-o", "/dev/null", "-w", "%{http_code}"]
    return int(subprocess.run(arguments, capture_output=True, check=True, text=True).stdout)


def is_at(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.wait_for_load_state()


def make_key(page: Page, name: str) -> str:
    """Make a key on the form; return the curl command that is shown with it."""
    page.get_by_label("Name", exact=False).first.fill(name)
    page.get_by_role("button", name="Save", exact=True).click()
    return page.locator("#curl").inner_text()


def test_a_key_is_made_used_rotated_and_revoked(
    visit: Visit, admin: Membership, lead: Lead, accessible: Callable[[Page], None]
) -> None:
    page = visit(
        admin, "/admin/leads/apikey/add/", permissions=["clipboard-read", "clipboard-write"]
    )
    accessible(page)
    first = make_key(page, "Website form")
    is_at(page, "Your new key")
    accessible(page)
    key = page.locator("#key").inner_text()
    page.get_by_role("button", name="Copy the key").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == key
    assert status_of(first) == 200

    page.reload()
    is_at(page, "Change API key")
    assert key not in page.content()
    accessible(page)

    page.get_by_role("link", name="Rotate").click()
    is_at(page, "Rotate this key")
    accessible(page)
    page.get_by_role("button", name="Rotate").click()
    is_at(page, "Your new key")
    second = page.locator("#curl").inner_text()
    assert second != first
    assert status_of(first) == status_of(second) == 200

    page.get_by_role("link", name="Website form").click()
    expect(page.get_by_text("Rotated. This key works until")).to_be_visible()
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("is revoked: its next call is refused")).to_be_visible()
    assert status_of(first) == 401
    assert status_of(second) == 200

    page.goto("/admin/leads/apikey/")
    expect(page.locator("#result_list tbody tr")).to_have_count(2)
    accessible(page)
    page.get_by_role("row", name="Revoked").get_by_role("link").first.click()
    page.get_by_role("link", name="Audit trail").click()
    is_at(page, "Audit trail")
    expect(page.get_by_role("cell", name="API key revoked")).to_be_visible()
    accessible(page)


def test_a_superuser_chooses_the_account_by_typing(
    visit: Visit, admin: Membership, lead: Lead, other_lead: Lead
) -> None:
    admin.user.is_superuser = True
    admin.user.save()
    page = visit(admin, "/admin/leads/apikey/add/")
    page.locator(".field-account .select2-selection").click()
    page.locator(".select2-search__field").fill("acme")
    page.get_by_role("option", name="Acme Solar").click()
    assert status_of(make_key(page, "CRM")) == 200
