"""The entries that a chat becomes: pure, and the same on every run.

Which entry is which
--------------------
An entry is known by the lead, the minute it was said in, which side said it (in a group: who) and
its words, put into a digest, and by its place among those that are equal in all of that. A later
export, which may begin later and end later, thus tells of the same entries, and so does one of
another phone, whose times have no seconds. Of media it is the caption that counts: an export
without media tells of the same message as one with them. Who a lead is called in a telephone's
address book does not count, since that changes.

When it was
-----------
Android phones tell no seconds. What stands in the same minute (with seconds: the same second) is
put one millisecond after what stands before it, so that the timeline keeps the chat's order; the
first has the full minute. Everything is counted for that, what becomes no entry too, so that a
message deleted since moves nothing.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from timeline.entries import (
    ActivityDraft,
    ActorType,
    AnyDraft,
    Channel,
    Direction,
    MessageDraft,
    MessageType,
)
from timeline.importing.whatsapp_chat.parsing import Item, plain_name
from timeline.importing.whatsapp_chat.words import Kind

SOURCE = "whatsapp_chat"

_STEP = timedelta(milliseconds=1)
_TITLE_LIMIT = 500
_ACTIVITY_TYPES = {
    Kind.DELETED: "message_deleted",
    Kind.CALL: "whatsapp_call",
    Kind.EVENT: "whatsapp_notice",
}


@dataclass(frozen=True, slots=True)
class Chatting:
    """Who is who: the lead, the plain names of our side, and whether it is a group's chat."""

    lead_id: UUID
    ours: frozenset[str]
    is_group: bool


class Said(NamedTuple):
    """An entry of a chat: where it stands, and the file that belongs to it, "" for none."""

    line: int
    draft: AnyDraft
    file: str


def drafts_of(items: Sequence[Item], chatting: Chatting) -> Iterator[Said]:
    """Yield the entries of a chat's items; notices (that it is encrypted, say) are none."""
    stood: Counter[datetime] = Counter()
    equals: Counter[str] = Counter()
    for item in items:
        at = item.at + stood[item.at] * _STEP
        stood[item.at] += 1
        if item.said.kind is Kind.NOTICE:
            continue
        digest = _digest(item, chatting)
        shared: dict[str, Any] = {
            "lead_id": chatting.lead_id,
            "occurred_at": at,
            "source": SOURCE,
            "external_id": f"{digest}-{equals[digest]}",
            "channel": Channel.WHATSAPP,
        }
        equals[digest] += 1
        draft = _message if item.said.kind in {Kind.TEXT, Kind.MEDIA} else _activity
        yield Said(item.line, draft(item, chatting, shared), item.said.file)


def _message(item: Item, chatting: Chatting, shared: dict[str, Any]) -> MessageDraft:
    is_ours = plain_name(item.sender) in chatting.ours
    said = item.said
    content = said.text
    if said.file:
        # Until the file itself is there.
        content = "\n".join(part for part in (said.file, said.text) if part)
    sender = item.sender[:500] if chatting.is_group else ""
    return MessageDraft(
        **shared,
        direction=Direction.OUTBOUND if is_ours else Direction.INBOUND,
        content=f"{sender}: {content}" if sender and not is_ours else content,
        message_type=MessageType.MEDIA if said.kind is Kind.MEDIA else MessageType.TEXT,
        sender=sender,
    )


def _activity(item: Item, _chatting: Chatting, shared: dict[str, Any]) -> ActivityDraft:
    text = item.said.text.strip()
    title, _, rest = text.partition("\n")
    is_long = len(title) > _TITLE_LIMIT
    return ActivityDraft(
        **shared,
        activity_type=_ACTIVITY_TYPES[item.said.kind],
        title=f"{title[: _TITLE_LIMIT - 1]}…" if is_long else title or "—",
        description=text if is_long else rest,
        actor_type=ActorType.SYSTEM,
        actor_name=item.sender[:200],
    )


def _digest(item: Item, chatting: Chatting) -> str:
    said = item.said
    name = plain_name(item.sender)
    who = "us" if name in chatting.ours else name if chatting.is_group else "them"
    words = said.text
    if said.kind is Kind.MEDIA and not said.file:
        # "<Media omitted>", then the caption.
        words = words.partition("\n")[2]
    minute = item.at.replace(second=0).isoformat()
    kind = said.kind if said.kind in {Kind.TEXT, Kind.MEDIA} else "event"
    fixed = [str(chatting.lead_id), minute, who, kind, words]
    return sha256(json.dumps(fixed).encode()).hexdigest()[:40]
