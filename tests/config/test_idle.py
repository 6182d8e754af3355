"""Polls that find nothing: answered early for whom it is certain, as any page for all others."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads import services
from leads.models import Account, Lead, Membership
from tests.factories import MembershipFactory, MessageDraftFactory
from timeline import live
from timeline.recording import record

# What others wrote is seen when they have committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(colleague: Membership) -> Client:
    client = Client()
    client.force_login(colleague.user)
    client.get("/leads/")  # renews the session for today
    return client


@pytest.fixture
def idle(lead: Lead) -> str:
    """The address at which an open page of the lead asks."""
    return address_of(lead)


def address_of(lead: Lead) -> str:
    return f"/leads/{lead.pk}/live/?token={quote(live.token())}"


def statements_of(browser: Client, address: str) -> tuple[int, int]:
    """Return the answer's status, and the statements that it took."""
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(address)
    return answer.status_code, len(queries)


def test_nothing_is_told_in_two_statements(browser: Client, idle: str) -> None:
    assert statements_of(browser, idle) == (204, 2)
    answer = browser.get(idle)
    assert answer.content == b""
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_new_is_told_as_ever(browser: Client, idle: str, lead: Lead) -> None:
    record(lead.account_id, MessageDraftFactory.build(lead_id=lead.pk))
    assert browser.get(idle).status_code == 200


@pytest.mark.parametrize("token", ["", "0", "1:2", "1:1:x", "999999999:999999999:"])
def test_an_unknown_token_is_told_to_begin_anew(browser: Client, lead: Lead, token: str) -> None:
    answer = browser.get(f"/leads/{lead.pk}/live/?token={token}")
    assert answer.status_code == 200
    assert b"data-stale" in answer.content


def test_nobody_who_is_not_signed_in_is_told_anything(idle: str) -> None:
    for cookie in ("", "nonsense", "\0", "x" * 5_000):
        client = Client()
        client.cookies["leadline_session"] = cookie
        assert client.get(idle).status_code == 302


def test_a_session_that_is_over_is_none(browser: Client, idle: str) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert browser.get(idle).status_code == 302


def test_a_session_of_another_secret_is_none(browser: Client, idle: str) -> None:
    session = Session.objects.get()
    session.session_data = session.session_data[:-1] + (
        "A" if session.session_data[-1] != "A" else "B"
    )
    session.save()
    assert browser.get(idle).status_code == 302


def _is_deactivated(member: Membership) -> None:
    member.user.is_active = False
    member.user.save()


def _changes_their_password(member: Membership) -> None:
    member.user.set_password("another good one")
    member.user.save()


@pytest.mark.parametrize("becomes", [_is_deactivated, _changes_their_password])
def test_who_is_signed_out_meanwhile_is_told_nothing(
    browser: Client, idle: str, colleague: Membership, becomes: Callable[[Membership], None]
) -> None:
    assert browser.get(idle).status_code == 204
    becomes(colleague)
    assert browser.get(idle).status_code == 302


def test_who_is_no_member_any_more_is_told_nothing(
    browser: Client, idle: str, colleague: Membership
) -> None:
    colleague.delete()
    assert browser.get(idle).status_code == 403


def test_a_stranger_s_lead_is_as_little_there_as_none(browser: Client, other_lead: Lead) -> None:
    nobody = f"/leads/{uuid4()}/live/?token={quote(live.token())}"
    for address in (address_of(other_lead), nobody):
        assert browser.get(address).status_code == 404


def test_a_deleted_lead_is_gone(browser: Client, idle: str, lead: Lead) -> None:
    services.delete_lead(lead)
    assert browser.get(idle).status_code == 404


def test_of_two_accounts_the_one_that_is_chosen_counts(
    browser: Client,
    idle: str,
    account: Account,
    other_account: Account,
    other_lead: Lead,
    colleague: Membership,
) -> None:
    MembershipFactory.create(account=other_account, user=colleague.user)
    # Nothing is chosen yet: the first by name counts, which is for the page's own way to tell.
    assert browser.get(idle).status_code == 204
    assert browser.get(address_of(other_lead)).status_code == 404
    browser.post("/accounts/switch/", {"account": other_account.pk})
    assert browser.get(idle).status_code == 404
    assert statements_of(browser, address_of(other_lead)) == (204, 2)


def test_a_session_is_renewed_by_the_first_poll_of_a_day(browser: Client, idle: str) -> None:
    session = browser.session
    session["renewed_on"] = "2026-01-01"
    session.save()
    status, statements = statements_of(browser, idle)
    assert status == 204
    assert statements > 2
    assert browser.session["renewed_on"] == timezone.now().date().isoformat()
    assert statements_of(browser, idle) == (204, 2)
