"""What happened: messages, calls and activities of leads.

Rows are written by `timeline.recording` and read as a timeline by `timeline.history` alone. Every
limit stands in the database too, and a composite foreign key (account, lead), made in the first
migration, keeps an entry from pointing at another account's lead.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import ClassVar, TypeAlias

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Length, Now
from django.db.models.lookups import Exact, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from leads.expressions import CurrentTransaction, TransactionId
from leads.models import Account, Lead, Membership
from timeline import entries
from timeline.day_models import CountedLead, DayCount
from timeline.file_models import StoredFile, path_of
from timeline.inbox_models import Delivery, EntryReport, ProviderChannel

# Django finds all models of an app here.
__all__ = [
    "Activity",
    "CallTranscript",
    "CountedLead",
    "DayCount",
    "Delivery",
    "EntryReport",
    "Message",
    "ProviderChannel",
    "StoredFile",
    "path_of",
]

# Characters. The longest WhatsApp text is 4,096 and a long mail some 100,000; what is beyond a
# million is a mistake of the sender's that would make every page with it slow.
CONTENT_LIMIT = 1_000_000
SUMMARY_LIMIT = 100_000
URL_LIMIT = 4_096
# Bytes, of a JSON list as PostgreSQL holds it: a call of many hours with its turns.
LIST_LIMIT = 2_000_000


def _choices(values: Iterable[StrEnum]) -> list[tuple[str, str]]:
    return [(value.value, value.value) for value in values]


def _one_of(name: str, field: str, values: Iterable[str]) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": [str(value) for value in values]}), name=name
    )


def _at_most(name: str, field: str, limit: int) -> models.CheckConstraint:
    return models.CheckConstraint(condition=LessThanOrEqual(Length(field), limit), name=name)


def _is_list(name: str, field: str) -> models.CheckConstraint:
    """Hold a JSON field to a list of bounded size."""
    kind = models.Func(field, function="jsonb_typeof", output_field=models.TextField())
    size = models.Func(field, function="pg_column_size", output_field=models.IntegerField())
    return models.CheckConstraint(
        condition=models.Q(Exact(kind, models.Value("array")), LessThanOrEqual(size, LIST_LIMIT)),
        name=name,
    )


class Entry(models.Model):
    """What messages, calls and activities share.

    `id` is a UUIDv7 whose time is `occurred_at` and whose rest is a digest of what makes the entry
    the same one (`recording.entry_id`): unique across the three tables, and a tie in time is broken
    alike whatever the order of arrival.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    lead = models.ForeignKey(
        Lead, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    occurred_at = models.DateTimeField(_("occurred at"))
    recorded_at = models.DateTimeField(_("recorded at"), db_default=Now(), editable=False)
    source = models.CharField(_("source"), max_length=50)
    external_id = models.CharField(_("external id"), max_length=255)
    # The words that find the entry, and the transaction that wrote the row last: what an open page
    # asks for (`timeline.live`). Both are `timeline.recording`'s business.
    search = SearchVectorField(editable=False, db_default="")
    changed_in = TransactionId(editable=False, db_default=CurrentTransaction())

    class Meta:
        abstract = True


class Message(Entry):
    """A WhatsApp message, a mail, or a message left on a call."""

    channel = models.CharField(
        _("channel"), max_length=10, choices=_choices(entries.SPOKEN_CHANNELS)
    )
    direction = models.CharField(_("direction"), max_length=10, choices=_choices(entries.Direction))
    content = models.TextField(_("content"), blank=True, max_length=CONTENT_LIMIT)
    message_type = models.CharField(_("type"), max_length=10, choices=_choices(entries.MessageType))
    status = models.CharField(
        _("status"), max_length=10, blank=True, choices=_choices(entries.MessageStatus)
    )
    subject = models.CharField(_("subject"), max_length=1_000, blank=True)
    html = models.TextField("HTML", blank=True, max_length=CONTENT_LIMIT)
    sender = models.CharField(_("from"), max_length=500, blank=True)
    recipients = models.JSONField(_("to"), default=list, blank=True)
    media_url = models.TextField(_("media"), blank=True, max_length=URL_LIMIT)
    attachments = models.JSONField(_("attachments"), default=list, blank=True)
    reaction = models.CharField(_("reaction"), max_length=50, blank=True)
    buttons = models.JSONField(_("buttons"), default=list, blank=True)
    provider_message_id = models.CharField(_("provider's id"), max_length=255, blank=True)
    # The `provider_message_id` of what it answers.
    in_reply_to = models.CharField(_("answers"), max_length=255, blank=True, db_default="")
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    failed_at = models.DateTimeField(_("failed at"), null=True, blank=True)
    failure_reason = models.CharField(_("failure reason"), max_length=1_000, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "source", "external_id"], name="message_external_id"
            ),
            _one_of("message_channel", "channel", entries.SPOKEN_CHANNELS),
            _one_of("message_direction", "direction", entries.Direction),
            _one_of("message_type", "message_type", entries.MessageType),
            _one_of("message_status", "status", entries.STATUS_LADDER),
            _at_most("message_content_length", "content", CONTENT_LIMIT),
            _at_most("message_html_length", "html", CONTENT_LIMIT),
            _at_most("message_media_url_length", "media_url", URL_LIMIT),
            _is_list("message_recipients_list", "recipients"),
            _is_list("message_attachments_list", "attachments"),
            _is_list("message_buttons_list", "buttons"),
        ]
        indexes: ClassVar = [
            # A page of the whole timeline, and finding the key at an offset without the rows.
            models.Index(fields=["account", "lead", "occurred_at", "id"], name="message_page"),
            # What changed on an open page since it last asked.
            models.Index(fields=["account", "lead", "changed_in"], name="message_changed"),
            # The admin's list of an account's rows; an id's beginning is its time.
            models.Index(fields=["account", "-id"], name="message_newest"),
            # A page of one channel: a rare channel on the index above would walk the whole lead.
            models.Index(
                fields=["account", "lead", "channel", "occurred_at", "id"],
                name="message_channel_page",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.direction} {self.occurred_at:%Y-%m-%d %H:%M}"


class CallTranscript(Entry):
    """A call, answered or missed, with what was said. Its channel is always `call`."""

    channel = entries.Channel.CALL

    direction = models.CharField(
        _("direction"), max_length=10, blank=True, choices=_choices(entries.Direction)
    )
    duration_seconds = models.IntegerField(_("duration in seconds"), null=True, blank=True)
    call_status = models.CharField(_("call status"), max_length=50, blank=True)
    summary = models.TextField(_("summary"), blank=True, max_length=SUMMARY_LIMIT)
    recording_url = models.TextField(_("recording"), blank=True, max_length=URL_LIMIT)
    sentiment = models.CharField(
        _("sentiment"), max_length=10, blank=True, choices=_choices(entries.Sentiment)
    )
    disconnection_reason = models.CharField(_("ended by"), max_length=100, blank=True)
    call_successful = models.BooleanField(_("successful"), null=True, blank=True)
    provider_call_id = models.CharField(_("provider's id"), max_length=255, blank=True)
    turns = models.JSONField(_("turns"), default=list, blank=True)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "source", "external_id"], name="call_external_id"
            ),
            _one_of("call_direction", "direction", ["", *entries.Direction]),
            _one_of("call_sentiment", "sentiment", ["", *entries.Sentiment]),
            models.CheckConstraint(
                condition=models.Q(duration_seconds=None) | models.Q(duration_seconds__gte=0),
                name="call_duration",
            ),
            _at_most("call_summary_length", "summary", SUMMARY_LIMIT),
            _at_most("call_recording_url_length", "recording_url", URL_LIMIT),
            _is_list("call_turns_list", "turns"),
        ]
        indexes: ClassVar = [
            # A page, of the whole timeline or of the channel `call`: here they are the same.
            models.Index(fields=["account", "lead", "occurred_at", "id"], name="call_page"),
            # What changed on an open page since it last asked.
            models.Index(fields=["account", "lead", "changed_in"], name="call_changed"),
            # As on messages.
            models.Index(fields=["account", "-id"], name="call_newest"),
        ]

    def __str__(self) -> str:
        return f"call {self.call_status} {self.occurred_at:%Y-%m-%d %H:%M}"


