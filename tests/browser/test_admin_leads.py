"""Leads in the admin, in a browser, with the API looking on."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from leads.models import Account, Lead, Membership
from tests.browser.conftest import Visit
from tests.conftest import ApiClient
from tests.factories import (
    ActivityDraftFactory,
    CallDraftFactory,
    LeadFactory,
    MessageDraftFactory,
    api_key,
)
from timeline.entries import AnyDraft
from timeline.recording import record_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(owner: Membership) -> Membership:
    owner.user.is_staff = True
    owner.user.save()
    return owner


@pytest.fixture
def told(lead: Lead) -> Lead:
    """A lead with 60 messages, a call and an activity."""
    drafts: list[AnyDraft] = [
        *MessageDraftFactory.build_batch(60, lead_id=lead.id),
        CallDraftFactory.build(lead_id=lead.id),
        ActivityDraftFactory.build(lead_id=lead.id),
    ]
    record_all(lead.account_id, drafts)
    return lead


def test_a_lead_is_deleted_and_restored_and_the_api_agrees_each_time(
    visit: Visit, admin: Membership, told: Lead, accessible: Callable[[Page], None]
) -> None:
    api = ApiClient(api_key(told.account)[1])
    page = visit(admin, "/admin/leads/lead/?q=9+1234+5678")
    page.locator("#result_list tbody th a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change lead")
    accessible(page)
    assert api.history(told).status_code == 200

    page.get_by_role("link", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Delete from every list")
    accessible(page)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted on")).to_be_visible()
    accessible(page)
    assert api.history(told).status_code == 404

    page.get_by_role("link", name="Restore").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("1 lead is restored.")).to_be_visible()
    titles = [entry.get("title") for entry in api.history(told, "?limit=200").json()["history"]]
    assert titles[-2:] == ["Lead deleted", "Lead restored"]


def test_the_timeline_is_paged_and_filtered_by_channel(
    visit: Visit, admin: Membership, told: Lead
) -> None:
    page = visit(admin, f"/admin/leads/lead/{told.pk}/change/")
    entries = page.locator(".entries .entry")
    expect(entries).to_have_count(50)
    page.get_by_role("link", name="Older").click()
    expect(entries).to_have_count(12)
    page.locator("#timeline").get_by_role("link", name="Calls").click()
    expect(entries).to_have_count(1)
    expect(entries).to_contain_text("Discussed pricing tiers")


def test_a_lead_is_changed_with_its_owner_found_by_typing(
    visit: Visit, admin: Membership, colleague: Membership, told: Lead
) -> None:
    page = visit(admin, f"/admin/leads/lead/{told.pk}/change/")
    page.locator("#id_status").select_option("won")
    page.locator(".field-owner .select2-selection").click()
    page.locator(".select2-search__field").fill("carl")
    page.get_by_role("option", name="Carlos").click()
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("#timeline")).to_contain_text("Assigned to Carlos Colleague")
    expect(page.locator("#timeline")).to_contain_text("Status changed to Won")


def test_an_entry_of_a_list_leads_to_its_place_in_the_timeline(
    visit: Visit, admin: Membership, told: Lead, accessible: Callable[[Page], None]
) -> None:
    page = visit(admin, "/admin/timeline/message/")
    accessible(page)
    page.get_by_role("link", name="Older").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(10)
    page.locator("#result_list tbody tr .field-place a").first.click()
    expect(page.locator(".entry:target")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen_and_nothing_is_inaccessible(
    visit: Visit,
    admin: Membership,
    account: Account,
    told: Lead,
    accessible: Callable[[Page], None],
    width: int,
    scheme: str,
) -> None:
    LeadFactory.create_batch(3, account=account)
    api_key(account, expires_at=timezone.now() + timedelta(days=3))
    page = visit(admin, "/admin/", viewport={"width": width, "height": 900}, color_scheme=scheme)
    for address in (
        "/admin/",
        "/admin/leads/lead/",
        f"/admin/leads/lead/{told.pk}/change/",
        "/admin/leads/apikey/",
        "/admin/leads/auditentry/",
        f"/admin/leads/account/{account.pk}/change/",
    ):
        page.goto(address)
        accessible(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, address
