"""Pages of the lead list: every lead once, in order, from either end."""

from datetime import timedelta

import pytest

from leads.access import leads_of
from leads.models import Account, Lead
from leads.paging import SORTS, Page, read_page
from tests.factories import START, LeadFactory

NAMES = ["Zoë", "álvaro", "Alba", "Ñusta", "Nadia", "", "Øyvind"]


@pytest.fixture
def leads(account: Account) -> list[Lead]:
    """Seven leads of three moments, so that ties fall on page boundaries."""
    return [
        LeadFactory.create(
            account=account,
            first_name=name,
            last_name="",
            email="mm@example.com",
            created_at=START + timedelta(days=number // 3),
        )
        for number, name in enumerate(NAMES)
    ]


def walk(account: Account, sort: str, size: int) -> list[Page]:
    pages = [read_page(leads_of(account.pk), SORTS[sort], "", size)]
    while pages[-1].next:
        pages.append(read_page(leads_of(account.pk), SORTS[sort], pages[-1].next, size))
    return pages


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_give_every_lead_once_in_one_order(
    account: Account, leads: list[Lead], sort: str, size: int
) -> None:
    paged = [lead.pk for page in walk(account, sort, size) for lead in page.leads]
    whole = [lead.pk for lead in read_page(leads_of(account.pk), SORTS[sort], "").leads]
    assert paged == whole
    assert len(set(paged)) == len(leads)


@pytest.mark.parametrize("sort", SORTS)
def test_the_way_back_gives_the_same_pages(account: Account, leads: list[Lead], sort: str) -> None:
    forward = walk(account, sort, 2)
    page = forward[-1]
    for expected in reversed(forward[:-1]):
        page = read_page(leads_of(account.pk), SORTS[sort], page.previous, 2)
        assert page.leads == expected.leads
    assert not page.previous
    assert page.next


def test_names_are_in_order_whatever_their_accents_and_case(
    account: Account, leads: list[Lead]
) -> None:
    page = read_page(leads_of(account.pk), SORTS["name"], "")
    names = [lead.first_name for lead in page.leads]
    assert names == ["Alba", "álvaro", "", "Nadia", "Ñusta", "Zoë", "Øyvind"]


@pytest.mark.parametrize("cursor", ["nonsense", "", "a:b", "W10:AAAA"])
def test_a_cursor_that_is_not_ours_begins_at_the_beginning(
    account: Account, leads: list[Lead], cursor: str
) -> None:
    first = read_page(leads_of(account.pk), SORTS["newest"], "", 2)
    assert read_page(leads_of(account.pk), SORTS["newest"], cursor, 2) == first


def test_a_cursor_of_another_order_begins_at_the_beginning(
    account: Account, leads: list[Lead]
) -> None:
    of_names = read_page(leads_of(account.pk), SORTS["name"], "", 2).next
    first = read_page(leads_of(account.pk), SORTS["newest"], "", 2)
    assert read_page(leads_of(account.pk), SORTS["newest"], of_names, 2) == first


def test_a_page_whose_leads_are_gone_is_the_first_one(account: Account, leads: list[Lead]) -> None:
    last = read_page(leads_of(account.pk), SORTS["oldest"], "", 6).next
    Lead.objects.filter(pk=leads[-1].pk).delete()
    page = read_page(leads_of(account.pk), SORTS["oldest"], last, 6)
    assert page.leads[0] in leads[:3]
    assert not page.next


def test_a_lead_added_meanwhile_moves_no_other_lead(account: Account, leads: list[Lead]) -> None:
    first = read_page(leads_of(account.pk), SORTS["newest"], "", 3)
    expected = read_page(leads_of(account.pk), SORTS["newest"], first.next, 3)
    LeadFactory.create(account=account, created_at=START + timedelta(days=30))
    assert read_page(leads_of(account.pk), SORTS["newest"], first.next, 3).leads == expected.leads


def test_no_leads_are_a_page_without_neighbours(account: Account) -> None:
    assert read_page(leads_of(account.pk), SORTS["newest"], "") == Page([], "", "")
