"""Polls that find nothing: answered early for whom it is certain, as any page for all others."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.handler import Handler
from leads import services
from leads.models import Account, Lead, Membership
from tests.config.asking import Sent, ask
from tests.factories import MembershipFactory, MessageDraftFactory
from timeline import live
from timeline.recording import record

# What others wrote is seen when they have committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser(colleague: Membership) -> "Browser":
    browser = Browser()
    browser.client.force_login(colleague.user)
    browser.client.get("/leads/")  # renews the session for today
    return browser


@pytest.fixture
def idle(lead: Lead) -> str:
    """The address at which an open page of the lead asks."""
    return address_of(lead)


def address_of(lead: Lead) -> str:
    return f"/leads/{lead.pk}/live/?token={quote(live.token())}"


class Browser:
    """Somebody's browser, whose polls come to the server's own handler."""

    def __init__(self) -> None:
        self.client = Client()

    def get(self, address: str, **headers: str) -> Sent:
        cookies = self.client.cookies.output(header="", attrs=[], sep=";")
        return ask(Handler(), address, **{"cookie": cookies, **headers})

    def status_of(self, address: str) -> int:
        return int(self.get(address).status.split()[0])

    def statements_of(self, address: str) -> tuple[int, int]:
        """Return the answer's status, and the statements that it took."""
        with CaptureQueriesContext(connection) as queries:
            status = self.status_of(address)
        return status, len(queries)


def test_nothing_is_told_in_one_statement(browser: Browser, idle: str) -> None:
    # Whose session it is, is not known yet.
    assert browser.statements_of(idle) == (204, 2)
    assert browser.statements_of(idle) == (204, 1)
    answer = browser.get(idle)
    assert answer.body == b""
    assert "no-store" in answer.headers["Cache-Control"]


def test_what_is_new_is_told_as_ever(browser: Browser, idle: str, lead: Lead) -> None:
    record(lead.account_id, MessageDraftFactory.build(lead_id=lead.pk))
    assert browser.status_of(idle) == 200


@pytest.mark.parametrize("token", ["", "0", "1:2", "1:1:x", "999999999:999999999:"])
def test_an_unknown_token_is_told_to_begin_anew(browser: Browser, lead: Lead, token: str) -> None:
    answer = browser.get(f"/leads/{lead.pk}/live/?token={token}")
    assert answer.status == "200 OK"
    assert b"data-stale" in answer.body


def test_what_is_wrong_is_answered_as_for_any_page(browser: Browser, idle: str) -> None:
    assert browser.get(idle, host="evil.example").status == "400 Bad Request"
    many = "".join(f"&n{number}=" for number in range(1_001))
    assert browser.get(idle + many).status == "400 Bad Request"


@pytest.mark.parametrize("method", ["HEAD", "POST"])
def test_other_methods_are_what_they_are(browser: Browser, idle: str, method: str) -> None:
    cookies = browser.client.cookies.output(header="", attrs=[], sep=";")
    ours = ask(Handler(), idle, method, cookie=cookies).status
    assert ours == ask(WSGIHandler(), idle, method, cookie=cookies).status


def test_nobody_who_is_not_signed_in_is_told_anything(idle: str) -> None:
    for cookie in ("", "nonsense", "\0", "long enough\0to be one", "x" * 5_000):
        browser = Browser()
        browser.client.cookies["leadline_session"] = cookie
        assert browser.status_of(idle) == 302


def test_a_session_that_is_over_is_none(browser: Browser, idle: str) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert browser.status_of(idle) == 302


def test_a_session_of_another_secret_is_none(browser: Browser, idle: str) -> None:
    session = Session.objects.get()
    session.session_data = session.session_data[:-1] + (
        "A" if session.session_data[-1] != "A" else "B"
    )
    session.save()
    assert browser.status_of(idle) == 302


def _is_deactivated(member: Membership) -> None:
    member.user.is_active = False
    member.user.save()


def _changes_their_password(member: Membership) -> None:
    member.user.set_password("another good one")
    member.user.save()


@pytest.mark.parametrize("becomes", [_is_deactivated, _changes_their_password])
def test_who_is_signed_out_meanwhile_is_told_nothing(
    browser: Browser, idle: str, colleague: Membership, becomes: Callable[[Membership], None]
) -> None:
    assert browser.status_of(idle) == 204
    becomes(colleague)
    assert browser.status_of(idle) == 302


def test_who_is_no_member_any_more_is_told_nothing(
    browser: Browser, idle: str, colleague: Membership
) -> None:
    colleague.delete()
    assert browser.status_of(idle) == 403


def test_a_stranger_s_lead_is_as_little_there_as_none(browser: Browser, other_lead: Lead) -> None:
    nobody = f"/leads/{uuid4()}/live/?token={quote(live.token())}"
    for address in (address_of(other_lead), nobody):
        assert browser.status_of(address) == 404


def test_a_deleted_lead_is_gone(browser: Browser, idle: str, lead: Lead) -> None:
    services.delete_lead(lead)
    assert browser.status_of(idle) == 404


def test_of_two_accounts_the_one_that_is_chosen_counts(
    browser: Browser,
    idle: str,
    account: Account,
    other_account: Account,
    other_lead: Lead,
    colleague: Membership,
) -> None:
    MembershipFactory.create(account=other_account, user=colleague.user)
    # Nothing is chosen yet: the first by name counts, which is for the page's own way to tell.
    assert browser.status_of(idle) == 204
    assert browser.status_of(address_of(other_lead)) == 404
    browser.client.post("/accounts/switch/", {"account": other_account.pk})
    assert browser.status_of(idle) == 404
    assert browser.statements_of(address_of(other_lead)) == (204, 1)


def test_a_session_is_renewed_by_the_first_poll_of_a_day(browser: Browser, idle: str) -> None:
    session = browser.client.session
    session["renewed_on"] = "2026-01-01"
    session.save()
    status, statements = browser.statements_of(idle)
    assert status == 204
    assert statements > 2
    assert browser.client.session["renewed_on"] == timezone.now().date().isoformat()
    assert browser.statements_of(idle) == (204, 1)
