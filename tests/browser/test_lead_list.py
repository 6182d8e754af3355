"""The lead list in a real browser: finding, filtering, moving by keyboard, further leads."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from leads.models import Account, Lead, Membership
from tests.browser.conftest import Visit
from tests.factories import CallDraftFactory, LeadFactory, MembershipFactory, MessageDraftFactory
from timeline import recording

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def leads(owner: Membership) -> list[Lead]:
    """Ana (won, a call waits), Ben and Col; newest first."""
    now = timezone.now()
    ana, ben, col = (
        LeadFactory.create(
            account=owner.account,
            first_name=name,
            last_name="Rojas",
            company=company,
            email=f"{name.lower()}@example.com",
            phone=phone,
            status=status,
            created_at=now - timedelta(hours=number),
        )
        for number, (name, company, phone, status) in enumerate(
            [
                ("Ana", "Vidal & Hijos", "+56 9 1234 5678", Lead.Status.WON),
                ("Ben", "", "+56 9 8765 4321", Lead.Status.NEW),
                ("Col", "Clínica Norte", "+34 600 111 222", Lead.Status.NEW),
            ]
        )
    )
    said = now - timedelta(minutes=5)
    recording.record_all(
        owner.account_id,
        [
            CallDraftFactory.build(
                lead_id=ana.pk, occurred_at=said, direction="inbound", duration_seconds=0
            ),
            MessageDraftFactory.build(lead_id=ben.pk, occurred_at=said, direction="outbound"),
        ],
    )
    return [ana, ben, col]


def shows(page: Page, *names: str) -> None:
    """Wait until the list shows just these leads: what is clicked loads in its own time."""
    expect(page.locator(".row-link")).to_have_text(names)


def counts(page: Page, number: int) -> None:
    expect(page.locator(".row-link")).to_have_count(number)


@pytest.mark.usefixtures("leads")
def test_typing_finds_at_once_and_stands_in_the_address(visit: Visit, owner: Membership) -> None:
    page = visit(owner, "/leads/")
    page.keyboard.press("/")
    page.keyboard.type("(600) 111-222")
    shows(page, "Col Rojas")
    expect(page).to_have_url(re.compile(r"/leads/\?q=(\(|%28)600(\)|%29).{1,3}111-222$"))
    page.reload()
    shows(page, "Col Rojas")


@pytest.mark.usefixtures("leads")
def test_filters_combine_and_are_cleared(visit: Visit, owner: Membership) -> None:
    page = visit(owner, "/leads/")
    page.get_by_label("Status").select_option("Won")
    shows(page, "Ana Rojas")
    page.get_by_label("Owner").select_option("Me")
    expect(page.get_by_role("heading", name="No lead matches these filters")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/leads/\?status=won&owner={owner.pk}$"))
    page.get_by_role("link", name="Clear search and filters").click()
    shows(page, "Ana Rojas", "Ben Rojas", "Col Rojas")
    expect(page.get_by_label("Status")).to_have_value("")


@pytest.mark.usefixtures("leads")
def test_days_filter_and_an_order_sorts(visit: Visit, owner: Membership) -> None:
    page = visit(owner, "/leads/")
    page.get_by_label("Order").select_option("Oldest first")
    expect(page.locator(".row-link").first).to_have_text("Col Rojas")
    page.get_by_text("Created", exact=True).first.click()
    page.get_by_label("To", exact=True).fill("2020-01-01")
    expect(page.get_by_role("heading", name="No lead matches")).to_be_visible()


def test_keys_move_through_the_list_and_open_a_lead(
    visit: Visit, owner: Membership, leads: list[Lead]
) -> None:
    page = visit(owner, "/leads/")
    for key, name in [("j", "Ana"), ("j", "Ben"), ("j", "Col"), ("j", "Col"), ("k", "Ben")]:
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=f"{name} Rojas")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/leads/{leads[1].pk}/"))


@pytest.mark.usefixtures("leads")
def test_keys_typed_into_the_search_move_nothing(visit: Visit, owner: Membership) -> None:
    page = visit(owner, "/leads/")
    page.keyboard.press("/")
    page.keyboard.type("jk")
    expect(page.locator("[data-search]")).to_have_value("jk")
    page.locator("[data-search]").fill("rojas")
    counts(page, 3)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Ana Rojas")).to_be_focused()


def test_further_leads_come_as_one_scrolls(visit: Visit, owner: Membership) -> None:
    LeadFactory.create_batch(120, account=owner.account)
    page = visit(owner, "/leads/")
    counts(page, 50)
    for count in [100, 120]:
        page.get_by_role("link", name="More leads").scroll_into_view_if_needed()
        counts(page, count)
    expect(page.get_by_role("link", name="More leads")).to_have_count(0)
    assert len(set(page.locator(".row-link").evaluate_all("all => all.map(a => a.href)"))) == 120


def test_without_scripts_one_searches_filters_and_pages(visit: Visit, owner: Membership) -> None:
    LeadFactory.create_batch(60, account=owner.account, first_name="Ana")
    LeadFactory.create(account=owner.account, first_name="Ben")
    page = visit(owner, "/leads/", java_script_enabled=False)
    page.locator("[data-search]").fill("ana")
    page.get_by_role("button", name="Apply").click()
    counts(page, 50)
    page.get_by_role("link", name="More leads").click()
    counts(page, 10)
    page.get_by_role("link", name="Previous leads").click()
    counts(page, 50)


def test_another_account_is_two_clicks_away(
    visit: Visit, owner: Membership, other_account: Account, leads: list[Lead]
) -> None:
    MembershipFactory.create(user=owner.user, account=other_account)
    LeadFactory.create(account=other_account, first_name="Zoë", last_name="")
    page = visit(owner, "/leads/")
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Other Ltd").click()
    shows(page, "Zoë")


@pytest.mark.usefixtures("leads")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("device", [PHONE, {}], ids=["phone", "desk"])
def test_axe_finds_nothing_in_any_state(
    visit: Visit,
    owner: Membership,
    accessible: Callable[[Page], None],
    theme: str,
    device: dict[str, object],
) -> None:
    page = visit(owner, "/leads/", color_scheme=theme, **device)
    accessible(page)
    for menu in page.locator("details.menu > summary").all():
        menu.click()
        accessible(page)
        page.keyboard.press("Escape")
    for query in ["?q=zzz", "?status=bogus", "?status=won"]:
        page.goto(f"/leads/{query}")
        accessible(page)


@pytest.mark.usefixtures("leads")
@pytest.mark.parametrize("width", [360, 390, 768, 1024, 1920, 2560])
def test_nothing_stands_out_of_the_page(visit: Visit, owner: Membership, width: int) -> None:
    page = visit(owner, "/leads/", locale="es", viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
