"""What is said on the leads to measure on: a few hundred drafts, of which each row is one's copy.

So an entry is all that the product makes of a draft (its columns, its words, its id), and what is
dear to make of a text, the words that find it, is made once for millions of rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from leads.folding import words_to_index
from timeline.entries import (
    ActivityDraft,
    ActorType,
    AnyDraft,
    CallDraft,
    Channel,
    Direction,
    MessageDraft,
)
from timeline.recording import COLUMNS, entry_id, texts_of

# Of the dataset, and of what is written while measuring.
SOURCE = "bench"
WRITTEN = "bench writing"

# Of a thousand entries; of the messages, one is a mail.
_MESSAGES, _MAILS, _CALLS, _ACTIVITIES = 699, 1, 100, 200

_SENTENCES = (
    "Thanks, that sounds good.",
    "Could you send me the offer again, with the battery this time?",
    "We would rather begin in spring, when the roof is done anyway.",
    "My neighbour paid a good deal less for the same number of panels.",
    "I will be at home on Thursday from four o'clock on.",
    "The technician needs a photo of the meter and of the fuse box.",
    "What would the instalments be over sixty months?",
    "¿Y cuánto demora la instalación en Ñuñoa?",
    "I have forwarded the contract to my wife, she will sign today.",
    "Please call me back, it is easier to explain on the phone.",
    "The grid operator has approved the connection, we are all set.",
    "Is the warranty of twenty-five years on the inverter as well?",
)
_TITLES = (
    ("status_changed", "Status changed to Qualified"),
    ("workflow_assigned", "Assigned to Sales Outreach"),
    ("tag_added", "Tag added: solar"),
    ("owner_assigned", "Assigned to Olivia Owner"),
)
# The columns in which rows of one saying differ, besides the id that follows from them.
_OWN = ("lead_id", "occurred_at", "external_id")


class Saying(NamedTuple):
    """A draft to be copied, and the columns that all its copies share, as COPY reads them."""

    draft: AnyDraft
    shared: str


class Sayings(NamedTuple):
    """All of an account's, with weights that add up for `random.choices`."""

    account_id: int
    all: Sequence[Saying]
    weights: Sequence[float]


def sayings_of(account_id: int) -> Sayings:
    kinds: list[tuple[int, Sequence[AnyDraft]]] = [
        (_MESSAGES, list(_messages())),
        (_MAILS, [_mail()]),
        (_CALLS, list(_calls())),
        (_ACTIVITIES, list(_activities())),
    ]
    drafts = [draft for _, of_kind in kinds for draft in of_kind]
    weights = [share / len(of_kind) for share, of_kind in kinds for _ in of_kind]
    said = [Saying(draft, _shared(account_id, draft)) for draft in drafts]
    return Sayings(account_id, said, list(accumulate(weights)))


def said_of(
    draft: AnyDraft, lead_id: UUID, at: datetime, external_id: str, source: str = SOURCE
) -> AnyDraft:
    """Return the draft as an entry of the lead."""
    return replace(draft, lead_id=lead_id, occurred_at=at, external_id=external_id, source=source)


def columns(kind: type[Any]) -> str:
    """Return the columns of a table in the order of `line`, by the type of its drafts."""
    return ", ".join(("id", *_OWN, "account_id", "search", *_shared_names(kind)))


def line(account_id: int, saying: Saying, lead_id: UUID, at: datetime, external_id: str) -> str:
    """Return the row of an entry as a line of COPY's text."""
    draft = said_of(saying.draft, lead_id, at, external_id)
    return f"{entry_id(account_id, draft)}\t{lead_id}\t{at}\t{external_id}\t{saying.shared}\n"


def _shared_names(kind: type[Any]) -> list[str]:
    return [name for name in COLUMNS[kind] if name not in _OWN]


def _shared(account_id: int, draft: AnyDraft) -> str:
    words = " ".join(f"'{word}'" for word in words_to_index(*texts_of(draft)))
    values = [getattr(draft, name) for name in _shared_names(type(draft))]
    return "\t".join(map(_text, [account_id, words, *values]))


def _text(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, list):
        value = orjson.dumps(value).decode()
    return str(value).replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n")


# --- The drafts -----------------------------------------------------------------------------------

_WHOSE: dict[str, Any] = {
    "lead_id": UUID(int=0),
    "occurred_at": datetime(2020, 1, 1, tzinfo=UTC),
    "source": SOURCE,
    "external_id": "",
}


def _messages() -> Iterator[MessageDraft]:
    """Yield messages of one to four sentences, to and from the lead."""
    for first in range(len(_SENTENCES)):
        for length in (1, 2, 4):
            content = " ".join((_SENTENCES * 2)[first : first + length])
            for direction in Direction:
                yield MessageDraft(
                    channel=Channel.WHATSAPP,
                    direction=direction,
                    content=content,
                    status="read",
                    **_WHOSE,
                )


def _mail() -> MessageDraft:
    return MessageDraft(
        channel=Channel.EMAIL,
        direction=Direction.OUTBOUND,
        content=" ".join(_SENTENCES[:5]),
        subject="Your offer",
        sender="sales@acme.example.com",
        status="sent",
        **_WHOSE,
    )


def _calls() -> Iterator[CallDraft]:
    for number, summary in enumerate(_SENTENCES):
        yield CallDraft(
            direction=Direction.INBOUND,
            duration_seconds=75 * number,
            call_status="ended",
            summary=summary,
            sentiment="positive",
            turns=[{"speaker": "lead", "text": summary, "start": 0.5, "end": 4.0}],
            **_WHOSE,
        )


def _activities() -> Iterator[ActivityDraft]:
    for activity_type, title in _TITLES:
        yield ActivityDraft(
            channel=Channel.SYSTEM,
            activity_type=activity_type,
            title=title,
            actor_type=ActorType.SYSTEM,
            **_WHOSE,
        )
