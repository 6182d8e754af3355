"""Additions to an entry that is recorded: how far a message got, what became known of a call.

A message moves up its ladder only (`timeline.ladder`), whatever order reports come in. Of a call,
what is told last is what is kept. All else of an entry is what it was when it was recorded.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import transaction

from leads.expressions import CurrentTransaction, Words
from leads.folding import words_to_index
from timeline import ladder
from timeline.checks import InvalidEntry, check
from timeline.entries import CallDraft, Draft, MessageDraft
from timeline.models import MODEL_OF, AnyEntry, CallTranscript, Message
from timeline.recording import texts_of

D = TypeVar("D", bound=Draft)

# Fields of a message beside those of the ladder, and of a call, that may be told later.
OF_MESSAGES = ("reaction",)
OF_CALLS = (
    "call_status",
    "duration_seconds",
    "summary",
    "sentiment",
    "call_successful",
    "disconnection_reason",
    "recording_url",
    "turns",
)

_NOTHING_REPORTED = {name: None if name.endswith("_at") else "" for name in ladder.REPORTED}


class UnknownEntry(LookupError):
    """The lead of the account has no such entry."""


class Amended(NamedTuple):
    """An entry as it is now, and whether that is another than before."""

    entry: AnyEntry
    is_changed: bool


@transaction.atomic
def amend(account_id: int, lead_id: UUID, entry_id: UUID, changes: Mapping[str, Any]) -> Amended:
    """Change fields (of a draft) of an entry of the account's lead.

    Raises UnknownEntry, and InvalidEntry for a value that cannot be kept or a field that an entry
    of this kind does not let change.
    """
    entry = _locked(account_id, lead_id, entry_id)
    if isinstance(entry, Message):
        moved = _amend_message(entry, changes)
    elif isinstance(entry, CallTranscript):
        moved = _amend_call(entry, changes)
    else:
        _hold_to((), changes, "an activity")
        moved = []
    if moved:
        entry.changed_in = CurrentTransaction()
        entry.save(update_fields=[*moved, "changed_in"])
    return Amended(entry, bool(moved))


def _locked(account_id: int, lead_id: UUID, entry_id: UUID) -> AnyEntry:
    for model in MODEL_OF.values():
        entry = (
            model._default_manager.select_for_update()
            .filter(account_id=account_id, lead_id=lead_id, id=entry_id)
            .first()
        )
        if entry is not None:
            return entry
    raise UnknownEntry(entry_id)


def _amend_message(message: Message, changes: Mapping[str, Any]) -> list[str]:
    _hold_to((*ladder.REPORTED, *OF_MESSAGES), changes, "a message")
    report = replace(_draft_of(MessageDraft, message), **{**_NOTHING_REPORTED, **changes})
    check(report)
    return [*ladder.climb(message, report), *_take(message, report, OF_MESSAGES)]


def _amend_call(call: CallTranscript, changes: Mapping[str, Any]) -> list[str]:
    _hold_to(OF_CALLS, changes, "a call")
    told = replace(_draft_of(CallDraft, call), **changes)
    check(told)
    moved = _take(call, told, OF_CALLS)
    if "summary" in moved or "turns" in moved:
        call.search = Words(words_to_index(*texts_of(told)))
        moved.append("search")
    return moved


def _hold_to(names: tuple[str, ...], changes: Mapping[str, Any], kind: str) -> None:
    for name in changes:
        if name not in names:
            raise InvalidEntry(name, f"of {kind} cannot be changed")


def _draft_of(kind: type[D], entry: AnyEntry) -> D:
    return kind(**{field.name: getattr(entry, field.name) for field in fields(kind)})


def _take(entry: AnyEntry, told: Draft, names: tuple[str, ...]) -> list[str]:
    """Give the entry what is told under the names; return those under which it had another."""
    moved = [name for name in names if getattr(entry, name) != getattr(told, name)]
    for name in moved:
        setattr(entry, name, getattr(told, name))
    return moved
