"""What Twilio's callbacks tell, and which are Twilio's."""

from base64 import b64encode
from hashlib import sha256
from hmac import new as hmac
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.webhooks.deliveries import (
    NOW,
    URL,
    assert_sound,
    json_values,
    names,
    nasty_texts,
    payload,
    read,
    received,
    told,
)
from timeline.reports import Party, Reading
from timeline.webhooks import PROVIDERS
from timeline.webhooks.provider import Line, Malformed, Received

TWILIO = PROVIDERS["twilio"]
OURS = "+15550783881"
LINE = Line(OURS, {"auth_token": "token", "shared_key": "shared"})
FILES = names("twilio")
BODIES = [payload("twilio", name) for name in FILES]
FORM = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}
JSON = {"content-type": "application/json"}


def of(name: str) -> Reading:
    return read(TWILIO, payload("twilio", f"{name}.txt"), OURS)


def form(name: str, **changes: str) -> bytes:
    return urlencode(dict(parse_qsl(payload("twilio", f"{name}.txt").decode())) | changes).encode()


@pytest.mark.parametrize(
    ("name", "rank", "says"),
    [
        ("initiated", 0, {"call_status": "registered"}),
        ("ringing", 1, {"call_status": "registered"}),
        ("in_progress", 2, {"call_status": "ongoing"}),
        ("completed", 3, {"call_status": "ended", "duration_seconds": 65}),
    ],
)
def test_a_call_as_it_goes_on(name: str, rank: int, says: dict[str, Any]) -> None:
    (report,) = of(name).reports
    sid = "CA1111111111111111111111111111aaaa"
    assert (report.external_id, report.kind, report.rank) == (sid, "call", rank)
    assert report.party == Party(phone="+56912345678")
    assert report.says == {"provider_call_id": sid, "direction": "outbound", **says}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("busy", "dial_busy"),
        ("no_answer", "dial_no_answer"),
        ("inbound_no_answer", "dial_no_answer"),
        ("failed", "dial_failed"),
        ("canceled", "canceled"),
    ],
)
def test_a_call_that_never_connected(name: str, reason: str) -> None:
    says = told(of(name))
    assert says["call_status"] == "not_connected"
    assert (says["disconnection_reason"], says["duration_seconds"]) == (reason, 0)


def test_a_call_of_which_only_the_end_is_told_began_before() -> None:
    (report,) = of("inbound_completed").reports
    assert report.party == Party(phone="+447700900123", name="O'BRIEN SEÁN")
    assert report.at.isoformat() == "2026-03-30T17:02:05+00:00"
    assert report.says["occurred_at"] == "2026-03-30T17:00:00+00:00"
    assert report.says["recording_url"].endswith("RE6666666666666666666666666666aaaa")


def test_a_recording_is_told_of_its_call() -> None:
    (report,) = of("recording_completed").reports
    assert report.external_id == of("completed").reports[0].external_id
    assert report.key == "recording:RE5555555555555555555555555555aaaa"
    assert set(report.says) == {"recording_url"}
    assert (report.kind, report.party) == (None, None)


def test_a_machine_that_answered_is_voicemail() -> None:
    assert told(of("machine"))["disconnection_reason"] == "voicemail_reached"


def test_whom_one_of_us_was_put_through_to_is_the_lead() -> None:
    (report,) = of("dialled_leg").reports
    assert report.party == Party(phone="+56912345678")
    assert report.says["direction"] == "outbound"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("forwarded_leg", "From '+447700900123' is not this channel's number"),
        ("softphone_leg", "To '' is not this channel's number"),
        ("inbound_anonymous", "From 'Anonymous' is no phone number"),
        ("recording_absent", "a recording of status 'absent' is not used"),
        ("sms", "is not about a call"),
    ],
)
def test_what_is_not_used_is_told(name: str, reason: str) -> None:
    assert of(name) == Reading(unusable=[reason])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"CallStatus": "levitating"}, "CallStatus 'levitating' is not known"),
        ({"Direction": "trunking"}, "Direction 'trunking' is not known"),
        ({"CallSid": ""}, "is not about a call"),
    ],
)
def test_what_is_not_known_is_told(changes: dict[str, str], reason: str) -> None:
    assert read(TWILIO, form("completed", **changes), OURS) == Reading(unusable=[reason])


@pytest.mark.parametrize(
    "timestamp", ["", "yesterday", "Mon, 30 Mar 60000 15:21:13 +0000", "Mon, 99 Foo 1 0:0:0 +9999"]
)
def test_a_time_that_is_none_is_when_it_was_told(timestamp: str) -> None:
    assert read(TWILIO, form("completed", Timestamp=timestamp), OURS).reports[0].at == NOW


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"a=b", b"{}", b"&".join(b"a=%d" % i for i in range(2_000))]
)
def test_what_is_no_delivery_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(TWILIO, body, OURS)


# --- Genuine ------------------------------------------------------------------------------------


def signature(text: str, key: str = "token", algorithm: str = "sha1") -> str:
    return b64encode(hmac(key.encode(), text.encode(), algorithm).digest()).decode()


