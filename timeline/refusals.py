"""Which entries cannot be recorded: a field is wrong, or lead or actor are not the account's."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from leads.in_flight import Answer, Flight, listed
from leads.models import Lead, Membership
from timeline.checks import MAX_INTEGER, InvalidEntry, check
from timeline.entries import ActivityDraft, AnyDraft

_OURS = "SELECT id FROM {table} WHERE account_id = %(account)s AND id = ANY(%(ids)s::{type}[])"
# Held as foreign keys hold them, but before anything is written: whether a lead is counted by day
# stays as the statements that follow see it (`timeline.day_counts`).
_LEADS = f"{_OURS} ORDER BY id FOR KEY SHARE".format(table=Lead._meta.db_table, type="uuid")
_MEMBERS = _OURS.format(table=Membership._meta.db_table, type="bigint")


class Refusals:
    """Says what is wrong with a draft; whose leads and actors are is asked for once, for all.

    The leads told of, `lead_ids`, are held until the transaction ends. What was asked is read when
    the first draft is looked at, so more can be asked meanwhile.
    """

    def __init__(self, flight: Flight, account_id: int, drafts: Sequence[AnyDraft]) -> None:
        # None of them is checked yet.
        told: list[Any] = [draft.lead_id for draft in drafts]
        leads = {lead for lead in told if isinstance(lead, UUID)}
        acts = (draft.actor_id for draft in drafts if isinstance(draft, ActivityDraft))
        actors = {actor for actor in acts if type(actor) is int and 0 <= actor <= MAX_INTEGER}
        self.lead_ids = frozenset(leads)
        self._asked = [
            _ask(flight, account_id, _LEADS, leads),
            _ask(flight, account_id, _MEMBERS, actors),
        ]

    @cached_property
    def _ours(self) -> tuple[set[Any], set[Any]]:
        """Return the leads and the members of the account among those told of."""
        leads, actors = map(_ids, self._asked)
        return leads, actors

    def of(self, draft: AnyDraft) -> InvalidEntry | None:
        """Return why the draft cannot be recorded, or None if it can."""
        try:
            check(draft)
        except InvalidEntry as refusal:
            return refusal
        leads, actors = self._ours
        if draft.lead_id not in leads:
            return InvalidEntry("lead_id", "is no lead of the account")
        actor = draft.actor_id if isinstance(draft, ActivityDraft) else None
        if actor is not None and actor not in actors:
            return InvalidEntry("actor_id", "is no member of the account")
        return None


def _ask(flight: Flight, account_id: int, statement: str, ids: set[Any]) -> Answer | None:
    return flight.send(statement, {"account": account_id, "ids": listed(ids)}) if ids else None


def _ids(answer: Answer | None) -> set[Any]:
    return {row[0] for row in answer.fetchall()} if answer else set()
