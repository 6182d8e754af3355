"""Calls over Twilio, as its status callbacks tell them.

The format is that of twilio.com/docs/usage/webhooks: forms, signed together with the address that
they are sent to. A recording is told later, of the same call.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, parse_qsl, urlsplit, urlunsplit

from timeline.entries import Direction, Kind
from timeline.reports import Party, Reading, Report
from timeline.webhooks.addresses import is_among
from timeline.webhooks.fitting import fitted
from timeline.webhooks.provider import Line, Malformed, Received, Secret
from timeline.webhooks.signing import digest, is_same
from timeline.webhooks.values import (
    Unusable,
    mail_time,
    named,
    parse_object,
    phone_of,
    text_of,
    whole_number,
)

Form = Mapping[str, str]

# Fields of a form; Twilio sends some thirty.
_MAX_FIELDS = 1_000
_ALGORITHMS: Mapping[str, Literal["sha1", "sha256"]] = {
    "HMAC_SHA1": "sha1",
    "HMAC_SHA256": "sha256",
}
_PORTS = {"https": 443, "http": 80}


class Status(NamedTuple):
    """A status of Twilio's in the timeline's words, and how late in a call's life it comes."""

    rank: int
    call_status: str
    disconnection_reason: str = ""


_STATUSES = {
    "queued": Status(0, "registered"),
    "initiated": Status(0, "registered"),
    "ringing": Status(1, "registered"),
    "in-progress": Status(2, "ongoing"),
    "completed": Status(3, "ended"),
    "busy": Status(3, "not_connected", "dial_busy"),
    "no-answer": Status(3, "not_connected", "dial_no_answer"),
    "failed": Status(3, "not_connected", "dial_failed"),
    "canceled": Status(3, "not_connected", "canceled"),
}


class Twilio:
    name = source = "twilio"
    label = "Twilio"
    address_label = "Phone number of yours, as +15550783881 (several: with commas between)"
    secrets: tuple[Secret, ...] = (
        Secret(
            "auth_token",
            "Auth token",
            "The account's primary one, in Twilio's console. Deliveries are signed with it.",
        ),
        Secret(
            "shared_key",
            "Shared key",
            "Only where a webhooks rule at Twilio has deliveries signed with a shared key.",
            is_required=False,
        ),
    )
    max_body = 256_000

    def greet(self, query: Mapping[str, str], line: Line) -> str | None:
        return None

    def is_genuine(self, received: Received, line: Line) -> bool:
        settings = received.headers.get("x-twilio-webhooks-signature-settings", "")
        key = line.secrets.get("shared_key" if settings else "auth_token", "")
        algorithm = _ALGORITHMS.get(_setting(settings, "algorithm") or "HMAC_SHA1")
        signed = _signed(received)
        if not key or algorithm is None or signed is None:
            return False
        given = received.headers.get("x-twilio-signature", "")
        signatures = [
            b64encode(digest(algorithm, key, (url + signed).encode(errors="replace"))).decode()
            for url in _spellings(received.url)
        ]
        return any(is_same(given, signature) for signature in signatures)

    def read(self, received: Received, line: Line) -> Reading:
        form = _parse(received)
        if not {"CallSid", "AccountSid"} & form.keys():
            raise Malformed("the body is no delivery of Twilio's")
        try:
            return fitted(Reading([_report(form, received.at, line.address)]))
        except Unusable as error:
            return fitted(Reading(unusable=[str(error)]))


# --- Signatures ---------------------------------------------------------------------------------


def _setting(settings: str, name: str) -> str:
    pairs = (part.partition("=") for part in settings.split(","))
    return next((value.strip() for key, _, value in pairs if key.strip() == name), "")


def _signed(received: Received) -> str | None:
    """Return what is signed after the address; None if the body is not what was signed."""
    if not _is_json(received):
        try:
            pairs = _pairs(received.body)
        except ValueError:
            return None
        return "".join(name + value for name, value in sorted(set(pairs)))
    # The address has the digest of a body that is no form.
    query = parse_qs(urlsplit(received.url).query)
    given = query.get("bodySHA256", [""])[0]
    return "" if is_same(given, hashlib.sha256(received.body).hexdigest()) else None


