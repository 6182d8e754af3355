"""Which mail a mail answers: kept from its headers, and found from the page."""

from uuid import UUID, uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from leads.models import Lead, Membership
from tests.factories import MessageDraftFactory
from tests.timeline.mails import NOW, mail, mail_of
from timeline import recording
from timeline.conversation import answered_mail
from timeline.mail_reports import Ours, report_of_mail


def tell(lead: Lead, message_id: str, answers: str = "", subject: str = "Re: Offer") -> UUID:
    draft = MessageDraftFactory.build(
        lead_id=lead.pk,
        channel="email",
        subject=subject,
        provider_message_id=message_id,
        in_reply_to=answers,
    )
    assert recording.record(lead.account_id, draft) is recording.Outcome.CREATED
    return recording.entry_id(lead.account_id, draft)


def browser_of(member: Membership) -> Client:
    browser = Client(HTTP_HOST="localhost")
    browser.force_login(member.user)
    return browser


@pytest.mark.parametrize(
    ("headers", "answered"),
    [
        ({}, ""),
        ({"In_Reply_To": "<a@x>"}, "a@x"),
        ({"In_Reply_To": "<a@x> <b@x>", "References": "<c@x>"}, "a@x"),
        ({"References": "<a@x>\n <b@x>"}, "b@x"),
        ({"In_Reply_To": "Your message of Monday <a@x>"}, "a@x"),
    ],
)
def test_a_mail_keeps_what_it_answers(headers: dict[str, str], answered: str) -> None:
    (report,) = report_of_mail(mail_of(mail(**headers)), Ours.of(""), NOW).reports
    assert report.says["in_reply_to"] == answered


def test_the_page_leads_to_the_mail_that_is_answered(lead: Lead, owner: Membership) -> None:
    first = tell(lead, "a@x", subject="Offer")
    second = tell(lead, "b@x", answers="a@x")
    browser = browser_of(owner)
    page = browser.get(f"/leads/{lead.pk}/").content.decode()
    assert f"/leads/{lead.pk}/mail/{second}/answers/" in page
    assert f"/leads/{lead.pk}/mail/{first}/answers/" not in page
    answer = browser.get(f"/leads/{lead.pk}/mail/{second}/answers/")
    assert answer.headers["Location"] == f"/leads/{lead.pk}/?at={first}#e-{first}"


def test_a_mail_that_answers_what_is_not_there_says_so(lead: Lead, owner: Membership) -> None:
    only = tell(lead, "b@x", answers="a@x")
    browser = browser_of(owner)
    answer = browser.get(f"/leads/{lead.pk}/mail/{only}/answers/", follow=True)
    assert "is not in this timeline" in answer.content.decode()


@pytest.mark.parametrize("answers", ["", "b@x", "c@x"])
def test_nothing_or_itself_is_no_mail_that_is_answered(lead: Lead, answers: str) -> None:
    tell(lead, "", subject="No id")
    assert answered_mail(lead.account_id, lead.pk, tell(lead, "b@x", answers)) is None


def test_a_mail_of_another_lead_is_not_found(
    lead: Lead, other_lead: Lead, owner: Membership, stranger: Membership
) -> None:
    tell(other_lead, "a@x")
    mine = tell(lead, "b@x", answers="a@x")
    assert answered_mail(lead.account_id, lead.pk, mine) is None
    path = f"/leads/{lead.pk}/mail/{mine}/answers/"
    assert browser_of(stranger).get(path).status_code == 404
    assert browser_of(owner).get(f"/leads/{lead.pk}/mail/{uuid4()}/answers/").status_code == 404
    assert Client(HTTP_HOST="localhost").get(path).status_code == 302


def test_finding_it_is_one_statement(
    lead: Lead, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tell(lead, "a@x")
    mine = tell(lead, "b@x", answers="a@x")
    with django_assert_num_queries(1):
        assert answered_mail(lead.account_id, lead.pk, mine) is not None
