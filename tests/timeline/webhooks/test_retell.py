"""What Retell's deliveries tell, and which are Retell's."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import new as hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.webhooks.deliveries import (
    NOW,
    assert_sound,
    json_values,
    mutated,
    names,
    payload,
    read,
    received,
    told,
)
from timeline.reports import Party, Reading
from timeline.webhooks import PROVIDERS
from timeline.webhooks.provider import Line, Malformed

RETELL = PROVIDERS["retell"]
AGENT = "agent_oBeDLoLOeuAbiuaMFXRtDOLriTJ5tSxD"
LINE = Line("", {"api_key": "key_live"})
FILES = names("retell")
BODIES = [payload("retell", name) for name in FILES]


def of(name: str) -> Reading:
    return read(RETELL, payload("retell", f"{name}.json"))


def call(**changes: Any) -> bytes:
    """Return the analysed call's delivery with its call changed."""
    body = json.loads(payload("retell", "call_analyzed.json"))
    body["call"] |= changes
    return json.dumps(body).encode()


def test_a_call_that_began() -> None:
    (report,) = of("call_started").reports
    assert (report.external_id, report.key) == ("call_8f3cb0a1d2e4f5a6b7c8d9e0f1a", "call_started")
    assert (report.kind, report.rank) == ("call", 0)
    assert report.party == Party(phone="+56912345678", name="Ana Sofía Núñez")
    assert report.says == {
        "provider_call_id": report.external_id,
        "call_status": "ongoing",
        "direction": "outbound",
        "occurred_at": "2026-03-30T15:13:20.123000+00:00",
    }


def test_a_call_that_ended_knows_more_and_its_analysis_most() -> None:
    (began,), (ended,), (analysed,) = (
        of(name).reports for name in ("call_started", "call_ended", "call_analyzed")
    )
    assert began.rank < ended.rank < analysed.rank
    assert began.at < ended.at == analysed.at
    assert ended.says["duration_seconds"] == 21
    assert ended.says["disconnection_reason"] == "call_transfer"
    assert ended.says["recording_url"].endswith("/recording.wav")
    assert "summary" not in ended.says
    assert {**ended.says, **analysed.says} == analysed.says
    assert analysed.says["summary"].startswith("Ana asked for the price")
    assert (analysed.says["sentiment"], analysed.says["call_successful"]) == ("positive", True)


def test_turns_have_their_words_times() -> None:
    turns = told(of("call_ended"))["turns"]
    assert [turn["speaker"] for turn in turns] == ["agent", "lead", "agent", "transfer target"]
    assert turns[1] == {
        "speaker": "lead",
        "text": "Sí, con ella. Justo quería preguntar por el precio.",
        "start": 5.1,
        "end": 7.62,
    }


def test_a_transcript_without_turns_is_one() -> None:
    (turn,) = told(of("inbound_call_ended"))["turns"]
    assert turn["text"] == "Agent: Hello?\nUser: Wrong number, sorry."


def test_the_lead_of_an_incoming_call_is_who_called() -> None:
    (report,) = of("inbound_call_ended").reports
    assert report.party == Party(phone="+14155550123")
    assert report.says["duration_seconds"] == 4


@pytest.mark.parametrize("name", ["call_ended_no_answer", "call_analyzed_no_answer"])
def test_a_missed_call_lasted_no_time(name: str) -> None:
    says = told(of(name))
    assert (says["call_status"], says["disconnection_reason"]) == (
        "not_connected",
        "dial_no_answer",
    )
    assert says["duration_seconds"] == 0
    assert says["occurred_at"] == "2026-03-30T15:14:20+00:00"
    assert "sentiment" not in says


def test_a_call_without_times_is_of_when_it_was_told() -> None:
    (report,) = of("call_ended_busy_without_times").reports
    assert report.at == NOW
    assert "occurred_at" not in report.says


def test_a_machine_that_answered_is_voicemail() -> None:
    assert told(of("call_analyzed_voicemail"))["disconnection_reason"] == "voicemail_reached"


def test_a_web_call_is_of_whom_its_metadata_names() -> None:
    (report,) = of("web_call_ended").reports
    assert report.party == Party(email="kofi@example.com", name="Kofi Mensah")
    assert "direction" not in report.says


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (
            "web_call_of_nobody",
            "the call has no phone number of the lead, nor is one in its metadata",
        ),
        ("transfer_started", "event 'transfer_started' is not used"),
        ("chat_started", "event 'chat_started' is not used"),
    ],
)
def test_what_is_not_used_is_told(name: str, reason: str) -> None:
    assert of(name) == Reading(unusable=[reason])


