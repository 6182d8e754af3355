"""A channel from its making to its deliveries, as an account's admin sees it in a browser."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from leads.models import Lead, Membership
from tests.browser.conftest import Visit
from tests.factories import ChannelFactory
from tests.timeline.inbox import address_of, delivery, message, signature, status
from timeline import inbox
from timeline.inbox_models import ProviderChannel
from timeline.webhooks.provider import Received

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER_ID = "106540352242922"


@pytest.fixture
def admin(owner: Membership) -> Membership:
    owner.user.is_staff = True
    owner.user.save()
    return owner


@pytest.fixture(autouse=True)
def _public_url(live_server: LiveServer, settings: Any) -> None:
    settings.PUBLIC_URL = live_server.url


def deliver(body: bytes, secret: str = "shhh") -> None:
    channel = ProviderChannel.objects.get()
    headers = {"X-Hub-Signature-256": signature(body, secret)}
    Client().post(address_of(channel), body, "application/json", headers=headers)


def is_at(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_channel_is_made_tried_and_watched(
    visit: Visit, admin: Membership, lead: Lead, accessible: Callable[[Page], None], scheme: str
) -> None:
    page = visit(
        admin,
        "/admin/timeline/providerchannel/add/",
        permissions=["clipboard-read", "clipboard-write"],
        color_scheme=scheme,
    )
    accessible(page)
    page.get_by_label("Provider").select_option("whatsapp")
    page.get_by_label("Name").fill("Sales Santiago")
    page.get_by_role("button", name="Save", exact=True).click()
    is_at(page, "Change channel")
    page.get_by_label("Phone number ID").fill(NUMBER_ID)
    page.get_by_label("App secret").fill("shhh")
    page.get_by_label("Verify token").fill("let me in")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    expect(page.get_by_label("App secret")).to_have_value("")
    accessible(page)

    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith(address_of(ProviderChannel.objects.get()))

    page.get_by_role("link", name="Test", exact=True).click()
    is_at(page, "Test of Sales Santiago")
    expect(page.get_by_text("Nothing was delivered yet.")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="Deliver a test").click()
    expect(page.get_by_text("A signed test delivery was stored")).to_be_visible()

    deliver(delivery(messages=[message("a", 1)], statuses=[status("b", "read", 2)]))
    deliver(b"{}", "another secret")
    page.goto("/admin/")
    expect(page.get_by_text("0 failed and 1 refused in the last 24 hours")).to_be_visible()
    accessible(page)
    page.goto("/admin/timeline/providerchannel/")
    expect(page.get_by_role("row", name="Sales Santiago")).to_contain_text("1 refused")
    accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_delivery_is_found_and_leads_to_its_entry_and_back(
    visit: Visit, admin: Membership, lead: Lead, accessible: Callable[[Page], None], scheme: str
) -> None:
    ProviderChannel.objects.create(
        account=admin.account,
        provider="whatsapp",
        name="Sales Santiago",
        address=NUMBER_ID,
        secrets={"app_secret": "shhh"},  # type: ignore[misc] # a field of ours
    )
    deliver(delivery(messages=[message("a", 1)], statuses=[status("b", "read", 2)]))
    page = visit(admin, "/admin/timeline/delivery/", color_scheme=scheme)
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    accessible(page)
    page.locator("#result_list tbody th a").click()
    is_at(page, "View delivery")
    expect(page.locator("pre.body")).to_contain_text('"messaging_product": "whatsapp"')
    expect(page.get_by_text("waits for its entry")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="whatsapp inbound").click()
    is_at(page, "Change lead")

    page.goto(f"/leads/{lead.pk}/")
    page.locator(".entry .when").first.click()
    page.get_by_text("Why is this here?").click()
    expect(page.get_by_text("It came in on “Sales Santiago”")).to_be_visible()
    expect(page.get_by_text("The lead was found by: phone.")).to_be_visible()
    accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_delivery_fits_a_phone_however_long_its_headers_names_are(
    visit: Visit, admin: Membership, accessible: Callable[[Page], None], scheme: str
) -> None:
    channel = ChannelFactory.create(account=admin.account)
    inbox.receive(
        channel,
        Received(
            "https://leadline.example/api/webhooks/" + "a" * 200,
            {"x-hub-signature-256": "sha256=" + "ab" * 32, "x" * 200: "y" * 200},
            b'{"text": "' + b"z" * 500 + b'"}',
            timezone.now(),
        ),
    )
    page = visit(
        admin,
        "/admin/timeline/delivery/",
        viewport={"width": 390, "height": 844},
        color_scheme=scheme,
    )
    page.locator("#result_list tbody th a").click()
    is_at(page, "View delivery")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    # The value is what one reads: it has most of the width.
    cells = (page.locator(f".request tr {each}").first for each in ("th", "td"))
    name, value = (cell.bounding_box() for cell in cells)
    assert name is not None
    assert value is not None
    assert name["width"] < value["width"]
    accessible(page)
