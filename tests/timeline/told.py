"""Telling entries of a lead, and reading back what was kept."""

from typing import Any

from leads.models import Lead
from tests.factories import ActivityDraftFactory, CallDraftFactory, MessageDraftFactory
from timeline.entries import AnyDraft
from timeline.history import FULL, read_page
from timeline.recording import Outcome, record_all

# One of each kind.
FACTORIES: list[Any] = [MessageDraftFactory, CallDraftFactory, ActivityDraftFactory]


def tell(lead: Lead, *drafts: AnyDraft) -> None:
    """Record entries that are all new."""
    assert record_all(lead.account_id, drafts) == [Outcome.CREATED] * len(drafts)


def kept(lead: Lead) -> list[Any]:
    """Return all there is of the lead, as it is read."""
    return read_page(lead.account_id, lead.pk, limit=200, detail=FULL).entries
