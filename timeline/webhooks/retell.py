"""Calls that AI agents of Retell make and take.

The format is that of docs.retellai.com/features/webhook-overview; what a `call` has is said by the
types of Retell's own client library.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from timeline.entries import Direction, Kind, Sentiment
from timeline.reports import Party, Reading, Report
from timeline.webhooks.addresses import is_among
from timeline.webhooks.fitting import fitted
from timeline.webhooks.provider import Line, Malformed, Received, Secret
from timeline.webhooks.signing import digest, is_same
from timeline.webhooks.values import (
    Object,
    Unusable,
    first_text,
    named,
    object_of,
    objects_of,
    parse_object,
    phone_of,
    seconds_of,
    text_of,
    unix_time,
    whole_number,
    yes_or_no,
)

_SIGNATURE = re.compile(r"v=([0-9]{1,15}),d=([0-9a-f]{64})")
# How old a signature may be, or how far ahead a clock.
_SKEW = timedelta(minutes=5)

_SPEAKERS = {"agent": "agent", "user": "lead", "transfer_target": "transfer target"}
_VOICEMAIL = "voicemail_reached"


class Event(NamedTuple):
    """An event that is used: how much it knows, and the status of a call that does not say."""

    rank: int
    call_status: str


_EVENTS = {
    "call_started": Event(0, "ongoing"),
    "call_ended": Event(1, "ended"),
    "call_analyzed": Event(2, "ended"),
}


class Retell:
    name = source = "retell"
    label = "Retell"
    address_label = "Agent ID (several: with commas between; none: all agents)"
    secrets: tuple[Secret, ...] = (
        Secret(
            "api_key",
            "API key",
            "The key with the webhook badge in Retell's dashboard. Deliveries are signed with it.",
        ),
    )
    # A call of hours, with the time of each word several times over.
    max_body = 16_000_000

    def greet(self, query: Mapping[str, str], line: Line) -> str | None:
        return None

    def is_genuine(self, received: Received, line: Line) -> bool:
        key = line.secrets.get("api_key", "")
        given = _SIGNATURE.fullmatch(received.headers.get("x-retell-signature", ""))
        signed = given and unix_time(given[1], a_second=1_000)
        if not key or not given or not signed or abs(received.at - signed) > _SKEW:
            return False
        return is_same(given[2], digest("sha256", key, received.body + given[1].encode()).hex())

    def read(self, received: Received, line: Line) -> Reading:
        whole = parse_object(received.body)
        if "event" not in whole:
            raise Malformed("the body is no delivery of Retell's")
        try:
            return fitted(Reading([_report(whole, received.at, line.address)]))
        except Unusable as error:
            return fitted(Reading(unusable=[str(error)]))


def _report(whole: Object, received_at: datetime, agents: str) -> Report:
    name, call = text_of(whole.get("event")), object_of(whole.get("call"))
    call_id, agent = text_of(call.get("call_id")), text_of(call.get("agent_id"))
    if name not in _EVENTS:
        raise Unusable(f"event {named(whole.get('event'))} is not used")
    if not call_id:
        raise Unusable("the call has no call_id")
    if not is_among(agent, agents):
        raise Unusable(f"is for the agent {named(agent)}, which is not this channel's")
    start, end = (unix_time(call.get(key), a_second=1_000) for key in _TIMES)
    at = start if name == "call_started" else end
    return Report(
        external_id=call_id,
        key=name,
        # A call that never connected may have no times at all.
        at=at or start or end or received_at,
        rank=_EVENTS[name].rank,
        says=dict(_says(name, call, start)),
        kind=Kind.CALL,
        party=_party(call),
    )


_TIMES = ("start_timestamp", "end_timestamp")


def _says(event: str, call: Object, start: datetime | None) -> Iterator[tuple[str, Any]]:
    """Yield what is known; what is not is left to what other events know."""
    yield "provider_call_id", text_of(call.get("call_id"))
    yield "call_status", text_of(call.get("call_status")) or _EVENTS[event].call_status
    if text_of(call.get("direction")) in set(Direction):
        yield "direction", text_of(call.get("direction"))
    if start is not None:
        yield "occurred_at", start.isoformat()
    if event == "call_started":
        return
    if (duration := _duration(call)) is not None:
        yield "duration_seconds", duration
    for name in ("disconnection_reason", "recording_url"):
        if told := text_of(call.get(name)):
            yield name, told
    if turns := _turns(call):
        yield "turns", turns
    yield from _analysis(object_of(call.get("call_analysis")))


def _duration(call: Object) -> int | None:
    """Return the seconds that it lasted: 0 for a call that never connected."""
    milliseconds = whole_number(call.get("duration_ms"))
    if milliseconds is not None:
        return round(milliseconds / 1_000)
    start, end = (unix_time(call.get(key), a_second=1_000) for key in _TIMES)
    if text_of(call.get("call_status")) == "not_connected":
        return 0
    return round((end - start).total_seconds()) if start and end and start <= end else None


def _analysis(analysis: Object) -> Iterator[tuple[str, Any]]:
    if summary := text_of(analysis.get("call_summary")):
        yield "summary", summary
    sentiment = text_of(analysis.get("user_sentiment")).lower()
    if sentiment in set(Sentiment):
        yield "sentiment", sentiment
    if (successful := yes_or_no(analysis.get("call_successful"))) is not None:
        yield "call_successful", successful
    # Who hung up on a machine says less than that it was one.
    if yes_or_no(analysis.get("in_voicemail")):
        yield "disconnection_reason", _VOICEMAIL


def _turns(call: Object) -> list[dict[str, Any]]:
    spoken = objects_of(call.get("transcript_object"))
    turns = [_turn(utterance) for utterance in spoken if text_of(utterance.get("content"))]
    whole = text_of(call.get("transcript"))
    if turns or not whole:
        return turns
    return [{"speaker": "", "text": whole, "start": None, "end": None}]


def _turn(utterance: Object) -> dict[str, Any]:
    role, words = text_of(utterance.get("role")), objects_of(utterance.get("words"))
    return {
        "speaker": _SPEAKERS.get(role, role),
        "text": text_of(utterance.get("content")),
        "start": seconds_of(words[0].get("start")) if words else None,
        "end": seconds_of(words[-1].get("end")) if words else None,
    }


def _party(call: Object) -> Party:
    """Return who the lead is: by the number, or by what the call was given along when it was made.

    Raises Unusable if nothing tells.
    """
    given = object_of(call.get("metadata"))
    variables = object_of(call.get("retell_llm_dynamic_variables"))
    is_outbound = text_of(call.get("direction")) == Direction.OUTBOUND
    phone = phone_of(call.get("to_number" if is_outbound else "from_number"))
    phone = phone or phone_of(first_text(given, "phone", "phone_number"))
    email = text_of(given.get("email"))
    if not phone and not email:
        raise Unusable("the call has no phone number of the lead, nor is one in its metadata")
    name = first_text({**variables, **given}, "name", "customer_name")
    return Party(phone=phone, email=email, name=name)
