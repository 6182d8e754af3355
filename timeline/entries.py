"""The entries of a timeline as typed values, as they are read and as they are recorded.

Pure: no ORM. The words (`channel`, `direction`, `status`, …) and their values are those of the
public API's page. All times are aware datetimes. Text that is not known is "", a number, time or
yes/no that is not known is None.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID


class Channel(StrEnum):
    """Where an entry happened; `system` is of activities only."""

    CALL = "call"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    SYSTEM = "system"


# What a lead is spoken to on: what the API's `channel` filter takes, in the page's order.
SPOKEN_CHANNELS = (Channel.CALL, Channel.WHATSAPP, Channel.EMAIL)


class Kind(StrEnum):
    """What an entry is; the values are the API's `type`."""

    MESSAGE = "message"
    CALL = "call"
    ACTIVITY = "activity"


class Direction(StrEnum):
    """Who spoke: the lead (inbound) or the account (outbound)."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class MessageType(StrEnum):
    """What a message is made of."""

    TEXT = "text"
    TEMPLATE = "template"
    MEDIA = "media"


class MessageStatus(StrEnum):
    """How far a message got, from the lowest rung to the highest; see `STATUS_LADDER`."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


# A message's status only ever moves to the right here, in whatever order reports arrive; "" is a
# status nobody told us. `failed` ends the ladder.
STATUS_LADDER = ("", *MessageStatus)


class Sentiment(StrEnum):
    """The mood of a call."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


class ActorType(StrEnum):
    """Who caused an activity: a person of the account, a system, an AI agent."""

    USER = "user"
    SYSTEM = "system"
    AI = "ai"


# --- Recorded: what the write path takes --------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What every entry to be recorded says.

    `source` names the system that tells us (``import``, ``whatsapp``, …) and `external_id` the
    entry within it; the two make the entry one and the same however often it is told.
    """

    lead_id: UUID
    occurred_at: datetime
    source: str
    external_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDraft(Draft):
    """A message to record. `attachments` are ``{"name", "url", "type", "size"}`` (size in bytes),
    with ``"file"`` instead of ``"url"`` for one that is kept here (`timeline.files`); `buttons` are
    ``{"text", "url"?}``; `html` is the mail's body as received; `in_reply_to` is the
    `provider_message_id` of what it answers.
    """

    channel: Channel
    direction: Direction
    content: str
    message_type: MessageType = MessageType.TEXT
    status: str = ""
    subject: str = ""
    html: str = ""
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    media_url: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    reaction: str = ""
    buttons: list[dict[str, Any]] = field(default_factory=list)
    provider_message_id: str = ""
    in_reply_to: str = ""
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    failed_at: datetime | None = None
    failure_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDraft(Draft):
    """A call to record, a missed one too. `turns` are ``{"speaker", "text", "start", "end"}`` in
    order, times in seconds from the call's start; `speaker` is ``agent``, ``lead`` or a name.
    """

    direction: str = ""
    duration_seconds: int | None = None
    call_status: str = ""
    summary: str = ""
    recording_url: str = ""
    sentiment: str = ""
    disconnection_reason: str = ""
    call_successful: bool | None = None
    provider_call_id: str = ""
    turns: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityDraft(Draft):
    """An activity to record. `actor_id` is the membership of the person who acted, if one did."""

    channel: Channel
    activity_type: str
    title: str
    description: str = ""
    actor_type: ActorType
    actor_id: int | None = None
    actor_name: str = ""


AnyDraft: TypeAlias = MessageDraft | CallDraft | ActivityDraft


# --- Read: what the read path gives -------------------------------------------------------------


class Message(NamedTuple):
    """A message as the documented endpoint needs it."""

    id: UUID
    occurred_at: datetime
    channel: str
    direction: str
    content: str
    message_type: str
    status: str


class Call(NamedTuple):
    """A call as the documented endpoint needs it. `duration_seconds` is None when unknown."""

    id: UUID
    occurred_at: datetime
    channel: str
    duration_seconds: int | None
    call_status: str
    summary: str
    recording_url: str
    sentiment: str


class Activity(NamedTuple):
    """An activity as the documented endpoint needs it."""

    id: UUID
    occurred_at: datetime
    channel: str
    activity_type: str
    title: str
    description: str
    actor_type: str


class EntryKey(NamedTuple):
    """Just enough of an entry to tell that it is there."""

    id: UUID
    occurred_at: datetime
    channel: str


class FullMessage(NamedTuple):
    """A message with all there is to show of it; shapes as in `MessageDraft`."""

    id: UUID
    occurred_at: datetime
    channel: str
    direction: str
    content: str
    message_type: str
    status: str
    subject: str
    html: str
    sender: str
    recipients: list[str]
    media_url: str
    attachments: list[dict[str, Any]]
    reaction: str
    buttons: list[dict[str, Any]]
    provider_message_id: str
    in_reply_to: str
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None
    failure_reason: str


class FullCall(NamedTuple):
    """A call with all there is to show of it; shapes as in `CallDraft`."""

    id: UUID
    occurred_at: datetime
    channel: str
    duration_seconds: int | None
    call_status: str
    summary: str
    recording_url: str
    sentiment: str
    direction: str
    disconnection_reason: str
    call_successful: bool | None
    provider_call_id: str
    turns: list[dict[str, Any]]


class FullActivity(NamedTuple):
    """An activity with all there is to show of it."""

    id: UUID
    occurred_at: datetime
    channel: str
    activity_type: str
    title: str
    description: str
    actor_type: str
    actor_id: int | None
    actor_name: str


Entry: TypeAlias = Message | Call | Activity | EntryKey | FullMessage | FullCall | FullActivity


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries of a lead are meant: those that are all of this. The default is every entry.

    `channels` and `kinds` of None mean all, empty ones none. Times are `since` ≤ occurred_at <
    `until`. `words` are folded (`leads.folding.words_to_find`): each must be in the entry, the last
    one as the beginning of a word. `ids` are the entries' own.
    """

    channels: frozenset[Channel] | None = None
    kinds: frozenset[Kind] | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: tuple[str, ...] = ()
    ids: tuple[UUID, ...] = ()


EVERYTHING = Filter()


class Position(NamedTuple):
    """A place in a lead's total order: entries are ordered by time, ties by id."""

    occurred_at: datetime
    id: UUID
