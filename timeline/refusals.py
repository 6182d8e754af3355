"""Which entries cannot be recorded: a field is wrong, or lead or actor are not the account's."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leads.in_flight import Answer, Flight, listed
from leads.models import Lead, Membership
from timeline.checks import InvalidEntry, check
from timeline.entries import ActivityDraft, AnyDraft

_OURS = "SELECT id FROM {table} WHERE account_id = %(account)s AND id = ANY(%(ids)s::{type}[])"
_LEADS = _OURS.format(table=Lead._meta.db_table, type="uuid")
_MEMBERS = _OURS.format(table=Membership._meta.db_table, type="bigint")


def refusals(
    flight: Flight, account_id: int, drafts: Sequence[AnyDraft]
) -> dict[int, InvalidEntry]:
    """Return what is wrong with those drafts that cannot be recorded, by their places."""
    refused = dict(_unsound(drafts))
    sound = {place: draft for place, draft in enumerate(drafts) if place not in refused}
    leads = {draft.lead_id for draft in sound.values()}
    acts = (draft for draft in sound.values() if isinstance(draft, ActivityDraft))
    actors = {draft.actor_id for draft in acts} - {None}
    # Both are asked for before either is read.
    ours = [_ask(flight, account_id, _LEADS, leads), _ask(flight, account_id, _MEMBERS, actors)]
    strays = _strays(sound, _strange(leads, ours[0]), _strange(actors, ours[1]))
    return refused | dict(strays)


def _unsound(drafts: Sequence[AnyDraft]) -> Iterator[tuple[int, InvalidEntry]]:
    for place, draft in enumerate(drafts):
        try:
            check(draft)
        except InvalidEntry as refusal:
            yield place, refusal


def _ask(flight: Flight, account_id: int, statement: str, ids: set[Any]) -> Answer | None:
    return flight.send(statement, {"account": account_id, "ids": listed(ids)}) if ids else None


def _strange(ids: set[Any], ours: Answer | None) -> set[Any]:
    return ids - {row[0] for row in ours.fetchall()} if ours else ids


def _strays(
    drafts: Mapping[int, AnyDraft], leads: set[Any], actors: set[Any]
) -> Iterator[tuple[int, InvalidEntry]]:
    """Yield the refusals of those whose lead or actor is one of these."""
    for place, draft in drafts.items() if leads or actors else ():
        if draft.lead_id in leads:
            yield place, InvalidEntry("lead_id", "is no lead of the account")
        elif isinstance(draft, ActivityDraft) and draft.actor_id in actors:
            yield place, InvalidEntry("actor_id", "is no member of the account")