def test_a_channel_is_of_its_agents() -> None:
    body = payload("retell", "call_ended.json")
    assert len(read(RETELL, body, f"agent_other, {AGENT}").reports) == 1
    assert read(RETELL, body, "agent_other").unusable == [
        f"is for the agent '{AGENT}', which is not this channel's"
    ]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"call_analysis": {"user_sentiment": "Furious"}}, "sentiment"),
        ({"call_analysis": {"call_successful": "yes"}}, "call_successful"),
        ({"start_timestamp": 6 * 10**16}, "occurred_at"),
        ({"start_timestamp": -1}, "occurred_at"),
        ({"duration_ms": -5, "start_timestamp": None}, "duration_seconds"),
        ({"direction": "sideways", "from_number": "+14155550123"}, "direction"),
        ({"recording_url": "https://x.example/" + "a" * 4_096}, "recording_url"),
    ],
)
def test_what_is_no_such_value_is_not_known(changes: dict[str, Any], name: str) -> None:
    assert name not in told(read(RETELL, call(**changes)))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_delivery_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(RETELL, body)


# --- Genuine ------------------------------------------------------------------------------------


def signature(body: bytes, at: datetime = NOW, key: str = "key_live") -> str:
    stamp = str(int(at.timestamp() * 1_000))
    return f"v={stamp},d={hmac(key.encode(), body + stamp.encode(), sha256).hexdigest()}"


@pytest.mark.parametrize("body", BODIES, ids=FILES)
def test_a_signed_body_is_genuine(body: bytes) -> None:
    request = received(body, {"x-retell-signature": signature(body)})
    assert RETELL.is_genuine(request, LINE)
    assert not RETELL.is_genuine(request._replace(body=body + b" "), LINE)
    assert RETELL.greet({}, LINE) is None


def test_what_the_library_signs_is_genuine() -> None:
    """As retell-sdk 6.2 signs ``{"event":"call_started"}`` with ``key_live``."""
    digest = "2df0d4f68dd91e8af20c8fb906626e1f2e0c85c66e6d155779b1c4746f307145"
    request = received(
        b'{"event":"call_started"}',
        {"x-retell-signature": f"v=1774900000000,d={digest}"},
        at=datetime.fromtimestamp(1_774_900_000, UTC),
    )
    assert RETELL.is_genuine(request, LINE)


@pytest.mark.parametrize(
    ("seconds", "is_genuine"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)]
)
def test_a_signature_is_good_for_five_minutes(seconds: int, is_genuine: bool) -> None:
    request = received(b"{}", {"x-retell-signature": signature(b"{}")})
    later = request._replace(at=NOW + timedelta(seconds=seconds))
    assert RETELL.is_genuine(later, LINE) is is_genuine


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "v=,d=",
        f"v={'9' * 40},d={'0' * 64}",
        f"v={int(NOW.timestamp() * 1000)},d={'0' * 64}",
        signature(b"{}", key="another"),
        signature(b"{}") + "\n",
        signature(b"{}").replace("v=", "v=-"),
        signature(b"{}").upper(),
    ],
)
def test_any_other_signature_is_not(header: str | None) -> None:
    headers = {} if header is None else {"x-retell-signature": header}
    assert not RETELL.is_genuine(received(b"{}", headers), LINE)


@pytest.mark.parametrize("secrets", [{}, {"api_key": ""}])
def test_without_a_key_nothing_is_genuine(secrets: dict[str, str]) -> None:
    request = received(b"{}", {"x-retell-signature": signature(b"{}", key="")})
    assert not RETELL.is_genuine(request, Line("", secrets))


# --- Whatever may come --------------------------------------------------------------------------


@given(st.binary(max_size=200))
def test_any_bytes_are_malformed_or_sound(body: bytes) -> None:
    assert_sound(RETELL, body)


@given(json_values)
def test_any_json_is_malformed_or_sound(value: Any) -> None:
    for body in (value, {"event": "call_analyzed", "call": value}):
        assert_sound(RETELL, json.dumps(body).encode())


@given(mutated(BODIES))
def test_any_delivery_is_sound_whatever_is_changed_of_it(body: bytes) -> None:
    assert_sound(RETELL, body)