def signed(body: bytes, url: str = URL, **how: str) -> Received:
    pairs = sorted(parse_qsl(body.decode(), keep_blank_values=True))
    text = url + "".join(name + value for name, value in pairs)
    return received(body, FORM | {"x-twilio-signature": signature(text, **how)}, url)


@pytest.mark.parametrize("body", BODIES, ids=FILES)
def test_a_signed_form_is_genuine(body: bytes) -> None:
    request = signed(body)
    assert TWILIO.is_genuine(request, LINE)
    assert not TWILIO.is_genuine(request._replace(body=body + b"&a=b"), LINE)
    assert not TWILIO.is_genuine(request._replace(url=URL + "x"), LINE)
    assert TWILIO.greet({}, LINE) is None


def test_the_documented_example_is_genuine() -> None:
    """That of Twilio's page on the security of webhooks, token and all."""
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    request = received(
        urlencode(fields).encode(),
        FORM | {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
        "https://mycompany.com/myapp.php?foo=1&bar=2",
    )
    assert TWILIO.is_genuine(request, Line("", {"auth_token": "12345"}))


@pytest.mark.parametrize(
    ("signed_url", "seen_url"),
    [
        ("https://l.example:443/a?b=c", "https://l.example/a?b=c"),
        ("https://l.example/a?b=c", "https://l.example:443/a?b=c"),
    ],
)
def test_the_port_may_be_signed_or_not(signed_url: str, seen_url: str) -> None:
    request = signed(payload("twilio", "busy.txt"), signed_url)
    assert TWILIO.is_genuine(request._replace(url=seen_url), LINE)


def test_what_no_port_is_in_is_not_genuine() -> None:
    request = signed(b"CallSid=1")._replace(url="https://l.example:port/")
    assert not TWILIO.is_genuine(request, LINE)


def test_a_shared_key_signs_with_its_own_algorithm() -> None:
    request = signed(b"CallSid=1", key="shared", algorithm="sha256")
    settings = {"x-twilio-webhooks-signature-settings": "key=webhooks_1,algorithm=HMAC_SHA256"}
    shared = request._replace(headers={**request.headers, **settings})
    assert TWILIO.is_genuine(shared, LINE)
    assert not TWILIO.is_genuine(request, LINE)
    assert not TWILIO.is_genuine(shared, Line(OURS, {"auth_token": "token"}))
    odd = {"x-twilio-webhooks-signature-settings": "algorithm=ROT13"}
    assert not TWILIO.is_genuine(request._replace(headers={**request.headers, **odd}), LINE)


def test_json_is_signed_by_its_digest_in_the_address() -> None:
    body = b'{"CallSid": "CA1"}'
    url = f"{URL}?bodySHA256={sha256(body).hexdigest()}"
    request = received(body, JSON | {"x-twilio-signature": signature(url)}, url)
    assert TWILIO.is_genuine(request, LINE)
    assert not TWILIO.is_genuine(request._replace(body=b"{}"), LINE)
    bare = received(body, JSON | {"x-twilio-signature": signature(URL)})
    assert not TWILIO.is_genuine(bare, LINE)


@pytest.mark.parametrize("header", [None, "", "AAAA", "é", signature(URL, key="another")])
def test_any_other_signature_is_not(header: str | None) -> None:
    headers = {} if header is None else {"x-twilio-signature": header}
    assert not TWILIO.is_genuine(received(b"", FORM | headers), LINE)


@pytest.mark.parametrize("secrets", [{}, {"auth_token": ""}])
def test_without_a_token_nothing_is_genuine(secrets: dict[str, str]) -> None:
    assert not TWILIO.is_genuine(signed(b"CallSid=1", key=""), Line(OURS, secrets))


# --- Whatever may come --------------------------------------------------------------------------

FORMS = [dict(parse_qsl(body.decode(), keep_blank_values=True)) for body in BODIES]


@st.composite
def mutated_forms(draw: st.DrawFn) -> bytes:
    fields = dict(draw(st.sampled_from(FORMS)))
    for name in draw(st.lists(st.sampled_from(sorted(fields)), max_size=4, unique=True)):
        fields.pop(name)
        if draw(st.booleans()):
            fields[name] = draw(st.text(max_size=9) | nasty_texts)
    return urlencode(fields, errors="replace").encode()


@given(st.binary(max_size=200))
def test_any_bytes_are_malformed_or_sound(body: bytes) -> None:
    assert_sound(TWILIO, body)
    TWILIO.is_genuine(received(body, FORM), LINE)


@given(mutated_forms())
def test_any_form_is_sound_whatever_is_changed_of_it(body: bytes) -> None:
    assert_sound(TWILIO, body)


@given(st.dictionaries(st.sampled_from(sorted({*FORMS[0], "CallSid"})), json_values))
def test_any_json_is_malformed_or_read(value: dict[str, Any]) -> None:
    import json

    request = received(json.dumps(value).encode(), JSON)
    if not {"CallSid", "AccountSid"} & value.keys():
        with pytest.raises(Malformed):
            TWILIO.read(request, Line(OURS, {}))
    else:
        reading = TWILIO.read(request, Line(OURS, {}))
        assert reading.reports or reading.unusable
