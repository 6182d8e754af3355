"""What people of an account, and its API keys, do to a lead, as activities with their actor."""

from dataclasses import replace
from uuid import UUID

from django.utils import timezone
from uuid_utils.compat import uuid7

from leads.models import Membership
from timeline.entries import ActivityDraft, ActorType, Channel
from timeline.recording import entry_id, record

SOURCE = "staff"
API = "api"


def record_act(
    member: Membership,
    lead_id: UUID,
    activity_type: str,
    title: str,
    description: str,
    *,
    about: str = "",
) -> UUID:
    """Record an activity of the member's, of now; return the entry's id. Raises InvalidEntry.

    `about` is what the external id begins with, for activities that are looked for by it.
    """
    act = _act(lead_id, activity_type, title, description)
    draft = replace(
        act,
        external_id=f"{about}{act.external_id}",
        actor_type=ActorType.USER,
        actor_id=member.pk,
        actor_name=str(member)[:200],
    )
    record(member.account_id, draft)
    return entry_id(member.account_id, draft)


def record_act_of_key(
    account_id: int, key_name: str, lead_id: UUID, activity_type: str, title: str, description: str
) -> None:
    """Record an activity, of now, that came through an API key of that name."""
    draft = replace(
        _act(lead_id, activity_type, title, description), source=API, actor_name=key_name[:200]
    )
    record(account_id, draft)


def _act(lead_id: UUID, activity_type: str, title: str, description: str) -> ActivityDraft:
    return ActivityDraft(
        lead_id=lead_id,
        occurred_at=timezone.now(),
        source=SOURCE,
        external_id=str(uuid7()),
        channel=Channel.SYSTEM,
        activity_type=activity_type,
        title=title,
        description=description,
        actor_type=ActorType.SYSTEM,
    )
