"""Entries as the pages show them: one class a kind of entry, one template a class.

What a template needs to know beyond the entry itself is a property here. Texts are cut to a length
that is read in a timeline; an entry shown `whole` has all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar, TypeGuard
from uuid import UUID

from leads.addresses import url
from leads.models import Membership
from timeline import notes, wording
from timeline.entries import (
    Direction,
    FullActivity,
    FullMessage,
    MessageStatus,
)
from timeline.files import page_address
from timeline.here import RECENT, Here
from timeline.mail import name_of, split_quote, text_of
from timeline.media import Media, media_of
from timeline.origins import Origin
from timeline.rich_text import excerpt
from timeline.wording import (
    ACTIVITY_ICONS,
    TICKS,
)

# Characters of a text and of a quotation, and recipients of a mail, that a timeline shows before it
# cuts: fifty long entries must not make a heavy page.
TEXT_SHOWN = 600
QUOTE_SHOWN = 240
RECIPIENTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads whose timeline, looking for which words."""

    lead_id: UUID
    member: Membership | None = None
    words: tuple[str, ...] = ()
    whole: bool = False
    here: Here = field(default_factory=Here)
    # The lead's id as addresses have it.
    lead: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lead", str(self.lead_id))


@dataclass
class Shown:
    """An entry on a page. `heading` is its day where another day stood before; `origins` say why
    it is there, where that is looked up.
    """

    kind: ClassVar[str] = ""

    entry: Any
    reading: Reading
    heading: date | None = None
    is_joined: bool = False
    origins: Sequence[Origin] = ()
    # As addresses have it, and when it was in the reader's zone.
    id: str = field(init=False)
    local: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.id = str(self.entry.id)
        self.local = self.entry.occurred_at.astimezone(self.reading.here.zone)

    @property
    def day(self) -> date:
        return self.local.date()

    @property
    def address(self) -> str:
        return self._url("lead-entry")

    @property
    def whole_address(self) -> str:
        return self._url("lead-entry-whole")

    @property
    def move_address(self) -> str:
        """Where the entry is moved to another lead; "" for who may only look."""
        return self._url("lead-entry-move") if self.reading.member else ""

    @property
    def is_settled(self) -> bool:
        """Whether it looks the same to whoever reads the timeline as it is, from now on."""
        reading = self.reading
        is_recent = reading.here.now - self.entry.occurred_at < RECENT
        return not (is_recent or reading.words or reading.whole)

    @property
    def words(self) -> tuple[str, ...]:
        return self.reading.words

    @property
    def is_outbound(self) -> bool:
        return bool(self.entry.direction == Direction.OUTBOUND)

    def _url(self, name: str) -> str:
        return url(name, self.reading.lead, self.id)

    def _cut(self, text: str, limit: int = TEXT_SHOWN) -> str:
        return text if self.reading.whole else excerpt(text, self.words, limit)


class ShownMessage(Shown):
    """A WhatsApp message, or a message left on a call."""

    kind = "message"
    entry: FullMessage

    @cached_property
    def text(self) -> str:
        return self._cut(self.entry.content)

    @property
    def is_cut(self) -> bool:
        return len(self.text) < len(self.entry.content)

    @property
    def media(self) -> Media | None:
        return media_of(self.entry.media_url)

    @property
    def attachments(self) -> list[dict[str, Any]]:
        """The attachments, with addresses only where a browser may follow them."""
        return [
            each
            | {
                "url": page_address(each) or _followed(each.get("url")),
                "size": each.get("size") if is_number(each.get("size")) else 0,
            }
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
    kind = "mail"

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
    def answered_address(self) -> str:
        """Where the mail is found that this one answers; "" for one that answers none."""
        return self._url("lead-mail-answered") if self.entry.in_reply_to else ""

    @property
    def sender(self) -> str:
        return self._name(self.entry.sender)

    @property
    def recipients(self) -> list[str]:
        shown = None if self.reading.whole else RECIPIENTS_SHOWN
        return [self._name(recipient) for recipient in self.entry.recipients[:shown]]

    @property
    def recipients_beyond(self) -> int:
        return len(self.entry.recipients) - len(self.recipients)

    def _name(self, party: str) -> str:
        """Return who it is; their address too when all is shown."""
        return party if self.reading.whole else name_of(party)


class ShownActivity(Shown):
    kind = "activity"
    entry: FullActivity

    @property
    def icon(self) -> str:
        kind = self.entry.activity_type
        return next((icon for part, icon in ACTIVITY_ICONS if part in kind), "circle-dot")

    @property
    def is_note(self) -> bool:
        return self.entry.activity_type == notes.ADDED

    @property
    def is_settled(self) -> bool:
        # Who wrote a note may mend it, for a while.
        return super().is_settled and not self.is_note

    @property
    def is_mendable(self) -> bool:
        member = self.reading.member
        return member is not None and notes.is_mendable(self.entry, member)

    @property
    def title(self) -> str:
        return wording.title_of(
            self.entry.activity_type, self.entry.title, self.reading.here.language
        )

    @cached_property
    def description(self) -> str:
        told, language = self.entry, self.reading.here.language
        return wording.description_of(told.activity_type, told.description, language)

    @cached_property
    def text(self) -> str:
        return self._cut(self.description)

    @property
    def is_cut(self) -> bool:
        return len(self.text) < len(self.description)

    @property
    def is_outbound(self) -> bool:
        return False


def _followed(url: Any) -> str:
    return str(url) if media_of(str(url or "")) else ""


def is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
