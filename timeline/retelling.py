"""Entries that are told anew, once more is known of them: part of the write path.

`recording` changes nothing of what is recorded but how far a message got. An entry that others tell
in pieces changes with each of them; who calls this made it of all of them (`timeline.reporting`).
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.db import transaction

from leads.expressions import CurrentTransaction, Words
from leads.folding import words_to_index
from timeline import day_counts, ladder
from timeline.checks import check
from timeline.entries import AnyDraft, MessageDraft
from timeline.models import MODEL_OF, AnyEntry, Message
from timeline.recording import COLUMNS, Outcome, entry_id, part_of, record, stored, texts_of


@transaction.atomic
def retell(account_id: int, draft: AnyDraft, says: Collection[str]) -> Outcome:
    """Have the entry, if it is recorded, be as it is told by now; else record it.

    `says` are the draft's fields that are told; the others stay as they are. The entry stays its
    lead's, and a message as far as it got. With its time, its id changes. Raises InvalidEntry.
    """
    check(draft)
    known = stored(account_id, MODEL_OF[type(draft)], [draft])
    if not known:
        return record(account_id, draft)
    (row,) = known.values()
    now = _told(row, draft, says)
    changes = _changes(row, now)
    if not changes:
        return Outcome.UNCHANGED
    _rewrite(row, now, changes)
    return Outcome.ADVANCED


def _told(row: AnyEntry, draft: AnyDraft, says: Collection[str]) -> AnyDraft:
    """Return the entry as it is to be: what is not told, as the row has it."""
    silent = (name for name in COLUMNS[type(draft)] if name not in says and hasattr(row, name))
    kept = {name: getattr(row, name) for name in silent if name not in ladder.REPORTED}
    return replace(draft, **{**kept, "lead_id": row.lead_id})


def _changes(row: AnyEntry, now: AnyDraft) -> dict[str, Any]:
    changes = {
        name: getattr(now, name)
        for name in COLUMNS[type(now)]
        if name not in ladder.REPORTED and getattr(row, name) != getattr(now, name)
    }
    if isinstance(now, MessageDraft) and isinstance(row, Message):
        changes |= {name: getattr(row, name) for name in ladder.climb(row, now)}
    return changes


def _rewrite(row: AnyEntry, now: AnyDraft, changes: dict[str, Any]) -> None:
    if "occurred_at" in changes:
        changes["id"] = entry_id(row.account_id, now)
        day_counts.hold(row.account_id, [row.lead_id])
        before = part_of(replace(now, occurred_at=row.occurred_at))
        day_counts.add(row.account_id, [before._replace(entries=-1), part_of(now)])
    type(row)._default_manager.filter(pk=row.pk).update(
        **changes,
        search=Words(words_to_index(*texts_of(now))),
        changed_in=CurrentTransaction(),
    )
