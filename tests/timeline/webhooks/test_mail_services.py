"""What mail services deliver: which deliveries are theirs, and what they tell of mails."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import pytest
import requests
from anymail.webhooks import amazon_ses
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.timeline.mails import mail
from tests.timeline.webhooks.deliveries import assert_keepable, mutated, names, payload, received
from tests.timeline.webhooks.mail_deliveries import (
    AT,
    LINES,
    is_genuine,
    mailgun_event,
    mailgun_mail,
    postmark,
    read,
    resend,
    ses,
)
from timeline.entries import Kind
from timeline.reports import Party, Reading, Report
from timeline.webhooks import PROVIDERS
from timeline.webhooks.email import resend as resend_module
from timeline.webhooks.provider import Malformed, Received

SERVICES = sorted(LINES)


def only(reading: Reading) -> Report:
    (report,) = reading.reports
    assert reading.unusable == []
    return report


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a test asked the network")

    monkeypatch.setattr(requests, "get", refuse)
    monkeypatch.setattr(amazon_ses.AmazonSESBaseWebhookView, "get_boto_client", refuse)


# --- Whose they are ------------------------------------------------------------------------------

GENUINE: dict[str, Callable[[], Received]] = {
    "mailgun form": mailgun_mail,
    "mailgun event": lambda: mailgun_event("delivered.json"),
    "postmark": lambda: postmark("inbound.json"),
    "amazon_ses": lambda: ses("delivery.json"),
    "amazon_ses subscription": lambda: ses("subscription_confirmation.json"),
    "resend": lambda: resend("delivered.json"),
}


@pytest.mark.parametrize("name", GENUINE)
def test_a_delivery_of_the_service_is_genuine(name: str) -> None:
    assert is_genuine(name.split(maxsplit=1)[0], GENUINE[name]())


@pytest.mark.parametrize("name", GENUINE)
def test_without_what_proves_it_a_delivery_is_nobodys(name: str) -> None:
    bare = GENUINE[name]()._replace(headers={"content-type": "application/json"})
    body = bare.body if "mailgun" not in name else b'{"event-data": {}}'
    assert not is_genuine(name.split(maxsplit=1)[0], bare._replace(body=body))


@pytest.mark.parametrize(
    ("service", "delivery"),
    [
        ("mailgun", lambda: mailgun_mail(key="key-2")),
        ("mailgun", lambda: mailgun_event("delivered.json", "key-2")),
        ("mailgun", lambda: mailgun_mail(token="another")),
        ("postmark", lambda: postmark("inbound.json", "user:other")),
        ("postmark", lambda: postmark("inbound.json", "user")),
        ("postmark", lambda: postmark("inbound.json", "")),
        ("amazon_ses", lambda: ses("delivery.json", "other:pass")),
        ("amazon_ses", lambda: ses("subscription_confirmation.json", None)),
        ("resend", lambda: resend("delivered.json", "whsec_b3RoZXI=")),
        ("resend", lambda: resend("delivered.json")._replace(body=b"{}")),
        ("resend", lambda: resend("delivered.json")._replace(body=b"\xff")),
        ("resend", lambda: resend("delivered.json", signed_at=AT - timedelta(minutes=6))),
        ("resend", lambda: resend("delivered.json", signed_at=AT + timedelta(minutes=6))),
    ],
)
def test_a_wrong_proof_is_refused(service: str, delivery: Callable[[], Received]) -> None:
    assert not is_genuine(service, delivery())


@pytest.mark.parametrize("name", GENUINE)
def test_a_channel_without_its_secret_takes_nothing(name: str) -> None:
    service = name.split(maxsplit=1)[0]
    without = dict.fromkeys(LINES[service].secrets, "")
    assert not is_genuine(service, GENUINE[name](), **without)


def test_a_delivery_that_is_looked_at_later_is_as_genuine_as_it_was() -> None:
    old = AT - timedelta(days=900)
    assert is_genuine("resend", resend("delivered.json", signed_at=old)._replace(at=old))


@pytest.mark.parametrize(
    "headers",
    [
        {"svix-timestamp": "x"},
        {"svix-timestamp": "9" * 30},
        {"svix-signature": ""},
        {"svix-signature": "v1 v1, ,"},
        {"authorization": "Basic %%%"},
        {"authorization": "Basic"},
        {"content-type": "multipart/form-data"},
        {"content-type": "multipart/form-data; boundary=" + "x" * 200},
        {"content-type": "\0"},
    ],
)
@pytest.mark.parametrize("service", SERVICES)
def test_odd_headers_prove_nothing(service: str, headers: dict[str, str]) -> None:
    for body in (b"", b"{}", b"[]", b"null", b"\xff", b"--x\r\n\r\n--x--"):
        assert not is_genuine(service, received(body, headers))


@pytest.mark.parametrize("secret", ["whsec_", "no base64 ñ", "x"])
def test_a_secret_that_is_none_proves_nothing(secret: str) -> None:
    assert not is_genuine("resend", resend("delivered.json"), signing_secret=secret)


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_checks_an_address_by_get(service: str) -> None:
    assert PROVIDERS[service].greet({"hub.mode": "subscribe"}, LINES[service]) is None
    assert PROVIDERS[service].source == "email"
    assert PROVIDERS[service].name == service


# --- Mails that came in --------------------------------------------------------------------------


def test_a_mail_by_mailgun() -> None:
    files = {
        "attachment-1": ("roof.png", "image/png", b"\x89PNG\r\n\x1a\n\r\n--B"),
        "attachment-2": ("", "application/pdf", b"%PDF"),
    }
    report = only(read("mailgun", mailgun_mail(files)))
    assert report.external_id == "517ACC75.5010709@example.com/ana@example.com"
    assert report.at == datetime(2013, 4, 26, 18, 50, 29, tzinfo=UTC)
    assert report.party == Party(email="ana@example.com", name="Ana Rojas")
    assert report.says["subject"] == "¿Cuánto cuesta?"
    assert report.says["content"].startswith("¿Cuánto cuesta el techo?")
    assert report.says["html"] == "<p>¿Cuánto cuesta el techo?</p>"
    assert report.says["recipients"] == ["Sales <sales@acme.example>"]
    assert [(file.name, file.content) for file in report.files] == [
        ("roof.png", b"\x89PNG\r\n\x1a\n\r\n--B"),
        ("part-2", b"%PDF"),
    ]


def test_a_mail_by_mailgun_as_it_came_of_many_megabytes() -> None:
    source = mail("x" * 900_000 + "\n" * 4_000_000).decode()
    report = only(read("mailgun", mailgun_mail(None, **{"body-mime": source})))
    assert report.external_id == "1@example.com/ana@example.com"
    assert report.says["content"] == "x" * 900_000


def test_the_form_that_mailgun_stores_says_what_to_change() -> None:
    reading = read("mailgun", mailgun_mail(attachments="[]"))
    assert not reading.reports
    assert "forward() action" in reading.unusable[0]


def test_a_mail_by_postmark() -> None:
    report = only(read("postmark", postmark("inbound.json")))
    assert report.external_id == "abc-123@example.com/ana@example.com"
    assert report.at == datetime(2014, 8, 1, 20, 45, 32, tzinfo=UTC)
    assert report.says["content"] == "This is a test text body."
    assert report.says["recipients"] == ["Sales <sales@acme.example>", "Bo <bo@example.com>"]
    ((name, content_type, content),) = report.files
    assert (name, content_type, content) == ("../roof.txt", "text/plain", b"Postmark test")


def test_a_mail_by_postmark_with_its_source() -> None:
    body = json.loads(payload("postmark", "inbound.json")) | {"RawEmail": mail().decode()}
    report = only(read("postmark", received(json.dumps(body).encode(), at=AT)))
    assert (report.external_id, report.files) == ("1@example.com/ana@example.com", [])


def test_a_mail_by_amazon() -> None:
    report = only(read("amazon_ses", ses("received_sns.json")))
    assert report.external_id == "ses-1@example.com/ana@example.com"
    assert (report.kind, report.says["content"]) == (Kind.MESSAGE, "¿Cuánto?")


class _S3:
    """Answers as boto3's client of S3, once."""

    def __init__(self, content: bytes | None) -> None:
        self._content = content

    def get_object(self, **asked: str) -> dict[str, Any]:
        assert asked == {
            "Bucket": "acme-mail",
            "Key": "in/jili9m351il3gkburn7o2f0u6788stij94c8ld01",
        }
        if self._content is None:
            raise ClientError({"Error": {"Code": "SlowDown"}}, "GetObject")
        return {"Body": _Body(self._content)}

    def close(self) -> None:
        pass


