"""A mail, received or sent, as a report: who it is about, when, and what it says.

Pure: no ORM. The same mail is the same entry whoever tells of it (a provider's webhook, a mailbox
that is imported), since its Message-ID is what it is known by, and `SOURCE` where it comes from.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from timeline.entries import Channel, Direction, Kind, MessageStatus
from timeline.mail import text_of
from timeline.mail_headers import (
    Address,
    AnyMail,
    addresses_of,
    header_of,
    message_ids,
    received_key,
    sent_key,
    time_of,
)
from timeline.mail_parts import Contents, contents_of
from timeline.reports import Party, Reading, Report

SOURCE = "email"

# Chooses who of a mail's recipients, none of them ours, it is about; there is at least one.
Choice = Callable[[Sequence[Address]], Address]


class Ours(NamedTuple):
    """Whose mails are ours: addresses and domains, in lower case."""

    addresses: frozenset[str]
    domains: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "Ours":
        """Read addresses and domains (with or without @) with commas or blanks between."""
        names = [name.lower() for name in text.replace(",", " ").split()]
        return cls(
            frozenset(name for name in names if "@" in name[1:]),
            frozenset(name.removeprefix("@") for name in names if "@" not in name[1:]),
        )

    def has(self, address: str) -> bool:
        lower = address.lower()
        return lower in self.addresses or lower.rpartition("@")[2] in self.domains


def report_of_mail(
    mail: AnyMail,
    ours: Ours,
    received_at: datetime,
    *,
    latest: datetime | None = None,
    choose: Choice = lambda recipients: recipients[0],
) -> Reading:
    """Return the report of the mail, or why there is none.

    A mail from one of ours is outbound, and about the recipient that `choose` names; any other is
    inbound, and about who sent it. `received_at` is for mails that do not say when they were sent;
    what is sent later than `latest` (without it, `received_at`) is not believed.
    """
    sender = next(iter(addresses_of(mail, "From", "Sender", "Return-Path")), None)
    recipients = addresses_of(mail, "To", "Cc", "Bcc", "Delivered-To", "X-Original-To")
    if sender is None:
        return Reading(unusable=["names no sender"])
    direction = Direction.OUTBOUND if ours.has(sender.address) else Direction.INBOUND
    others = [each for each in recipients if not ours.has(each.address)]
    if direction is Direction.OUTBOUND and not others:
        return Reading(unusable=["is from one of our own addresses to none but our own"])
    lead = sender if direction is Direction.INBOUND else choose(others)
    contents = contents_of(mail)
    at = time_of(mail, received_at, latest or received_at)
    report = Report(
        external_id=_key(mail, contents, sender, direction),
        key="message",
        at=at,
        says=_says(mail, contents, sender, direction) | _status(direction, at),
        kind=Kind.MESSAGE,
        party=Party(email=lead.address, name=lead.name),
        files=contents.files,
    )
    return Reading([report], [f"the mail {flaw}" for flaw in contents.flaws])


def _says(
    mail: AnyMail, contents: Contents, sender: Address, direction: Direction
) -> dict[str, Any]:
    return {
        "channel": Channel.EMAIL.value,
        "direction": direction.value,
        "subject": header_of(mail, "Subject"),
        "content": contents.text or text_of(contents.html),
        "html": contents.html,
        "sender": str(sender),
        "recipients": [str(each) for each in addresses_of(mail, "To", "Cc", "Bcc")],
        "provider_message_id": _message_id(mail),
        "in_reply_to": _answered(mail),
    }


def _status(direction: Direction, at: datetime) -> dict[str, str]:
    is_inbound = direction is Direction.INBOUND
    status = MessageStatus.DELIVERED if is_inbound else MessageStatus.SENT
    return {"status": status.value, f"{status.value}_at": at.isoformat()}


def _message_id(mail: AnyMail) -> str:
    return next(iter(message_ids(mail, "Message-ID")), "")


def _answered(mail: AnyMail) -> str:
    """Return the Message-ID of the mail that this one answers: References end with it."""
    answered = message_ids(mail, "In-Reply-To")[:1] or message_ids(mail, "References")[-1:]
    return "".join(answered)


def _key(mail: AnyMail, contents: Contents, sender: Address, direction: Direction) -> str:
    """Return what the mail is known by: without a Message-ID, a digest of all that is in it."""
    if message_id := _message_id(mail):
        is_inbound = direction is Direction.INBOUND
        return received_key(message_id, sender) if is_inbound else sent_key(message_id)
    headers = [header_of(mail, name) for name in ("From", "To", "Date", "Subject")]
    digest = sha256("\n".join([*headers, contents.text, contents.html]).encode(errors="replace"))
    for file in contents.files:
        digest.update(file.content)
    return f"sha256:{digest.hexdigest()}"
