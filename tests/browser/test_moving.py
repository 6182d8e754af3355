"""An entry moved to another lead in a real browser."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from leads.models import Lead, Membership
from tests.browser.conftest import Visit, tell
from tests.browser.test_lead_page import PHONE, shown
from tests.factories import CallDraftFactory, LeadFactory, MessageDraftFactory
from timeline import moving
from timeline.entries import Channel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def target(lead: Lead) -> Lead:
    return LeadFactory.create(
        account=lead.account, first_name="Ana", last_name="Pérez", company="Pérez e Hijas"
    )


@pytest.fixture
def entries(lead: Lead) -> list[UUID]:
    now = timezone.now()
    return tell(
        lead,
        MessageDraftFactory.build(lead_id=lead.pk, occurred_at=now, content="Not for you"),
        MessageDraftFactory.build(
            lead_id=lead.pk, occurred_at=now, channel=Channel.EMAIL, subject="Offer"
        ),
        CallDraftFactory.build(lead_id=lead.pk, occurred_at=now),
        MessageDraftFactory.build(lead_id=lead.pk, occurred_at=now, direction="outbound"),
    )


def test_by_keyboard_alone_an_entry_moves_and_an_open_page_lets_it_go(
    visit: Visit, owner: Membership, lead: Lead, target: Lead, entries: list[UUID]
) -> None:
    LeadFactory.create_batch(11, account=lead.account)
    watching = visit(owner, f"/leads/{lead.pk}/?channel=whatsapp")
    there = visit(owner, f"/leads/{target.pk}/")
    page = visit(owner, f"/leads/{lead.pk}/")
    move = page.locator(f"#e-{entries[0]}").get_by_role("link", name="Move to another lead")
    move.focus()
    expect(move).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    page.wait_for_url("**/move/")  # with its scripts: what is typed before them is not looked for
    expect(page.get_by_role("searchbox", name="Find the lead it belongs to")).to_be_focused()
    page.keyboard.type("ana per")
    expect(page.locator(".target")).to_have_count(1)
    assert "q=ana" in page.url
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Move to Ana Pérez")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Moved to Ana Pérez.")).to_be_visible()
    expect(page.get_by_text("Message moved to Ana Pérez", exact=True)).to_be_visible()
    assert str(entries[0]) not in shown(page)
    expect(watching.locator(f"#e-{entries[0]}")).to_have_count(0)
    expect(watching.locator(f"#e-{entries[3]}")).to_be_visible()
    expect(there.locator(f"#e-{entries[0]}")).to_be_visible()
    expect(there.get_by_text(f"Message moved here from {lead}")).to_be_visible()


def test_a_page_left_with_nothing_loses_the_day_as_well(
    visit: Visit, owner: Membership, lead: Lead, target: Lead, entries: list[UUID]
) -> None:
    page = visit(owner, f"/leads/{lead.pk}/?channel=call")
    expect(page.locator(".day")).to_have_count(1)
    moving.move(owner, entries[2], lead.pk, target.pk)
    expect(page.locator("#timeline > .entry")).to_have_count(0)
    expect(page.locator("#timeline > .day")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("options", [PHONE, {}], ids=["phone", "desk"])
def test_it_is_accessible_and_fits(
    visit: Visit,
    owner: Membership,
    lead: Lead,
    target: Lead,
    entries: list[UUID],
    accessible: Callable[[Page], None],
    options: dict[str, object],
    theme: str,
) -> None:
    page = visit(
        owner, f"/leads/{lead.pk}/entries/{entries[0]}/move/", color_scheme=theme, **options
    )
    accessible(page)
    page.get_by_role("searchbox").fill("nobody")
    expect(page.get_by_text("No lead matches")).to_be_visible()
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"/leads/{lead.pk}/")
    accessible(page)


def test_it_needs_no_script(
    visit: Visit, owner: Membership, lead: Lead, target: Lead, entries: list[UUID]
) -> None:
    page = visit(owner, f"/leads/{lead.pk}/", java_script_enabled=False)
    page.locator(f"#e-{entries[1]}").get_by_role("link", name="Move to another lead").click()
    page.get_by_role("searchbox", name=re.compile("^Find the lead")).fill("pérez")
    page.get_by_role("searchbox", name=re.compile("^Find the lead")).press("Enter")
    page.get_by_role("button", name="Move to Ana Pérez").click()
    expect(page.get_by_text("E-mail moved to Ana Pérez", exact=True)).to_be_visible()
