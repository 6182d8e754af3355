"""Whose leads one sees: those of an account one is a member of now, and no others."""

import re
from typing import Any

import pytest
from django.test import Client

from leads.models import Account, Lead, Membership
from tests.factories import LeadFactory, MembershipFactory, UserFactory


def browser_of(membership: Membership) -> Client:
    browser = Client(HTTP_HOST="localhost")
    browser.force_login(membership.user)
    return browser


def said(answer: Any) -> str:
    """Return the page without what is another one at each request."""
    return re.sub(r'X-CSRFToken": "\w+"|value="\w{64}"', "", answer.content.decode())


def leads_seen(browser: Client) -> str:
    return browser.get("/leads/").content.decode()


@pytest.fixture
def second(owner: Membership, other_account: Account) -> Membership:
    """The owner's membership in the other account, whose name comes after."""
    return MembershipFactory.create(user=owner.user, account=other_account)


def test_owner_and_colleague_see_their_accounts_leads_and_the_stranger_does_not(
    owner: Membership, colleague: Membership, stranger: Membership, lead: Lead, other_lead: Lead
) -> None:
    for member, seen, hidden in [
        (owner, lead, other_lead),
        (colleague, lead, other_lead),
        (stranger, other_lead, lead),
    ]:
        page = leads_seen(browser_of(member))
        assert str(seen.pk) in page
        assert str(hidden.pk) not in page


def test_a_strangers_lead_is_as_little_there_as_one_that_never_was(
    stranger: Membership, lead: Lead
) -> None:
    browser = browser_of(stranger)
    never = "0197a000-0000-7000-8000-000000000000"
    theirs, unknown = browser.get(f"/leads/{lead.pk}/"), browser.get(f"/leads/{never}/")
    assert theirs.status_code == unknown.status_code == 404
    assert said(theirs).replace(str(lead.pk), never) == said(unknown)


def test_a_removed_member_sees_nothing_at_the_next_click(colleague: Membership, lead: Lead) -> None:
    browser = browser_of(colleague)
    assert str(lead.pk) in leads_seen(browser)
    colleague.delete()
    answer = browser.get("/leads/")
    assert answer.status_code == 403
    assert str(lead.pk) not in answer.content.decode()
    assert "belong to no account" in answer.content.decode()
    assert browser.get(f"/leads/{lead.pk}/").status_code == 403


def test_somebody_without_an_account_is_told_whom_to_ask(db: None) -> None:
    nobody = UserFactory.create(email="nobody@example.com")
    browser = Client(HTTP_HOST="localhost")
    browser.force_login(nobody)
    answer = browser.get("/leads/")
    assert answer.status_code == 403
    assert "nobody@example.com" in answer.content.decode()


def test_a_member_of_two_accounts_begins_with_the_first_by_name_and_switches(
    owner: Membership, second: Membership, lead: Lead, other_lead: Lead
) -> None:
    browser = browser_of(owner)
    assert str(lead.pk) in leads_seen(browser)
    answer = browser.post("/accounts/switch/", {"account": second.account_id})
    assert answer["Location"] == "/leads/"
    assert str(other_lead.pk) in leads_seen(browser)
    assert str(lead.pk) not in leads_seen(browser)


def test_the_menu_offers_accounts_to_who_has_several(
    owner: Membership, second: Membership, colleague: Membership
) -> None:
    assert second.account.name in leads_seen(browser_of(owner))
    assert "/accounts/switch/" not in leads_seen(browser_of(colleague))


def test_who_leaves_the_chosen_account_is_back_in_the_other(
    owner: Membership, second: Membership, lead: Lead, other_lead: Lead
) -> None:
    browser = browser_of(owner)
    browser.post("/accounts/switch/", {"account": second.account_id})
    second.delete()
    page = leads_seen(browser)
    assert str(lead.pk) in page
    assert str(other_lead.pk) not in page


@pytest.mark.parametrize("number", ["", "none", "²", "999999", "99999999999999999999999"])
def test_an_account_that_is_none_cannot_be_switched_to(owner: Membership, number: str) -> None:
    answer = browser_of(owner).post("/accounts/switch/", {"account": number})
    assert answer.status_code == 404


def test_another_accounts_number_is_answered_as_an_unknown_one(
    owner: Membership, other_lead: Lead
) -> None:
    browser = browser_of(owner)
    answer = browser.post("/accounts/switch/", {"account": other_lead.account_id})
    unknown = browser.post("/accounts/switch/", {"account": 999_999})
    assert answer.status_code == unknown.status_code == 404
    assert said(answer) == said(unknown)
    assert str(other_lead.pk) not in leads_seen(browser)


def test_switching_takes_a_post_and_a_signed_in_person(owner: Membership) -> None:
    assert browser_of(owner).get("/accounts/switch/").status_code == 405
    answer = Client(HTTP_HOST="localhost").post("/accounts/switch/", {"account": owner.account_id})
    assert answer["Location"].startswith("/accounts/login/")


def test_a_deleted_lead_is_on_nobodys_list(owner: Membership, lead: Lead) -> None:
    gone = LeadFactory.create(account=owner.account, first_name="Gone")
    Lead.objects.filter(pk=gone.pk).update(deleted_at=gone.created_at)
    page = leads_seen(browser_of(owner))
    assert str(lead.pk) in page
    assert str(gone.pk) not in page