class _Body(io.BytesIO):
    def iter_chunks(self, size: int) -> Any:
        return iter(lambda: self.read(size), b"")


def _boto(monkeypatch: pytest.MonkeyPatch, client: Any) -> None:
    view = amazon_ses.AmazonSESBaseWebhookView
    monkeypatch.setattr(view, "get_boto_client", lambda *_, **__: client)


def test_a_mail_that_amazon_put_into_s3(monkeypatch: pytest.MonkeyPatch) -> None:
    _boto(monkeypatch, _S3(mail()))
    assert only(read("amazon_ses", ses("received_s3.json"))).external_id.startswith("1@example.com")


def test_a_mail_that_cannot_be_had_now_is_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    _boto(monkeypatch, _S3(None))
    with pytest.raises(ClientError):
        read("amazon_ses", ses("received_s3.json"))


def test_what_amazon_is_asked_with_is_the_channels_and_it_is_waited_for_so_long() -> None:
    line = LINES["amazon_ses"]
    options: Any = PROVIDERS["amazon_ses"]
    secrets = {"aws_access_key": "AK", "aws_secret_key": "SK", "aws_region": "eu-central-1"}
    view = options.inbound(**options.options(line._replace(secrets={**line.secrets, **secrets})))
    assert view.session_params == {
        "aws_access_key_id": "AK",
        "aws_secret_access_key": "SK",
        "region_name": "eu-central-1",
    }
    assert view.client_params["config"].read_timeout == 30
    assert options.inbound(**options.options(line)).session_params == {}