class Activity(Entry):
    """An event about the lead: a status moved, a workflow assigned, a note written."""

    channel = models.CharField(_("channel"), max_length=10, choices=_choices(entries.Channel))
    activity_type = models.CharField(_("type"), max_length=100)
    title = models.CharField(_("title"), max_length=500)
    description = models.TextField(_("description"), blank=True, max_length=SUMMARY_LIMIT)
    actor_type = models.CharField(
        _("actor type"), max_length=10, choices=_choices(entries.ActorType)
    )
    # The composite foreign key (account, actor) is made in the migration, as the lead's is.
    actor = models.ForeignKey(
        Membership,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("actor"),
    )
    # Kept beside the person, so that a trace still reads when the person has left.
    actor_name = models.CharField(_("actor's name"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "source", "external_id"], name="activity_external_id"
            ),
            _one_of("activity_channel", "channel", entries.Channel),
            _one_of("activity_actor_type", "actor_type", entries.ActorType),
            _at_most("activity_description_length", "description", SUMMARY_LIMIT),
        ]
        indexes: ClassVar = [
            # As on messages.
            models.Index(fields=["account", "lead", "occurred_at", "id"], name="activity_page"),
            # What changed on an open page since it last asked.
            models.Index(fields=["account", "lead", "changed_in"], name="activity_changed"),
            # As on messages.
            models.Index(fields=["account", "-id"], name="activity_newest"),
            models.Index(
                fields=["account", "lead", "channel", "occurred_at", "id"],
                name="activity_channel_page",
            ),
            # Whose traces to loosen when a person leaves the account.
            models.Index(fields=["actor"], name="activity_actor", condition=~models.Q(actor=None)),
        ]

    def __str__(self) -> str:
        return self.title


AnyEntry: TypeAlias = Message | CallTranscript | Activity

# Where a draft is kept.
MODEL_OF: Mapping[type[entries.Draft], type[AnyEntry]] = {
    entries.MessageDraft: Message,
    entries.CallDraft: CallTranscript,
    entries.ActivityDraft: Activity,
}
