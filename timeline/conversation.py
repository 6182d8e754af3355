"""Which mail of a lead answers which."""

from uuid import UUID

from django.db.models import Subquery

from timeline.entries import Channel
from timeline.models import Message


def answered_mail(account_id: int, lead_id: UUID, entry_id: UUID) -> UUID | None:
    """Return the mail that this mail of the lead answers, if it is in the lead's timeline too."""
    mails = Message.objects.filter(account_id=account_id, lead_id=lead_id, channel=Channel.EMAIL)
    answers = mails.filter(pk=entry_id).exclude(in_reply_to="").values("in_reply_to")
    answered = mails.filter(provider_message_id=Subquery(answers)).exclude(pk=entry_id)
    return answered.order_by("occurred_at", "id").values_list("pk", flat=True).first()
