"""WhatsApp's deliveries as a whole: statuses, what is in them, which are genuine, any at all."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.timeline.webhooks.deliveries import (
    assert_sound,
    json_values,
    mutated,
    names,
    payload,
    read,
    received,
    told,
)
from tests.timeline.webhooks.whatsapp import ANA, OURS, WHATSAPP, message, of
from timeline.webhooks.provider import Line, Malformed

LINE = Line(OURS, {"app_secret": "s3cret", "verify_token": "tökén"})
FILES = names("whatsapp")
BODIES = [payload("whatsapp", name) for name in FILES]


# --- Statuses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("sent", {"status": "sent", "sent_at": "2026-03-30T14:46:40+00:00"}),
        ("delivered", {"status": "delivered", "delivered_at": "2026-03-30T14:46:43+00:00"}),
        ("read", {"status": "read", "read_at": "2026-03-30T14:48:10+00:00"}),
        ("played", {"status": "read", "read_at": "2026-03-30T14:48:40+00:00"}),
        (
            "failed",
            {
                "status": "failed",
                "failed_at": "2026-03-30T14:46:41+00:00",
                "failure_reason": "131047: Re-engagement message (Message failed to send because"
                " more than 24 hours have passed since the customer last replied to this number.)",
            },
        ),
    ],
)
def test_a_status_has_its_own_time(name: str, says: dict[str, str]) -> None:
    (report,) = of(f"status_{name}").reports
    assert (report.key, report.says) == (f"status:{name}", says)
    assert (report.kind, report.party) == (None, None)


def test_statuses_rank_as_the_ladder_does() -> None:
    order = ["sent", "delivered", "played", "read", "failed"]
    ranks = [of(f"status_{name}").reports[0].rank for name in order]
    assert ranks == sorted(set(ranks))


def test_an_unknown_status_is_told() -> None:
    reading = of("status_unknown")
    assert reading.reports == []
    assert reading.unusable == ["entry[0].changes[0].statuses[0]: status 'warning' is not known"]


# --- Echoes -------------------------------------------------------------------------------------


def test_what_was_written_in_the_business_app_is_ours() -> None:
    (report,) = of("echo_text").reports
    assert report.party == ANA
    assert report.says["direction"] == "outbound"
    assert (report.says["status"], report.says["sent_at"]) == ("sent", "2026-03-30T15:03:20+00:00")


def test_echoes_are_edited_and_deleted_too() -> None:
    (wrote,), (edited,), (revoked,) = (
        of(f"echo_{name}").reports for name in ("text", "edit", "revoke")
    )
    assert wrote.external_id == edited.external_id == revoked.external_id
    assert edited.says == {"content": "Hola Ana, te llamo en 15 minutos 📞"}


def test_an_echo_with_media_and_one_with_buttons() -> None:
    assert told(of("echo_image"))["attachments"][0]["name"] == "image.jpg"
    says = told(of("echo_interactive"))
    assert says["content"] == "Tu visita\n¿Te queda bien el jueves a las 10?\nSolar del Sur"
    assert says["buttons"] == [{"text": "Sí"}, {"text": "Otro día"}]


# --- Envelopes ----------------------------------------------------------------------------------


def test_one_delivery_tells_many_things() -> None:
    reading = of("many")
    contents = [report.says.get("content", report.key) for report in reading.reports]
    assert contents == ["你好", "Gracias 🙏", "status:read", "status:delivered", "شكراً"]
    names = [report.party.name for report in reading.reports if report.party]
    assert names == ["陳美玲", "Ana Sofía Núñez", "أميرة خالد"]
    assert reading.unusable == ["entry[1].changes[1]: field 'account_update' is not used"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("account_update", "field 'account_update' is not used"),
        ("message_template_status_update", "field 'message_template_status_update' is not used"),
        (
            "other_number",
            "is for the phone number ID '999999999999999', which is not this channel's",
        ),
        (
            "account_errors",
            (
                "WhatsApp reports 130429: Rate limit hit (Message failed to send because there were"
                " too many messages sent from this phone number in a short period of time)"
            ),
        ),
    ],
)
def test_what_is_not_used_is_told(name: str, reason: str) -> None:
    reading = of(name)
    assert reading.reports == []
    assert reading.unusable == [f"entry[0].changes[0]: {reason}"]


@pytest.mark.parametrize("address", ["", f"1, {OURS}", f"{OURS} 999"])
def test_a_channel_has_no_several_or_all_numbers(address: str) -> None:
    assert len(read(WHATSAPP, payload("whatsapp", "text.json"), address).reports) == 1


@pytest.mark.parametrize(
    "timestamp", ["", "yesterday", "-1774880000", "60000000000000", "1e9", None, True, [1], 10**30]
)
def test_a_time_that_is_none_is_told(timestamp: Any) -> None:
    reading = read(WHATSAPP, message(timestamp=timestamp), OURS)
    assert reading.reports == []
    assert "is no time" in reading.unusable[0]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"1",
        b"{}",
        b"[" * 100000,
        b'{"a":' * 100000,
        b'{"object": "page", "entry": []}',
        b'{"object": "whatsapp_business_account"}',
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_no_delivery_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(WHATSAPP, body, OURS)


# --- Genuine ------------------------------------------------------------------------------------


def signature(body: bytes, secret: str = "s3cret") -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


@pytest.mark.parametrize("body", BODIES, ids=FILES)
def test_a_signed_body_is_genuine(body: bytes) -> None:
    request = received(body, {"x-hub-signature-256": signature(body)})
    assert WHATSAPP.is_genuine(request, LINE)
    assert not WHATSAPP.is_genuine(request._replace(body=body + b" "), LINE)


def test_the_documented_way_to_sign() -> None:
    """As ``printf '{}' | openssl dgst -sha256 -hmac s3cret`` has it."""
    digest = "adbde1ce40c89c14215687d5d762a47df6dfaefcfad61e2e86718ffc8498571b"
    request = received(b"{}", {"x-hub-signature-256": f"sha256={digest}"})
    assert WHATSAPP.is_genuine(request, LINE)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        "sha1=" + "0" * 40,
        "sha256=" + "0" * 64,
        "é" * 71,
        signature(b"{}").upper(),
        signature(b"{}")[7:],
        signature(b"{}", "another"),
    ],
)
def test_any_other_signature_is_not(header: str | None) -> None:
    headers = {} if header is None else {"x-hub-signature-256": header}
    assert not WHATSAPP.is_genuine(received(b"{}", headers), LINE)


@pytest.mark.parametrize("secrets", [{}, {"app_secret": ""}])
def test_without_a_secret_nothing_is_genuine(secrets: dict[str, str]) -> None:
    request = received(b"{}", {"x-hub-signature-256": signature(b"{}", "")})
    assert not WHATSAPP.is_genuine(request, Line(OURS, secrets))


QUERY = {"hub.mode": "subscribe", "hub.verify_token": "tökén", "hub.challenge": "1158201444"}


def test_the_handshake() -> None:
    assert WHATSAPP.greet(QUERY, LINE) == "1158201444"


@pytest.mark.parametrize(
    "query",
    [
        {},
        QUERY | {"hub.verify_token": "token"},
        QUERY | {"hub.verify_token": ""},
        QUERY | {"hub.mode": "unsubscribe"},
        {**QUERY, "hub.challenge": ""},
    ],
)
def test_the_handshake_of_another_is_refused(query: dict[str, str]) -> None:
    assert WHATSAPP.greet(query, LINE) is None


def test_a_channel_without_a_token_greets_nobody() -> None:
    assert WHATSAPP.greet(QUERY | {"hub.verify_token": ""}, Line(OURS, {})) is None


# --- Whatever may come --------------------------------------------------------------------------


@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf{}")
def test_any_bytes_are_malformed_or_sound(body: bytes) -> None:
    assert_sound(WHATSAPP, body)


@given(json_values)
def test_any_json_is_malformed_or_sound(value: Any) -> None:
    for body in (value, {"object": "whatsapp_business_account", "entry": value}):
        assert_sound(WHATSAPP, json.dumps(body).encode())


@given(mutated(BODIES))
def test_any_delivery_is_sound_whatever_is_changed_of_it(body: bytes) -> None:
    assert_sound(WHATSAPP, body)


@pytest.mark.parametrize("body", BODIES, ids=FILES)
def test_every_delivery_is_sound(body: bytes) -> None:
    assert_sound(WHATSAPP, body, OURS)
