"""Entries as the pages show them: one class a kind of entry, one template a class.

What a template needs to know beyond the entry itself is a property here. Texts are cut to a length
that is read in a timeline; an entry shown `whole` has all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from email.utils import parseaddr
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leads.models import Membership
from timeline import notes
from timeline.entries import (
    Direction,
    FullActivity,
    FullCall,
    FullMessage,
    MessageStatus,
)
from timeline.mail import split_quote, text_of
from timeline.media import Media, media_of
from timeline.rich_text import excerpt, has_hit
from timeline.wording import (
    ACTIVITY_ICONS,
    CALL_ICONS,
    CALL_TITLES,
    OUTCOMES,
    TICKS,
    UNCONNECTED,
)

# Characters of a text and of a quotation, and turns of a transcript, that a timeline shows
# before it cuts: fifty long entries must not make a heavy page.
TEXT_SHOWN = 600
QUOTE_SHOWN = 240
TURNS_SHOWN = 14


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads whose timeline, looking for which words."""

    lead_id: UUID
    member: Membership | None = None
    words: tuple[str, ...] = ()
    whole: bool = False


@dataclass
class Shown:
    """An entry on a page. `heading` is its day where another day stood before."""

    template: ClassVar[str] = ""

    entry: Any
    reading: Reading
    heading: date | None = None
    is_joined: bool = field(default=False)

    @property
    def day(self) -> date:
        return timezone.localtime(self.entry.occurred_at).date()

    @property
    def address(self) -> str:
        return self._url("lead-entry")

    @property
    def whole_address(self) -> str:
        return self._url("lead-entry-whole")

    @property
    def words(self) -> tuple[str, ...]:
        return self.reading.words

    @property
    def is_outbound(self) -> bool:
        return bool(self.entry.direction == Direction.OUTBOUND)

    def _url(self, name: str) -> str:
        return reverse(name, args=[self.reading.lead_id, self.entry.id])

    def _cut(self, text: str, limit: int = TEXT_SHOWN) -> str:
        return text if self.reading.whole else excerpt(text, self.words, limit)


class ShownMessage(Shown):
    """A WhatsApp message, or a message left on a call."""

    template = "timeline/_message_whatsapp.html"
    entry: FullMessage

    @cached_property
    def text(self) -> str:
        return self._cut(self.entry.content)

    @property
    def is_cut(self) -> bool:
        return len(self.text) < len(self.entry.content)

    @cached_property
    def media(self) -> Media | None:
        return media_of(self.entry.media_url)

    @property
    def attachments(self) -> list[dict[str, Any]]:
        """The attachments, with addresses only where a browser may follow them."""
        return [
            each | {"url": each.get("url") if media_of(str(each.get("url", ""))) else ""}
            for each in self.entry.attachments
        ]

    @property
    def has_failed(self) -> bool:
        return self.entry.status == MessageStatus.FAILED

    @property
    def ticks(self) -> str:
        """The icon that says how far an outbound message got; "" where nothing is known."""
        if not self.is_outbound or self.entry.status not in TICKS:
            return ""
        return TICKS[self.entry.status]


