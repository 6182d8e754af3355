"""The vendor's page's own example: as it is printed there, and as it gets into our database."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from leads.models import Account, Lead
from tests.factories import LeadFactory
from timeline.entries import ActivityDraft, AnyDraft, CallDraft, MessageDraft
from timeline.recording import Outcome, record_all

EXAMPLE: dict[str, Any] = json.loads(Path(__file__).with_name("page.json").read_text())

_DRAFTS: dict[str, type[AnyDraft]] = {
    "message": MessageDraft,
    "call": CallDraft,
    "activity": ActivityDraft,
}


def record_example(account: Account) -> Lead:
    """Put the example's lead and entries into the account; return the lead."""
    fields = {**EXAMPLE["lead"], "id": UUID(EXAMPLE["lead"]["id"])}
    lead: Lead = LeadFactory.create(account=account, **fields)
    drafts = [_draft(lead, number, entry) for number, entry in enumerate(EXAMPLE["history"])]
    # Insertion order is not the timeline's.
    assert record_all(account.id, drafts[::-1]) == [Outcome.CREATED] * len(drafts)
    return lead


def _draft(lead: Lead, number: int, entry: dict[str, Any]) -> AnyDraft:
    fields = dict(entry)
    kind = _DRAFTS[fields.pop("type")]
    if kind is CallDraft:
        fields.pop("channel")
    return kind(
        lead_id=lead.id,
        occurred_at=datetime.fromisoformat(fields.pop("timestamp")),
        source="page",
        external_id=str(number),
        **fields,
    )