def test_a_notice_without_its_mail_says_what_to_change() -> None:
    reading = read("amazon_ses", ses("received_lambda.json"))
    assert "only with 'SNS' or 'S3'" in reading.unusable[0]


def test_a_subscription_is_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed: list[dict[str, str]] = []

    class Sns(_S3):
        def confirm_subscription(self, **asked: str) -> None:
            confirmed.append(asked)

    _boto(monkeypatch, Sns(None))
    assert read("amazon_ses", ses("subscription_confirmation.json")) == Reading()
    assert confirmed[0]["TopicArn"] == "arn:aws:sns:us-east-1:123456789012:acme-mail"
    assert confirmed[0]["Token"] == "2336412f37"


class _Answer:
    """Answers as requests does."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def raise_for_status(self) -> None:
        if not self._content:
            raise requests.HTTPError("503")

    def iter_content(self, size: int) -> Any:
        return iter([self._content[:3], self._content[3:]])


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What there is at which address; what is asked for otherwise is not there."""
    pages: dict[str, bytes] = {}

    def get(url: str, *, headers: Any, timeout: Any, stream: bool) -> _Answer:
        assert timeout == (5, 30)
        assert (headers or {}).get("Authorization") == ("Bearer re_1" if "api." in url else None)
        return _Answer(pages.get(url, b""))

    monkeypatch.setattr(requests, "get", get)
    return pages


