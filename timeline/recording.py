"""THE write path: messages, calls and activities are recorded here and nowhere else.

An entry is known by (account, source, external_id). Told again, it changes nothing; told again
with another content, it is a conflict and nothing is overwritten. What may move is how far a
message got: see `timeline.ladder`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from enum import Enum
from hashlib import sha256
from operator import attrgetter
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, transaction

from leads.expressions import CurrentTransaction, Words
from leads.folding import words_to_index
from leads.in_flight import Flight, flight
from timeline import day_counts, insertion, ladder
from timeline.batch import Batch, Identity
from timeline.checks import InvalidEntry, check_text
from timeline.entries import AnyDraft, CallDraft, Channel, Draft, MessageDraft
from timeline.models import MODEL_OF, Activity, AnyEntry, CallTranscript, Message
from timeline.refusals import Refusals
from timeline.traces import MOVED, mark_of_move

# The columns that a draft fills, besides the id and the account.
COLUMNS: Mapping[type[Draft], tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in MODEL_OF
}


class Outcome(Enum):
    """What became of an entry that was told."""

    CREATED = "created"
    ADVANCED = "advanced"  # known, and its message has got further since
    UNCHANGED = "unchanged"


class EntryConflict(ValueError):
    """The entry is known already, with another content. Nothing was changed."""

    def __init__(self, draft: AnyDraft, differing: Sequence[str]) -> None:
        super().__init__(
            f"external_id {draft.external_id} of {draft.source} is recorded already"
            f" with another {', '.join(differing)}"
        )
        self.differing = tuple(differing)


# What `record_all` says of each draft.
Result = Outcome | InvalidEntry | EntryConflict


def record(account_id: int, draft: AnyDraft) -> Outcome:
    """Record one entry of the account.

    Raises InvalidEntry (a field is wrong, or the lead or who acted is not the account's) and
    EntryConflict.
    """
    (result,) = record_all(account_id, [draft])
    if isinstance(result, Exception):
        raise result
    return result


def record_all(account_id: int, drafts: Sequence[AnyDraft]) -> list[Result]:
    """Record entries of the account in one transaction; return what became of each, in their order.

    A draft that is refused does not keep the others from being recorded. Some thousand drafts a
    call is a good size: what is held in memory and locked grows with it.
    """
    # No savepoint: within another transaction, an accident here is one of the whole.
    with transaction.atomic(savepoint=False):
        with flight() as sending:
            refusals = Refusals(sending, account_id, drafts)
            counts = day_counts.are_kept(sending, account_id, refusals.lead_ids)
            batches = [
                _send(sending, account_id, kind, drafts, refusals, counts=counts)
                for kind in MODEL_OF
            ]
        results: dict[int, Result] = {}
        for batch in batches:
            results |= batch.refused | _results(account_id, batch)
    return [results[place] for place in range(len(drafts))]


def part_of(draft: AnyDraft) -> day_counts.Part:
    kind = list(MODEL_OF).index(type(draft))
    channel = Channel.CALL if isinstance(draft, CallDraft) else draft.channel
    return day_counts.Part(draft.lead_id, draft.occurred_at, kind, channel)


def entry_id(account_id: int, draft: AnyDraft) -> UUID:
    """Return the entry's id: a UUIDv7 (RFC 9562) of its time and a digest of its identity.

    The digest makes ids unique across the tables and ties in time fall alike however often and in
    whatever order a history is recorded; the time keeps new rows together in the index.
    """
    identity = f"{account_id}\0{type(draft).__name__}\0{draft.source}\0{draft.external_id}"
    bits = int.from_bytes(sha256(identity.encode()).digest()[:10], "big")
    milliseconds = max(0, int(draft.occurred_at.timestamp() * 1000))
    high = (milliseconds << 16) | 0x7000 | (bits >> 68)
    low = (0b10 << 62) | (bits & (2**62 - 1))
    return UUID(int=(high << 64) | low)


def amend_activity(activity: Activity, *, activity_type: str, title: str, description: str) -> None:
    """Change what an activity says (a note, say), once it was read for update; nothing else of it.

    Raises InvalidEntry. Whoever calls this sees to it that a trace is left.
    """
    said = {"activity_type": activity_type, "title": title, "description": description}
    for name, text in said.items():
        check_text(Activity, name, text)
        setattr(activity, name, text)
    activity.search = Words(words_to_index(title, description))
    activity.changed_in = CurrentTransaction()
    activity.save(update_fields=[*said, "search", "changed_in"])


def carry(row: Message | CallTranscript, lead_id: UUID) -> None:
    """Make the entry, read for update, another lead's of the account; nothing else of it changes.

    Whoever calls this holds both leads and sees to it that traces are left (`timeline.moving`).
    """
    kind = list(MODEL_OF.values()).index(type(row))
    part = day_counts.Part(row.lead_id, row.occurred_at, kind, str(row.channel))
    rows = type(row)._default_manager.filter(pk=row.pk)
    rows.update(lead_id=lead_id, changed_in=CurrentTransaction())
    parts = [part._replace(entries=-1), part._replace(lead_id=lead_id)]
    day_counts.add(row.account_id, parts)


def texts_of(draft: AnyDraft) -> Iterator[str]:
    """Yield what of an entry can be searched."""
    if isinstance(draft, MessageDraft):
        yield from (draft.subject, draft.content, draft.sender)
    elif isinstance(draft, CallDraft):
        yield draft.summary
        yield from (str(turn.get("text") or "") for turn in draft.turns)
    else:
        yield from (draft.title, draft.description)


# --- What is written ----------------------------------------------------------------------------


def _send(
    sending: Flight,
    account_id: int,
    kind: type[Draft],
    drafts: Sequence[AnyDraft],
    refusals: Refusals,
    *,
    counts: bool,
) -> Batch:
    """Send the rows; those that are there already change nothing."""
    batch = Batch(MODEL_OF[kind])
    of_kind = {place: draft for place, draft in enumerate(drafts) if isinstance(draft, kind)}
    rows = _rows(account_id, kind, batch.to_send(of_kind, refusals))
    names = ("id", "search", *COLUMNS[kind])
    number = list(MODEL_OF).index(kind)
    batch.answers = insertion.send(sending, number, names, account_id, rows, counts=counts)
    return batch


def _rows(
    account_id: int, kind: type[Draft], drafts: Iterable[AnyDraft]
) -> Iterator[tuple[Any, ...]]:
    values = attrgetter(*COLUMNS[kind])
    for draft in drafts:
        # In PostgreSQL's own order, so that it need not sort them.
        words = sorted(words_to_index(*texts_of(draft)))
        yield entry_id(account_id, draft), words, *values(draft)


def _results(account_id: int, batch: Batch) -> dict[int, Result]:
    """Return what became of the drafts, by their places."""
    made = {identity for answer in batch.answers for identity in answer.fetchall()}
    results: dict[int, Result] = {batch.first[identity]: Outcome.CREATED for identity in made}
    known = {}
    for place, draft in batch.sound.items():
        identity = draft.source, draft.external_id
        if place in results:
            continue
        if identity in made and draft == batch.sound[batch.first[identity]]:
            results[place] = Outcome.UNCHANGED  # told twice at once
        else:
            known[place] = draft
    return results | _compared(account_id, batch.model, known)


def _compared(
    account_id: int, model: type[AnyEntry], drafts: Mapping[int, AnyDraft]
) -> dict[int, Result]:
    """Return what became of drafts whose entries are there, by their places."""
    if not drafts:
        return {}
    rows = stored(account_id, model, drafts.values())
    results: dict[int, Result] = {}
    advanced = {}
    for place, draft in drafts.items():
        row = rows[draft.source, draft.external_id]
        results[place] = _compare(draft, row)
        if results[place] is Outcome.ADVANCED:
            advanced[row.id] = row
    _advance(advanced.values())
    return results


# --- What was there already ---------------------------------------------------------------------


def stored(
    account_id: int, model: type[AnyEntry], drafts: Iterable[AnyDraft]
) -> dict[Identity, AnyEntry]:
    """Return the rows of the drafts, locked, in one order for all writers."""
    by_source: dict[str, set[str]] = defaultdict(set)
    for draft in drafts:
        by_source[draft.source].add(draft.external_id)
    rows: dict[Identity, AnyEntry] = {}
    for source, external_ids in sorted(by_source.items()):
        found = model._default_manager.select_for_update().filter(
            account_id=account_id, source=source, external_id__in=external_ids
        )
        rows.update({(row.source, row.external_id): row for row in found.order_by("id")})
    return rows


def _was_moved(draft: AnyDraft, row: AnyEntry) -> bool:
    """Tell whether people moved the entry away from the lead that it is told of."""
    mark = mark_of_move(draft.source, draft.external_id)
    traces = Activity.objects.filter(account_id=row.account_id, lead_id=draft.lead_id)
    return traces.filter(activity_type=MOVED, external_id__startswith=mark).exists()


def _compare(draft: AnyDraft, row: AnyEntry) -> Result:
    reported = ladder.REPORTED if isinstance(draft, MessageDraft) else ()
    differing = [
        name
        for name in COLUMNS[type(draft)]
        if name not in reported and getattr(draft, name) != getattr(row, name)
    ]
    if differing == ["lead_id"] and _was_moved(draft, row):
        differing = []
    if differing:
        return EntryConflict(draft, differing)
    if isinstance(draft, MessageDraft) and isinstance(row, Message):
        return Outcome.ADVANCED if ladder.climb(row, draft) else Outcome.UNCHANGED
    return Outcome.UNCHANGED


def _advance(messages: Collection[AnyEntry]) -> None:
    """Keep how far the messages got: a statement each, all in flight at once."""
    if not messages:
        return
    assigned = ", ".join(f"{name} = %s" for name in ladder.REPORTED)
    statement = (
        f"UPDATE {Message._meta.db_table}"  # noqa: S608 - names of ours
        f" SET {assigned}, changed_in = pg_current_xact_id() WHERE id = %s"
    )
    rows = [
        [*(getattr(message, name) for name in ladder.REPORTED), message.id] for message in messages
    ]
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.executemany(statement, rows)
