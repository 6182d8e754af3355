"""What others tell us about a lead's entries, in pieces: a message, then how far it got; a call's
start, its end, its analysis.

Pure: no ORM. Providers deliver at least once, late and in any order, so nothing here depends on the
order of arrival. A *report* is one thing told about one entry; an entry is the *fold* of all its
reports, which sorts them first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from timeline.entries import Kind

# What JSON holds. Times within a report are ISO 8601 texts with their zone.
Json: TypeAlias = Mapping[str, Any]


class Party(NamedTuple):
    """Who the lead is, as a provider knows them; what is not known is empty.

    `identities` are the provider's own names for the person, the most lasting one first, each with
    the provider's name before it (``whatsapp:user:US.1349…``, ``whatsapp:phone:56912345678``).
    `phone` is in E.164 where the provider gives it so; `name` is what the person calls themselves.
    """

    identities: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    name: str = ""


class File(NamedTuple):
    """Something attached: its name and type as the sender gave them, neither to be trusted."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One thing told about one entry.

    `external_id` is the provider's id of the entry that it is about; `key` is what is told of it
    (``message``, ``status:read``, ``reaction:<id>``, ``call_ended``): the same key with the same
    content, told again, is the same report. `at` is when the provider says it happened.

    `says` has fields of the entry's draft by their names (`timeline.entries`), values as JSON has
    them. A founding report has a `kind` and a `party`; an entry begins to exist with the first of
    these, and whatever was told before waits for it. `occurred_at` within `says` is the entry's
    time; without it, it is the `at` of the founding report.

    `rank` orders what is told of one entry where times do not: what has a higher rank knows better.
    """

    external_id: str
    key: str
    at: datetime
    says: Json
    rank: int = 0
    kind: Kind | None = None
    party: Party | None = None
    files: Sequence[File] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a delivery tells: its reports, and what in it cannot be used yet, each with its reason.

    A delivery with something unusable is kept and shown with these reasons; its reports count all
    the same.
    """

    reports: list[Report] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)