API = "https://api.resend.com/emails/receiving/56761188-7520-42d8-8898-ff6fc54ce618"


def test_a_mail_by_resend_is_fetched_as_it_came(web: dict[str, bytes]) -> None:
    web[API] = payload("resend", "fetched_raw.json")
    web["https://inbound-cdn.resend.com/raw/1"] = mail("fetched")
    report = only(read("resend", resend("received.json")))
    assert (report.external_id, report.says["content"]) == (
        "1@example.com/ana@example.com",
        "fetched",
    )


def test_a_mail_by_resend_is_fetched_in_parts(web: dict[str, bytes]) -> None:
    web[API] = payload("resend", "fetched_parts.json")
    web["https://inbound-cdn.resend.com/att/1"] = b"\x89PNG"
    report = only(read("resend", resend("received.json")))
    assert report.external_id == "resend-1@example.com/ana@example.com"
    assert report.at == datetime(2026, 5, 1, 9, tzinfo=UTC)
    assert (report.says["subject"], report.says["content"]) == ("Roof", "How much?")
    assert report.says["recipients"] == ["sales@acme.example"]
    assert [(file.name, file.content) for file in report.files] == [("roof.png", b"\x89PNG")]


def test_a_mail_that_resend_does_not_give_now_is_for_later(web: dict[str, bytes]) -> None:
    with pytest.raises(OSError, match="503"):
        read("resend", resend("received.json"))


def test_what_resend_gives_is_bounded(
    web: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resend_module, "FETCH_LIMIT", 10)
    web[API] = payload("resend", "fetched_raw.json")
    with pytest.raises(OSError, match="larger than 10 bytes"):
        read("resend", resend("received.json"))


def test_an_id_of_resends_leads_nowhere_else(web: dict[str, bytes]) -> None:
    body = json.loads(payload("resend", "received.json"))
    body["data"]["email_id"] = "../../domains?x=/"
    web["https://api.resend.com/emails/receiving/..%2F..%2Fdomains%3Fx%3D%2F"] = payload(
        "resend", "fetched_raw.json"
    )
    web["https://inbound-cdn.resend.com/raw/1"] = mail()
    assert only(read("resend", received(json.dumps(body).encode(), at=AT))).files == []


# --- How far ours got ----------------------------------------------------------------------------

SENT = "20130503182626.18666.16540@acme.example"
PM = "883953f4-6105-42a2-a16a-77a8eac79483"
SES = "00000137860315fd-34208509-5b74-41f3-95c5-22c1edc3c924-000000"
RS = "56761188-7520-42d8-8898-ff6fc54ce618"


@pytest.mark.parametrize(
    ("service", "delivery", "mail_id", "status", "reason"),
    [
        ("mailgun", mailgun_event("delivered.json"), SENT, "delivered", None),
        ("mailgun", mailgun_event("opened.json"), SENT, "read", None),
        ("mailgun", mailgun_event("clicked.json"), SENT, "read", None),
        ("mailgun", mailgun_event("failed_permanent.json"), SENT, "failed", "previously bounced"),
        ("mailgun", mailgun_event("complained.json"), SENT, "failed", "Marked as spam"),
        ("postmark", postmark("delivery.json"), PM, "delivered", None),
        ("postmark", postmark("open.json"), PM, "read", None),
        ("postmark", postmark("bounce.json"), PM, "failed", "unknown user, mailbox not found"),
        ("postmark", postmark("spam_complaint.json"), PM, "failed", "Marked as spam"),
        ("amazon_ses", ses("delivery.json"), SES, "delivered", None),
        ("amazon_ses", ses("open.json"), SES, "read", None),
        ("amazon_ses", ses("bounce.json"), SES, "failed", "550 5.1.1 user unknown"),
        ("resend", resend("delivered.json"), RS, "delivered", None),
        ("resend", resend("opened.json"), RS, "read", None),
        ("resend", resend("bounced.json"), RS, "failed", "hard bounce"),
    ],
)
def test_how_far_a_mail_of_ours_got(
    service: str, delivery: Received, mail_id: str, status: str, reason: str | None
) -> None:
    report = only(read(service, delivery))
    assert (report.external_id, report.key) == (mail_id, f"status:{status}")
    assert (report.kind, report.party) == (None, None)
    assert report.says["status"] == status
    assert report.says[f"{status}_at"] == report.at.isoformat()
    told = report.says.get("failure_reason", "")
    assert reason in told if reason else told == ""


