"""Deliveries in the admin: found fast, readable whatever they hold, replayed one or many."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from leads.models import Account, Lead, Membership
from tests.factories import ChannelFactory
from tests.leads.admin_roles import SUPERUSER, client_of, staff
from tests.timeline.inbox import delivery, message, received, status
from tests.timeline.webhooks.mail_deliveries import mailgun_mail
from timeline import inbox
from timeline.delivery_text import SHOWN, readable
from timeline.inbox_models import Delivery, ProviderChannel
from timeline.models import Message
from timeline.origins import matched_in_words
from timeline.webhooks.provider import Received

State = Delivery.State
LIST = "admin:timeline_delivery_changelist"
AT = datetime(2026, 3, 30, tzinfo=UTC)


@pytest.fixture
def browser(owner: Membership) -> Client:
    return staff(owner)


@pytest.fixture
def channel(account: Account) -> ProviderChannel:
    return ChannelFactory.create(account=account)


def page_of(delivered: Delivery, name: str = "change") -> str:
    return reverse(f"admin:timeline_delivery_{name}", args=[delivered.pk])


def delivered(channel: ProviderChannel, body: bytes, at: datetime = AT) -> Delivery:
    stored = inbox.receive(channel, received(body)._replace(at=at))
    inbox.process(stored.pk)
    stored.refresh_from_db()
    return stored


# --- One -----------------------------------------------------------------------------------------


def test_a_delivery_shows_what_it_was_and_what_became_of_it(
    browser: Client, channel: ProviderChannel, lead: Lead
) -> None:
    body = delivery(messages=[message("a", 1)], statuses=[status("later", "read", 5)])
    page = browser.get(page_of(delivered(channel, body))).content.decode()
    assert "&quot;messaging_product&quot;: &quot;whatsapp&quot;" in page
    assert "x-hub-signature-256" in page
    entry = Message.objects.get()
    assert f"?at={entry.pk}#e-{entry.pk}" in page
    assert "matched by phone" in page
    assert "wamid.later" in page
    assert "waits for its entry" in page


def test_a_delivery_sent_again_says_that_nothing_was_new(
    browser: Client, channel: ProviderChannel, lead: Lead
) -> None:
    body = delivery(messages=[message("a", 1)])
    delivered(channel, body)
    page = browser.get(page_of(delivered(channel, body))).content.decode()
    assert "Nothing in it was new." in page


def test_what_could_not_be_used_is_not_said_to_be_known_already(
    browser: Client, channel: ProviderChannel
) -> None:
    stored = delivered(channel, b"no JSON")
    assert stored.state == State.SET_ASIDE
    page = browser.get(page_of(stored)).content.decode()
    assert "Nothing in it was new." not in page
    assert "Nothing came of it: the reason says what could not be used." in page


def test_a_page_takes_as_many_statements_for_many_reports_as_for_one(
    browser: Client, channel: ProviderChannel, lead: Lead
) -> None:
    one = delivered(channel, delivery(messages=[message("a", 1)]))
    many = delivered(channel, delivery(messages=[message(f"b{each}", each) for each in range(30)]))
    browser.get(page_of(one))  # which renews the session
    with CaptureQueriesContext(connection) as for_one:
        browser.get(page_of(one))
    with CaptureQueriesContext(connection) as for_many:
        page = browser.get(page_of(many)).content.decode()
    assert page.count("matched by") == 30
    assert len(for_many) == len(for_one)


def test_what_is_delivered_is_text_and_never_markup(
    browser: Client, channel: ProviderChannel, lead: Lead
) -> None:
    hostile = "</pre><script>alert(1)</script>"
    body = delivery(messages=[message("a", 1, text={"body": hostile})])
    stored = delivered(channel, body)
    Delivery.objects.update(headers={hostile: hostile}, reason=hostile, url=f"https://x/?{hostile}")
    for url in (page_of(stored), reverse(LIST)):
        assert "<script>alert" not in browser.get(url).content.decode()


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b'"\\ud800"', b"[" * 5_000, b"", b'{"a": "\\u0000"}']
)
def test_whatever_a_body_holds_its_page_opens(
    browser: Client, channel: ProviderChannel, body: bytes
) -> None:
    assert browser.get(page_of(delivered(channel, body))).status_code == 200


@given(
    body=st.binary(max_size=200) | st.text('-Bn=;"\r\n\0: ', max_size=80).map(str.encode),
    content_type=st.text(max_size=40)
    | st.text("B;=\"*'0 ", max_size=20).map("multipart/form-data; boundary=B{}".format),
    url=st.text(max_size=80),
)
def test_any_request_reads_as_text(body: bytes, content_type: str, url: str) -> None:
    shown = readable(Received(url, {"content-type": content_type}, body, AT))
    assert shown.body.encode() or not body


def test_a_form_is_laid_out_and_a_long_body_cut() -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    shown = readable(Received("https://x/", headers, b"From=%2B34600&Body=Hola+t%C3%BA", AT))
    assert (shown.form, shown.body) == ("form", "From: +34600\nBody: Hola tú")
    long = readable(Received("https://x/", {}, b"x" * (SHOWN + 1), AT))
    assert long.is_cut
    assert len(long.body) == SHOWN


def test_a_form_of_parts_is_laid_out_with_its_files_as_name_type_and_size() -> None:
    files = {"attachment-1": ("quote.pdf", "application/pdf", b"%PDF" + b"\0" * 12_341)}
    shown = readable(mailgun_mail(files))
    assert shown.form == "form"
    assert "\nsubject: ¿Cuánto cuesta?\n" in shown.body
    assert shown.body.endswith("\nattachment-1: quote.pdf, application/pdf, 12,345 bytes")
    assert "Content-Disposition" not in shown.body


def test_a_form_of_parts_that_was_cut_is_laid_out_as_far_as_it_goes() -> None:
    whole = mailgun_mail({"attachment-1": ("a.png", "image/png", b"\x89PNG\0" * 5_000)})
    shown = readable(whole._replace(body=whole.body[:10_000]))
    assert "\nsubject: ¿Cuánto cuesta?\n" in shown.body
    assert "\nattachment-1: a.png, image/png, " in shown.body


def test_a_field_may_be_binary_and_a_file_without_a_name() -> None:
    body = (
        b'--B\r\nContent-Disposition: form-data; name="raw"\r\n\r\n\0\1\r\n'
        b'--B\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--B--'
    )
    headers = {"content-type": "multipart/form-data; boundary=B"}
    shown = readable(Received("https://x/", headers, body, AT))
    assert shown.body == "raw: binary, 2 bytes\nfile: —, application/octet-stream, 0 bytes"


@pytest.mark.parametrize("boundary", ["", "; boundary=other", "; boundary*=nothing''B"])
def test_a_form_whose_parts_are_not_found_is_text(boundary: str) -> None:
    headers = {"content-type": f"multipart/form-data{boundary}"}
    shown = readable(Received("https://x/", headers, b"--B\r\n\r\nHola", AT))
    assert (shown.form, shown.body) == ("text", "--B\r\n\r\nHola")


def test_a_binary_body_is_shown_as_its_size() -> None:
    shown = readable(Received("https://x/", {}, b"\x89PNG\r\n\x1a\n" + b"\0" * 12_337, AT))
    assert (shown.form, shown.body) == ("binary", "binary, 12,345 bytes")


@pytest.mark.parametrize(
    "content", ["¿Qué?\r\n\t🌞".encode(), "año".encode()[:2], "año".encode("latin1")]
)
def test_a_text_is_a_text_in_other_encodings_and_cut_within_a_character(content: bytes) -> None:
    shown = readable(Received("https://x/", {}, content, AT))
    assert (shown.form, shown.body) == ("text", content.decode(errors="replace"))


def test_a_file_in_a_json_body_is_shown_as_its_size() -> None:
    file = b64encode(b"\0" * 12_345).decode()
    body = json.dumps({"Name": "a.pdf", "Content": file, "Text": "b" * 50}).encode()
    shown = readable(Received("https://x/", {}, body, AT))
    assert json.loads(shown.body) == {
        "Name": "a.pdf",
        "Content": "binary, 12,345 bytes",
        "Text": "b" * 50,
    }


def test_what_might_be_a_password_is_left_out() -> None:
    url = "https://user:pass@x.example/hook?api_key=abc&page=2&Token=def"
    headers = {"x-secret": "abc", "accept": "*/*"}
    shown = readable(Received(url, headers, b"", AT))
    assert shown.address == "https://x.example/hook?api_key=•••&page=2&Token=•••"
    assert shown.headers == [("accept", "*/*"), ("x-secret", "•••")]


@pytest.mark.parametrize(
    ("by", "spanish"),
    [
        ("phone", "teléfono"),
        ("phone, newest of 3 leads", "teléfono, el más reciente de 3 leads"),
        (
            "e-mail address, newest of 10 or more leads",
            "correo electrónico, el más reciente de 10+ leads",
        ),
        ("something else", "something else"),
        ("", ""),
    ],
)
def test_what_a_lead_was_found_by_is_said_in_the_readers_language(by: str, spanish: str) -> None:
    with translation.override("es"):
        assert matched_in_words(by) == spanish


# --- Replayed ------------------------------------------------------------------------------------


def test_one_is_replayed_at_once(browser: Client, account: Account, lead: Lead) -> None:
    channel = ChannelFactory.create(account=account, creates_leads=False)
    body = delivery(messages=[message("a", 1, "34600111222")])
    stored = delivered(channel, body)
    assert stored.state == State.SET_ASIDE
    assert "of unknown people" in browser.get(page_of(stored)).content.decode()
    ProviderChannel.objects.update(creates_leads=True)
    assert browser.get(page_of(stored, "replay")).status_code == 200
    stored.refresh_from_db()
    assert stored.state == State.SET_ASIDE, "asked, not done"
    page = browser.post(page_of(stored, "replay"), follow=True).content.decode()
    assert "Processed anew: Done." in page
    assert Message.objects.count() == 1


def test_what_was_refused_is_not_replayed(browser: Client, channel: ProviderChannel) -> None:
    refused = inbox.refuse(channel, received(b"{}"), "The signature is missing or wrong")
    assert "/replay/" not in browser.get(page_of(refused)).content.decode()
    assert browser.post(page_of(refused, "replay")).status_code == 403
    selected = {"action": "replay_selected", ACTION_CHECKBOX_NAME: [str(refused.pk)]}
    browser.post(reverse(LIST), {**selected, "confirmed": "yes"})
    refused.refresh_from_db()
    assert (refused.state, refused.attempts) == (State.REFUSED, 0)


# --- Many ----------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_state_channel_and_day(
    browser: Client, channel: ProviderChannel, account: Account
) -> None:
    other = ChannelFactory.create(account=account)
    days = [AT + timedelta(days=number) for number in range(3)]
    rows = [delivered(channel, b"{}", day) for day in days]
    elsewhere = delivered(other, delivery(messages=[message("a", 1)]), AT + timedelta(days=4))

    def listed(**query: Any) -> list[int]:
        shown = browser.get(reverse(LIST), query).context["cl"].result_list
        return [each.pk for each in shown]

    assert listed() == [elsewhere.pk, *(row.pk for row in reversed(rows))]
    assert listed(channel__id__exact=other.pk) == [elsewhere.pk]
    assert listed(state__exact="done") == [elsewhere.pk]
    day = {"received_at__year": 2026, "received_at__month": 3, "received_at__day": 31}
    assert listed(**day) == [rows[1].pk]


def test_the_list_reads_no_body_and_counts_nothing(
    browser: Client, channel: ProviderChannel
) -> None:
    for number in range(60):
        inbox.receive(channel, received(str(number).encode()))
    browser.get(reverse("admin:index"))  # which renews the session
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(reverse(LIST))
    assert page.context["cl"].older
    # Of a prepared statement, Django does not know the text.
    texts = [each["sql"] or "" for each in queries]
    about = [sql for sql in texts if "timeline_delivery" in sql]
    assert not any("COUNT(" in sql or '"body"' in sql or '"secrets"' in sql for sql in about)
    with CaptureQueriesContext(connection) as deeper:
        browser.get(reverse(LIST) + page.context["cl"].older)
    assert len(deeper) == len(queries)


def test_the_list_takes_five_statements_however_many_rows_it_has(
    account: Account, other_account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for of in (account, other_account):
        channel = ChannelFactory.create(account=of)
        for number in range(10):
            inbox.receive(channel, received(str(number).encode()))
    browser = client_of(SUPERUSER, account, other_account)
    browser.get(reverse("admin:index"))  # which renews the session
    # session, user; the rows with their channels and accounts; the first and the last day
    with django_assert_num_queries(5):
        page = browser.get(reverse(LIST))
    assert page.context["cl"].result_count == 20


def test_a_stranger_sees_none(stranger: Membership, channel: ProviderChannel, lead: Lead) -> None:
    stored = delivered(channel, delivery(messages=[message("a", 1)]))
    browser = staff(stranger)
    assert browser.get(reverse(LIST)).context["cl"].result_count == 0
    assert browser.get(page_of(stored)).status_code == 302
    assert browser.post(page_of(stored, "replay")).status_code == 404
