"""The API's own page, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_api_describes_itself_from_its_own_address_alone(visit: Visit) -> None:
    page = visit(None, "/api/schema/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    own = page.url.removesuffix("/api/schema/")
    page.goto(f"{own}/api/docs/")
    expect(page.locator(".opblock-summary-path", has_text="history").first).to_be_visible()
    expect(page.get_by_role("button", name="Authorize").first).to_be_visible()
    assert [url for url in asked if not url.startswith((own, "data:"))] == []