@pytest.mark.parametrize(
    ("service", "delivery"),
    [
        ("mailgun", mailgun_event("failed_temporary.json")),
        ("mailgun", mailgun_event("unsubscribed.json")),
        ("postmark", postmark("subscription_change.json")),
        ("amazon_ses", ses("validated.json")),
        ("resend", resend("delivery_delayed.json")),
    ],
)
def test_what_says_nothing_of_a_mail_changes_nothing(service: str, delivery: Received) -> None:
    assert read(service, delivery) == Reading()


def test_resend_is_believed_where_it_tells_the_mails_own_id() -> None:
    body = json.loads(payload("resend", "delivered.json"))
    body["data"]["message_id"] = "<0100-1@email.amazonses.com>"
    assert only(read("resend", received(json.dumps(body).encode(), at=AT))).external_id == "0100-1"


@pytest.mark.parametrize(
    ("service", "change", "reason"),
    [
        ("mailgun", {"event": "invented"}, "tells of a mail what is not known"),
        ("mailgun", {"message": {}}, "names no mail"),
    ],
)
def test_an_event_that_is_not_understood_says_so(
    service: str, change: dict[str, Any], reason: str
) -> None:
    body = json.loads(payload(service, "delivered.json"))
    body["event-data"] |= change
    delivery = received(json.dumps(body).encode(), {"content-type": "application/json"}, at=AT)
    assert read(service, delivery) == Reading(unusable=[reason])


# --- Whatever may come ---------------------------------------------------------------------------


def assert_sound(service: str, delivery: Received) -> None:
    try:
        reading = read(service, delivery)
    except Malformed:
        return
    for report in reading.reports:
        assert_keepable(PROVIDERS[service], report)


TYPES = st.sampled_from(
    [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=B",
        "",
    ]
)


@pytest.mark.parametrize("service", SERVICES)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), content_type=TYPES)
def test_any_bytes_are_no_delivery_or_a_sound_one(
    service: str, body: bytes, content_type: str
) -> None:
    delivery = received(body, {"content-type": content_type})
    assert_sound(service, delivery)
    PROVIDERS[service].is_genuine(delivery, LINES[service])


# What needs the network is read above; here it would be asked for, with what is mutated.
BODIES = {
    service: [
        payload(service, name)
        for name in names(service)
        if not name.startswith(("fetched", "subscription", "received_s3", "received.json"))
        and (service, name) != ("mailgun", "inbound.json")
    ]
    for service in SERVICES
}


@pytest.mark.parametrize("service", SERVICES)
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_delivery_with_anything_in_it_is_refused_or_sound(
    service: str, data: st.DataObject
) -> None:
    body = data.draw(mutated(BODIES[service]))
    assert_sound(service, received(body, {"content-type": "application/json"}, at=AT))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(
        st.sampled_from(
            ["message-headers", "content-id-map", "attachment-count", "timestamp", "body-mime"]
        ),
        st.text(max_size=30)
        | st.sampled_from(["[]", "{}", "[1]", '[["From", "a"]]', "2", "-1", "null", '"x"', "[[]]"]),
        max_size=3,
    )
)
def test_a_form_with_anything_in_it_is_refused_or_sound(changes: dict[str, str]) -> None:
    delivery = mailgun_mail(None, **changes)
    assert_sound("mailgun", delivery)