class ShownMail(ShownMessage):
    template = "timeline/_message_email.html"

    @cached_property
    def _parts(self) -> tuple[str, str]:
        return split_quote(self.entry.content or text_of(self.entry.html))

    @cached_property
    def text(self) -> str:
        return self._cut(self._parts[0])

    @cached_property
    def quoted(self) -> str:
        """What it quotes, unless that stands in the mail as it was sent."""
        if self.entry.html and not self.reading.whole:
            return ""
        return self._cut(self._parts[1], QUOTE_SHOWN)

    @property
    def is_cut(self) -> bool:
        return len(self.text) < len(self._parts[0])

    @property
    def is_quote_cut(self) -> bool:
        return len(self.quoted) < len(self._parts[1])

    @property
    def frame_address(self) -> str:
        return self._url("lead-mail")

    @property
    def sender(self) -> str:
        return self._name(self.entry.sender)

    @property
    def recipients(self) -> list[str]:
        return [self._name(recipient) for recipient in self.entry.recipients]

    def _name(self, party: str) -> str:
        """Return who "Ann Lee <ann@example.com>" is; their address too when all is shown."""
        return party if self.reading.whole else parseaddr(party)[0] or party


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said in one go. `start` is seconds into the call, None when unknown."""

    speaker: str
    text: str
    start: float | None
    is_agent: bool
    is_hit: bool


class ShownCall(Shown):
    template = "timeline/_call.html"
    entry: FullCall

    @property
    def has_connected(self) -> bool:
        return self.entry.call_status not in UNCONNECTED and not self.is_voicemail

    @property
    def is_voicemail(self) -> bool:
        return "voicemail" in (self.entry.disconnection_reason + self.entry.call_status)

    @property
    def is_missed(self) -> bool:
        """Whether the lead called and nobody answered."""
        return not self.has_connected and not self.is_voicemail and not self.is_outbound

    @property
    def icon(self) -> str:
        if self.is_voicemail:
            return "voicemail"
        if not self.has_connected:
            return "phone-off" if self.is_outbound else "phone-missed"
        return CALL_ICONS.get(self.entry.direction, "phone")

    @property
    def title(self) -> str | Promise:
        if self.is_missed:
            return _("Missed call")
        return CALL_TITLES.get(self.entry.direction, _("Call"))

    @property
    def outcome(self) -> str | Promise:
        """How it ended, in words; what nobody foresaw as it was told."""
        reason = self.entry.disconnection_reason
        if reason in OUTCOMES:
            return OUTCOMES[reason]
        status = self.entry.call_status
        return OUTCOMES.get(status, reason.replace("_", " ") or status.replace("_", " "))

    @cached_property
    def all_turns(self) -> list[Turn]:
        return [self._turn(turn) for turn in self.entry.turns]

    @cached_property
    def turns(self) -> list[Turn]:
        """Those that are shown: the first ones, or those about the first hit."""
        if self.reading.whole or len(self.all_turns) <= TURNS_SHOWN:
            return self.all_turns
        hit = next((i for i, turn in enumerate(self.all_turns) if turn.is_hit), 0)
        begin = max(0, min(hit - 2, len(self.all_turns) - TURNS_SHOWN))
        return self.all_turns[begin : begin + TURNS_SHOWN]

    @property
    def is_cut(self) -> bool:
        return len(self.turns) < len(self.all_turns)

    @property
    def has_hit(self) -> bool:
        return any(turn.is_hit for turn in self.turns)

    @property
    def recording(self) -> str:
        """The recording's address, with the time of the first hit for a player to begin at."""
        url = self.entry.recording_url
        start = next((turn.start for turn in self.turns if turn.is_hit), None)
        return f"{url}#t={start}" if url and start else url

    def _turn(self, turn: Mapping[str, Any]) -> Turn:
        speaker, text, start = str(turn.get("speaker", "")), str(turn.get("text", "")), None
        if isinstance(turn.get("start"), int | float):
            start = turn["start"]
        return Turn(speaker, text, start, speaker == "agent", has_hit(text, self.words))


class ShownActivity(Shown):
    template = "timeline/_activity.html"
    entry: FullActivity

    @property
    def icon(self) -> str:
        kind = self.entry.activity_type
        return next((icon for part, icon in ACTIVITY_ICONS if part in kind), "circle-dot")

    @property
    def is_note(self) -> bool:
        return self.entry.activity_type == notes.ADDED

    @property
    def is_mendable(self) -> bool:
        member = self.reading.member
        return member is not None and notes.is_mendable(self.entry, member)

    @property
    def text(self) -> str:
        return self._cut(self.entry.description)

    @property
    def is_cut(self) -> bool:
        return len(self.text) < len(self.entry.description)

    @property
    def is_outbound(self) -> bool:
        return False
