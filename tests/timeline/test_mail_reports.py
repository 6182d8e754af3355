"""Mails as reports: who, when, what, with which files; whatever they are made of."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.timeline.mails import MAIL, NOW, mail, mail_of, samples
from timeline.entries import Kind, MessageDraft
from timeline.mail_headers import Address, as_key, decoded, sent_key, text_of_bytes
from timeline.mail_parts import FILES_LIMIT, PARTS_LIMIT
from timeline.mail_reports import Ours, report_of_mail
from timeline.reports import Reading, Report
from timeline.webhooks.fitting import fitted

OURS = Ours.of("sales@acme.example, info@acme.example acme.test")


def reading_of(source: str | bytes, ours: Ours = OURS, **options: Any) -> Reading:
    return fitted(report_of_mail(mail_of(source), ours, NOW, **options))


def report_of(source: str | bytes, **options: Any) -> Report:
    (report,) = reading_of(source, **options).reports
    return report


def says(source: str | bytes) -> dict[str, Any]:
    return dict(report_of(source).says)


# --- An ordinary mail ----------------------------------------------------------------------------


def test_a_mail_is_a_message_about_who_wrote_it() -> None:
    report = report_of(MAIL)
    assert report.external_id == "1@example.com/ana@example.com"
    assert (report.kind, report.key) == (Kind.MESSAGE, "message")
    assert report.at == datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
    assert report.party is not None
    assert (report.party.email, report.party.name) == ("ana@example.com", "Ana María")
    assert report.says == {
        "channel": "email",
        "direction": "inbound",
        "subject": "¿Cuánto cuesta?",
        "content": "¿Cuánto cuesta?\n\nEl lun, Acme escribió:\n> Hola",
        "html": "",
        "sender": "Ana María <ana@example.com>",
        "recipients": ["Acme Solar <sales@acme.example>", "info@acme.example"],
        "provider_message_id": "1@example.com",
        "in_reply_to": "",
        "status": "delivered",
        "delivered_at": "2026-05-01T09:00:00+00:00",
    }
    assert set(report.says) <= set(MessageDraft.__dataclass_fields__)


def test_a_mail_of_ours_is_about_who_gets_it() -> None:
    source = mail(From="Sales <Sales@ACME.example>", To="info@acme.example, Bo <bo@example.com>")
    report = report_of(source)
    assert report.external_id == "1@example.com"
    assert report.party is not None
    assert (report.party.email, report.party.name) == ("bo@example.com", "Bo")
    assert (report.says["direction"], report.says["status"]) == ("outbound", "sent")


def test_of_several_recipients_the_one_that_is_chosen_counts() -> None:
    source = mail(From="sales@acme.example", To="a@x.example, b@x.example", Cc="c@x.example")
    report = report_of(source, choose=lambda recipients: recipients[-1])
    assert report.party is not None
    assert report.party.email == "c@x.example"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"From": None}, "names no sender"),
        ({"From": "nobody"}, "names no sender"),
        ({"From": "me@acme.test", "To": "info@acme.example"}, "to none but our own"),
    ],
)
def test_a_mail_about_nobody_says_so(headers: dict[str, Any], reason: str) -> None:
    reading = reading_of(mail(**headers))
    assert not reading.reports
    assert reason in reading.unusable[0]


def test_ours_are_addresses_and_domains() -> None:
    ours = Ours.of("A@x.example, @y.example\nz.example")
    assert all(map(ours.has, ("a@X.example", "b@y.example", "c@Z.example")))
    assert not any(map(ours.has, ("b@x.example", "c@sub.z.example", "")))


# --- What it is known by -------------------------------------------------------------------------


def test_who_got_a_mail_cannot_put_another_in_its_place() -> None:
    ours = report_of(mail(From="sales@acme.example", To="ana@example.com"))
    forged = report_of(mail(From="ana@example.com"))
    assert ours.external_id != forged.external_id


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ("<a@example.com>", "a@example.com"),
        ("a@example.com", "a@example.com"),
        ("<0102@eu-west-1.amazonses.com>", "0102"),
        ("<0100@email.amazonses.com>", "0100"),
        ("<6b2c-11@mtasv.net>", "6b2c-11"),
        ("6b2c-11", "6b2c-11"),
    ],
)
def test_a_mail_that_we_sent_is_known_as_its_service_tells_of_it(told: str, key: str) -> None:
    assert sent_key(told) == key


@pytest.mark.parametrize("odd", ["a" * 300, "a b", "ñ@x", "a\0b", "\ud800"])
def test_an_id_that_cannot_be_kept_is_digested(odd: str) -> None:
    assert as_key(odd).startswith("sha256:")
    assert as_key(odd) == as_key(odd)


def test_a_mail_without_an_id_is_known_by_all_of_it() -> None:
    def key(**headers: Any) -> str:
        return report_of(mail(**({"Message-ID": None} | headers))).external_id

    assert key().startswith("sha256:")
    assert key() == key()
    assert len({key(), key(Subject="x"), key(Date="Sat, 2 May 2026 09:00:00 +0000")}) == 3


# --- When ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "at"),
    [
        ({}, datetime(2026, 5, 1, 9, tzinfo=UTC)),
        ({"Date": "1 May 2026 09:00 -0000"}, datetime(2026, 5, 1, 9, tzinfo=UTC)),
        ({"Date": "Fri, 1 May 2026 09:00:00 CLT"}, datetime(2026, 5, 1, 9, tzinfo=UTC)),
        ({"Date": "Sat, 2 May 2026 20:00:00 +0000"}, datetime(2026, 5, 2, 20, tzinfo=UTC)),
        ({"Date": None}, NOW),
        ({"Date": "yesterday"}, NOW),
        ({"Date": "Fri, 1 May 1026 09:00:00 +0000"}, NOW),
        ({"Date": "Fri, 1 May 9999 23:59:59 -1200"}, NOW),
        ({"Date": "Fri, 1 May 2026 09:00:00 +9999"}, NOW),
        ({"Date": "Thu, 1 Jan 1970 00:00:00 +0000"}, NOW),
        ({"Date": "Mon, 4 May 2026 12:00:00 +0000"}, NOW),
        (
            {"Date": "x", "Received": "by a; Thu, 30 Apr 2026 10:00:00 +0200"},
            datetime(2026, 4, 30, 8, tzinfo=UTC),
        ),
        ({"Date": "x", "Received": "by a"}, NOW),
    ],
)
def test_a_mail_is_of_when_it_was_sent_if_that_can_be(headers: dict[str, Any], at: Any) -> None:
    assert report_of(mail(**headers)).at == at


# --- What it says --------------------------------------------------------------------------------

PARTS = """\
Content-Type: multipart/mixed; boundary=M

