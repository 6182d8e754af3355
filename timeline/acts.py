"""What people of an account do to a lead on its pages, as activities with their actor."""

from uuid import UUID

from django.utils import timezone
from uuid_utils.compat import uuid7

from leads.models import Membership
from timeline.entries import ActivityDraft, ActorType, Channel
from timeline.recording import entry_id, record

SOURCE = "staff"


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
    draft = ActivityDraft(
        lead_id=lead_id,
        occurred_at=timezone.now(),
        source=SOURCE,
        external_id=f"{about}{uuid7()}",
        channel=Channel.SYSTEM,
        activity_type=activity_type,
        title=title,
        description=description,
        actor_type=ActorType.USER,
        actor_id=member.pk,
        actor_name=str(member)[:200],
    )
    record(member.account_id, draft)
    return entry_id(member.account_id, draft)