def _spellings(url: str) -> Iterator[str]:
    """Yield the address without its port and with it: Twilio signs now one, now the other."""
    yield url
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 80)
    except ValueError:
        return
    host = parts.netloc.rpartition("@")[2].partition(":")[0]
    for netloc in (host, f"{host}:{port}"):
        yield urlunsplit(parts._replace(netloc=netloc))


def _is_json(received: Received) -> bool:
    content_type = received.headers.get("content-type", "")
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _pairs(body: bytes) -> list[tuple[str, str]]:
    """Return the fields of a form; raise ValueError for more than there can be."""
    form = body.decode(errors="replace")
    return parse_qsl(form, keep_blank_values=True, max_num_fields=_MAX_FIELDS)


# --- Reading ------------------------------------------------------------------------------------


def _parse(received: Received) -> Form:
    if _is_json(received):
        return {name: text_of(value) for name, value in parse_object(received.body).items()}
    try:
        return dict(_pairs(received.body))
    except ValueError:
        raise Malformed("the body is no form of Twilio's") from None


def _report(form: Form, received_at: datetime, numbers: str) -> Report:
    if not form.get("CallSid"):
        raise Unusable("is not about a call")
    if "RecordingSid" in form and "CallStatus" not in form:
        return _recording(form, received_at)
    name = form.get("CallStatus")
    if name not in _STATUSES:
        raise Unusable(f"CallStatus {named(name)} is not known")
    return Report(
        external_id=form["CallSid"],
        key=f"status:{name}",
        at=mail_time(form.get("Timestamp")) or received_at,
        rank=max(_STATUSES[name].rank, min(whole_number(form.get("SequenceNumber")) or 0, 1_000)),
        says=dict(_says(form, _STATUSES[name])),
        kind=Kind.CALL,
        party=_party(form, numbers),
    )


def _recording(form: Form, received_at: datetime) -> Report:
    status, url = form.get("RecordingStatus", "completed"), form.get("RecordingUrl", "")
    if status != "completed" or not url:
        raise Unusable(f"a recording of status {named(status)} is not used")
    return Report(
        external_id=form["CallSid"],
        key=f"recording:{form['RecordingSid']}",
        at=mail_time(form.get("RecordingStartTime")) or received_at,
        says={"recording_url": url},
    )


def _says(form: Form, status: Status) -> Iterator[tuple[str, Any]]:
    """Yield what is known; what is not is left to what other callbacks know."""
    yield "provider_call_id", form["CallSid"]
    yield "direction", _direction(form).value
    yield "call_status", status.call_status
    duration = whole_number(form.get("CallDuration"))
    if status.call_status == "not_connected":
        duration = 0
    if duration is not None:
        yield "duration_seconds", duration
    if start := _start(form, status, duration):
        yield "occurred_at", start.isoformat()
    reason = status.disconnection_reason
    if form.get("AnsweredBy", "").startswith("machine"):
        reason = "voicemail_reached"
    if reason:
        yield "disconnection_reason", reason
    if url := form.get("RecordingUrl"):
        yield "recording_url", url


def _start(form: Form, status: Status, duration: int | None) -> datetime | None:
    """Return when a call began of which nothing was told before its end."""
    is_first = not whole_number(form.get("SequenceNumber"))
    at = mail_time(form.get("Timestamp"))
    if not is_first or at is None or status.call_status != "ended" or duration is None:
        return None
    return at - timedelta(seconds=duration)


def _direction(form: Form) -> Direction:
    told = form.get("Direction", "")
    if told == "inbound":
        return Direction.INBOUND
    if told.startswith("outbound"):
        return Direction.OUTBOUND
    raise Unusable(f"Direction {named(told)} is not known")


def _party(form: Form, numbers: str) -> Party:
    """Return who the lead is: whoever is not this channel's number.

    Raises Unusable for a leg of a call that is between others, and for who has no number.
    """
    is_inbound = _direction(form) == Direction.INBOUND
    ours, theirs = ("To", "From") if is_inbound else ("From", "To")
    if not is_among(form.get(ours, ""), numbers):
        raise Unusable(f"{ours} {named(form.get(ours))} is not this channel's number")
    phone = phone_of(form.get(theirs))
    if not phone:
        raise Unusable(f"{theirs} {named(form.get(theirs))} is no phone number")
    return Party(phone=phone, name=form.get("CallerName", "") if is_inbound else "")