--M
Content-Type: multipart/alternative; boundary=A

--A
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

El a=F1o
--A
Content-Type: text/html; charset=utf-8

<p>El <b>año</b></p><script>alert(1)</script>
--A--
--M
Content-Type: image/png
Content-Disposition: inline; filename="roof.png"
Content-ID: <roof>
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--M
Content-Type: application/zip
Content-Disposition: attachment; filename*=utf-8''..%2F..%2Fetc%2Fpasswd

zip
--M
Content-Type: text/plain; charset=utf-8

--
The list
--M--
"""


def with_parts(parts: str = PARTS, **headers: Any) -> bytes:
    return mail(parts, MIME_Version="1.0").replace(b"\n\nContent-Type", b"\nContent-Type", 1)


def test_text_html_and_files_are_told_apart() -> None:
    report = report_of(with_parts())
    assert report.says["content"] == "El año\n\n--\nThe list"
    assert report.says["html"] == "<p>El <b>año</b></p><script>alert(1)</script>"
    assert [(file.name, file.content_type, file.content) for file in report.files] == [
        ("roof.png", "image/png", b"\x89PNG\r\n\x1a\n"),
        ("../../etc/passwd", "application/zip", b"zip"),
    ]


def test_a_mail_of_html_alone_has_its_words_too() -> None:
    told = says(mail("<p>Hello<br>there</p><style>p{}</style>", Content_Type="text/html"))
    assert told["content"] == "Hello\nthere"
    assert told["html"].startswith("<p>")


def test_a_mail_within_a_mail_is_a_file() -> None:
    inner = mail("inner", Subject="=?utf-8?q?Men=C3=BA?=").decode()
    source = with_parts(
        f"Content-Type: multipart/mixed; boundary=M\n\n--M\n\nSee\n--M\n"
        f"Content-Type: message/rfc822\n\n{inner}\n--M--\n"
    )
    report = report_of(source)
    (file,) = report.files
    assert report.says["content"] == "See"
    assert (file.name, file.content_type) == ("Menú.eml", "message/rfc822")
    assert b"inner" in file.content


def test_parts_without_their_boundary_are_read_as_text() -> None:
    source = mail("--B\n\nLost?\n", Content_Type="multipart/mixed; boundary=A")
    assert "Lost?" in says(source)["content"]


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        (b"a\xf1o", "iso-8859-1", "año"),
        (b"a\xf1o", "", "año"),
        ("año".encode(), "", "año"),
        (b"a\xf1o", "no-such-charset", "año"),
        (b"a\xf1o", "utf-8", "a\ufffdo"),
        (b"abc", "rot13", "abc"),
        (b"abc", "punycode", "abc"),
        (b"abc", "undefined", "abc"),
        (b"abc", "a\0b", "abc"),
        (b"\x81", "", "\ufffd"),
    ],
)
def test_bytes_are_read_as_well_as_can_be(content: bytes, charset: str, text: str) -> None:
    assert text_of_bytes(content, charset) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("=?utf-8?q?a=C3=B1o?= =?utf-8?q?_nuevo?=", "año nuevo"),
        ("one\r\n two", "one two"),
        ("=?utf-8?b?%%%?=", "=?utf-8?b?%%%?="),
        ("=?x-none?q?a=F1o?=", "año"),
        ("a\udcf1o", "año"),
        ("=?utf-8?q?unfinished", "=?utf-8?q?unfinished"),
    ],
)
def test_headers_are_read_as_well_as_can_be(raw: str, text: str) -> None:
    assert decoded(raw) == text


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (Address("", "a@x.example"), "a@x.example"),
        (Address("Ana", "a@x.example"), "Ana <a@x.example>"),
        (Address('Rojas, "Ana"', "a@x.example"), '"Rojas, \\"Ana\\"" <a@x.example>'),
    ],
)
def test_an_address_is_written_so_that_it_can_be_read(address: Address, text: str) -> None:
    assert str(address) == text


def test_one_malformed_address_does_not_hide_the_others() -> None:
    told = says(mail(To="broken <@x>, ok@x.example, Two Words, OK@x.example"))
    assert told["recipients"] == ["ok@x.example"]


# --- At its worst --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        mail(Subject="x" * 2_000_000),
        mail(Subject="=?utf-8?q?" + "a" * 1_000_000),
        mail(Subject="=?utf-8?q?a?= " * 100_000),
        mail(To="a@x.example, " * 200_000),
        mail(To="(" * 500_000),
        mail(To='"' * 500_000),
        mail(From="<" * 100_000 + "a@x.example"),
        mail(References="<a@x> " * 200_000),
        mail(Content_Type="text/plain; " + "a=b; " * 100_000),
        mail(Content_Type="multipart/mixed; boundary=" + "x" * 100_000),
        mail("\n".join(["--B", "", "a"] * 10_000), Content_Type="multipart/mixed; boundary=B"),
        mail("<div>" * 300_000, Content_Type="text/html"),
        mail("=" * 1_000_000, Content_Transfer_Encoding="quoted-printable"),
        mail("x" * 1_500_001),
        mail("a\0b\udc80", Subject="a\0b"),
    ],
    ids=range(15),
)
def test_what_is_made_to_be_slow_is_read_at_once_and_fits(source: bytes) -> None:
    begun = time.process_time()
    report = report_of(source) if b"<<<<" not in source else None
    assert time.process_time() - begun < 20  # seconds; the square of any of these takes hours
    if report is not None:
        assert len(report.says["content"]) <= 1_000_000
        assert len(report.says["subject"]) <= 1_000
        assert "\0" not in report.says["content"] + report.says["subject"]


def test_a_text_that_is_too_long_ends_with_a_mark_and_says_so() -> None:
    reading = reading_of(mail("x" * 1_500_001))
    assert reading.reports[0].says["content"].endswith("x…")
    assert any("1,500,001 characters long" in reason for reason in reading.unusable)


def test_of_thousands_of_files_so_many_are_kept_and_the_rest_told() -> None:
    part = "--B\nContent-Type: image/png\n\nx\n"
    source = mail(part * 10_000 + "--B--", Content_Type="multipart/mixed; boundary=B")
    reading = reading_of(source)
    assert len(reading.reports[0].files) == FILES_LIMIT
    assert reading.unusable == [
        f"the mail has more than {PARTS_LIMIT:,} parts; the rest is left out",
        f"the mail has {PARTS_LIMIT:,} files; {FILES_LIMIT:,} are kept",
    ]


# --- Real, and random ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.name)
def test_the_interpreters_own_samples_are_read_or_say_why_not(path: Path) -> None:
    reading = reading_of(path.read_bytes())
    assert len(reading.reports) == 1 or reading.unusable == ["names no sender"]


def test_of_the_interpreters_own_samples_all_with_a_sender_are_read() -> None:
    sources = [path.read_bytes() for path in samples()]
    read = [source for source in sources if reading_of(source).reports]
    assert len(sources) >= 60
    assert len(read) >= 35


HEADERS = st.sampled_from(
    [
        *("From", "To", "Cc", "Date", "Subject", "Message-ID", "Received", "References"),
        *("Content-Type", "Content-Disposition", "Content-Transfer-Encoding"),
    ]
)
PIECES = st.sampled_from(
    b"multipart/mixed; boundary=B|--B|--B--|text/html|message/rfc822|base64|=?utf-8?b?|?=|"
    b'<a@x.example>|\r\n|\n\n|: |;|filename*=|charset=utf-7|\xff\xfe|\0|(|"|message/partial'.split(
        b"|"
    )
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(HEADERS, st.lists(PIECES | st.binary(max_size=20), max_size=6))),
    st.lists(PIECES | st.binary(max_size=50), max_size=20),
)
def test_any_bytes_are_a_mail_or_say_why_not(headers: Any, body: Any) -> None:
    head = b"".join(name.encode() + b": " + b"".join(value) + b"\n" for name, value in headers)
    reading = reading_of(b"From: a@x.example\n" + head + b"\n" + b"".join(body))
    assert len(reading.reports) == 1
