"""The lead list as a page: what a row says, what is found, and what it costs."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Lead, Membership
from tests.factories import CallDraftFactory, LeadFactory, MessageDraftFactory
from timeline import recording
from timeline.entries import Channel, Direction


@pytest.fixture
def browser(owner: Membership) -> Client:
    browser = Client(HTTP_HOST="localhost")
    browser.force_login(owner.user)
    # The session's renewal of the day is not what is counted below.
    browser.get("/leads/")
    return browser


def rows(browser: Client, query: str = "", **headers: str) -> list[str]:
    """Return the words of each row."""
    answer = browser.get(f"/leads/{query}", headers=headers)
    assert answer.status_code == 200
    found = re.findall(r"<tr [^>]*data-row>(.*?)</tr>", answer.content.decode(), re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]


def test_a_row_says_who_from_where_how_far_and_whose(
    browser: Client, owner: Membership, colleague: Membership
) -> None:
    LeadFactory.create(
        account=owner.account,
        first_name="Ana",
        last_name="Rojas",
        company="Vidal & Hijos",
        status=Lead.Status.QUALIFIED,
        source="web form",
        owner=colleague,
        created_at=timezone.now() - timedelta(hours=3),
    )
    (row,) = rows(browser)
    assert row.startswith("Ana Rojas Vidal &amp; Hijos Qualified")
    assert "Not spoken yet" in row
    assert row.endswith("Carlos Colleague web form 3 hours ago")


@pytest.mark.parametrize(
    ("draft", "words", "waits"),
    [
        (MessageDraftFactory.build(direction=Direction.INBOUND), "They wrote", True),
        (MessageDraftFactory.build(direction=Direction.OUTBOUND), "We wrote", False),
        (
            MessageDraftFactory.build(direction=Direction.INBOUND, channel=Channel.EMAIL),
            "They wrote",
            True,
        ),
        (CallDraftFactory.build(direction="inbound"), "They called", False),
        (CallDraftFactory.build(direction="inbound", duration_seconds=0), "Missed call", True),
        (CallDraftFactory.build(direction="outbound"), "We called", False),
        (CallDraftFactory.build(direction="outbound", duration_seconds=0), "No answer", True),
        (CallDraftFactory.build(direction=""), "Call", False),
    ],
)
def test_a_row_says_who_spoke_last_and_whether_an_answer_is_due(
    browser: Client, lead: Lead, draft: Any, words: str, waits: bool
) -> None:
    older = MessageDraftFactory.build(
        lead_id=lead.pk, external_id="older", occurred_at=timezone.now() - timedelta(days=2)
    )
    draft = type(draft)(
        **{
            name: getattr(draft, name)
            for name in type(draft).__dataclass_fields__
            if name not in {"lead_id", "occurred_at"}
        },
        lead_id=lead.pk,
        occurred_at=timezone.now() - timedelta(minutes=5),
    )
    recording.record_all(lead.account_id, [older, draft])
    (row,) = rows(browser)
    assert f"{words} 5 minutes ago" in row.replace("\xa0", " ")
    assert ("Waits for an answer" in row) == waits


def test_the_box_finds_names_companies_mails_and_phones(browser: Client, lead: Lead) -> None:
    LeadFactory.create(
        account=lead.account,
        first_name="Bo",
        last_name="Li",
        email="bo@other.com",
        phone="+1 212 555 0100",
    )
    for text in ["maria", "María José", "nun", lead.email, "912345678", "(56) 9 1234-5678", "5678"]:
        (row,) = rows(browser, f"?q={text}".replace(" ", "+"))
        assert str(lead) in row


def test_text_and_filters_narrow_together_and_stand_in_the_page(
    browser: Client, lead: Lead
) -> None:
    LeadFactory.create(account=lead.account, status=Lead.Status.WON)
    assert len(rows(browser, "?q=maria")) == 2
    assert len(rows(browser, "?q=maria&status=won")) == 1
    page = browser.get("/leads/?q=maria&status=won&created_after=2026-01-01").content.decode()
    assert 'value="maria"' in page
    assert '<option value="won" selected>' in page
    assert 'value="2026-01-01"' in page


def test_empty_lists_say_why_and_what_to_do(browser: Client, owner: Membership) -> None:
    assert "No leads yet" in browser.get("/leads/").content.decode()
    page = browser.get("/leads/?q=zzz").content.decode()
    assert "No lead matches “zzz”" in page
    assert 'href="/leads/"' in page
    assert "No lead matches these filters" in browser.get("/leads/?status=won").content.decode()


def test_a_value_that_is_no_filter_is_named(browser: Client, lead: Lead) -> None:
    assert "The filter “Status” was left out" in browser.get("/leads/?status=x").content.decode()
    assert len(rows(browser, "?status=x&sort=x&cursor=x")) == 1


def test_pages_are_linked_both_ways_without_a_script(browser: Client, owner: Membership) -> None:
    LeadFactory.create_batch(120, account=owner.account, source="api")
    seen: list[str] = []
    query = "?source=api&sort=name"
    while query:
        page = browser.get(f"/leads/{query}").content.decode()
        seen += re.findall(r'class="row-link" href="/leads/([^/]+)/"', page)
        next_link = re.search(r'rel="next" href="([^"]+)"', page)
        query = next_link[1].replace("&amp;", "&") if next_link else ""
    assert len(seen) == len(set(seen)) == 120
    back = re.search(r'rel="prev" href="([^"]+)"', page)
    assert back
    previous = browser.get(f"/leads/{back[1].replace('&amp;', '&')}").content.decode()
    assert re.findall(r'class="row-link" href="/leads/([^/]+)/"', previous) == seen[50:100]


def test_htmx_gets_the_results_alone_and_a_restored_history_the_page(
    browser: Client, lead: Lead
) -> None:
    part = browser.get("/leads/", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert "HX-Request" in part["Vary"]
    restored = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in browser.get("/leads/", headers=restored).content.decode()


def test_what_is_typed_and_stored_is_shown_as_text(browser: Client, owner: Membership) -> None:
    LeadFactory.create(account=owner.account, first_name="<script>alert(1)</script>", source="<b>")
    for query in ["", "?q=<img src=x>", "?source=<b>"]:
        page = browser.get(f"/leads/{query}").content.decode()
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "<b>" not in page


@pytest.mark.parametrize("count", [3, 50])
def test_a_page_takes_as_many_queries_for_fifty_leads_as_for_three(
    browser: Client,
    owner: Membership,
    colleague: Membership,
    count: int,
    django_assert_num_queries: Any,
) -> None:
    leads = LeadFactory.create_batch(count, account=owner.account, owner=colleague)
    drafts = [MessageDraftFactory.build(lead_id=lead.pk) for lead in leads]
    recording.record_all(owner.account_id, drafts)
    # session, user with memberships, sources, members, leads with owners, last touches
    with django_assert_num_queries(6):
        assert len(rows(browser)) == count


def test_a_page_of_fifty_leads_is_small(browser: Client, owner: Membership) -> None:
    leads = LeadFactory.create_batch(60, account=owner.account, company="Clínica Providencia")
    recording.record_all(
        owner.account_id, [MessageDraftFactory.build(lead_id=lead.pk) for lead in leads]
    )
    assert len(browser.get("/leads/").content) < 80_000
