"""`/styleguide/`: every part of the pages in every state, for who builds and tests them."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from leads.models import Lead
from timeline.entries import (
    Channel,
    Entry,
    FullActivity,
    FullCall,
    FullMessage,
    Kind,
)
from timeline.forms import CHANNEL_LABELS, NoteForm
from timeline.glance import COUNTED, DayCount, Glance, Touch
from timeline.here import Here
from timeline.presenting import show_all
from timeline.shown import Reading
from timeline.strip import strip

_LEAD = UUID(int=1)
_LONG = "A long message goes on for a while, and then for a while longer. " * 20
_TURNS = [
    {"speaker": "agent", "text": "Would you like it with a battery?", "start": 1.5, "end": 4.0},
    {"speaker": "lead", "text": "What does the battery cost?", "start": 4.4, "end": 6.0},
    {"speaker": "Dr. Amélie Brun", "text": "It depends on its size.", "start": 6.2, "end": 8.0},
]

_TOKENS = (
    "canvas surface surface-sunken hover line line-strong text text-soft text-faint accent"
    " accent-strong accent-soft good good-soft warn warn-soft bad bad-soft whatsapp whatsapp-soft"
    " email email-soft call call-soft system system-soft mark"
)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show the parts; nothing of it is read from the database."""
    entries = _Entries()
    groups = [
        ("WhatsApp", entries.whatsapp()),
        ("E-mail", entries.mails()),
        ("Calls", entries.calls()),
        ("Activities", entries.activities()),
    ]
    reading = Reading(_LEAD, words=("battery",))
    context = {
        "tokens": _TOKENS.split(),
        "statuses": Lead.Status.choices,
        "groups": [(title, show_all(shown, reading)) for title, shown in groups],
        "lead": Lead(id=_LEAD, first_name="María José", last_name="Núñez"),
        "counted": COUNTED,
        "note_form": NoteForm(),
        "note_id": None,
        **_glance(reading.here),
    }
    return render(request, "styleguide/styleguide.html", context)


def _glance(here: Here) -> dict[str, Any]:
    now = here.now
    days = [
        DayCount((now - timedelta(days=day)).date(), channel, (day * 7 + len(channel)) % 9 + 1)
        for day in range(85, 0, -3)
        for channel in Channel
        if (day + len(channel)) % 3
    ]
    inbound = Touch(
        Kind.MESSAGE, now - timedelta(hours=3), _LEAD, Channel.WHATSAPP, "inbound", reached=True
    )
    counts = dict(zip(Channel, (COUNTED, 24, 7, 0), strict=True))
    return {
        "glance": Glance(inbound, None, inbound.occurred_at, timedelta(minutes=7), counts, days),
        "here": here,
        "strip": strip(days, now.date()),
        "channels": [
            {"value": value, "label": label, "count": counts[value]}
            for value, label in CHANNEL_LABELS.items()
        ],
    }


class _Entries:
    """Makes entries, each half an hour before the one made last."""

    def __init__(self) -> None:
        self._number = count(1)

    def whatsapp(self) -> Iterable[Entry]:
        out = {"direction": "outbound"}
        for status in ("sent", "delivered", "read"):
            yield self._message(**out, content=f"This one is {status}.", status=status)
        yield self._message(
            **out, content="This one failed.", status="failed", failure_reason="Number unknown"
        )
        yield self._message(
            **out,
            content="Hello María, is now a good time?",
            message_type="template",
            status="read",
            buttons=[{"text": "Yes"}, {"text": "See prices", "url": "https://example.com"}],
        )
        yield self._message(content="Yes! What about a battery?", reaction="❤️")
        yield self._message(content="See https://example.com/roof for the roof.")
        yield self._message(content="مرحبا، كم سعر النظام مع البطارية؟")
        yield self._message(content="请问带电池的系统多少钱？")
        yield self._message(content=_LONG)
        for name in ("roof.jpg", "note.ogg", "tour.mp4", "plan.pdf"):
            yield self._message(media_url=f"https://storage.example.com/{name}")
        yield self._message(content="")

    def mails(self) -> Iterable[Entry]:
        mail = {"channel": "email", "sender": "Ana Rojas <ana@example.com>"}
        yield self._message(
            **mail,
            subject="Re: Your battery",
            content="Hello,\n\nten of them, please.\n\nAna\n\n> How many would you like?\n> Olivia",
            recipients=["Olivia Owner <olivia@example.com>", "sales@example.com"],
            attachments=[{"name": "Plan of the roof.pdf", "url": "/x.pdf", "size": 86_000}],
        )
        yield self._message(
            **mail, direction="outbound", subject="Your offer", content=_LONG, status="delivered"
        )
        yield self._message(
            **mail,
            direction="outbound",
            content="No subject, and it came back.",
            status="failed",
            failure_reason="550 mailbox unavailable",
            html="<p>No subject</p>",
        )

    def calls(self) -> Iterable[Entry]:
        url = "https://storage.example.com/recording.wav"
        for sentiment in ("positive", "neutral", "negative"):
            yield self._call(
                sentiment=sentiment,
                call_successful=sentiment == "positive",
                summary="Wants the battery. Call again on Friday.",
                recording_url=url,
                turns=_TURNS,
            )
        yield self._call(direction="outbound", turns=_TURNS * 10)
        missed = {"duration_seconds": 0, "call_status": "not_connected"}
        yield self._call(**missed, disconnection_reason="dial_no_answer")
        yield self._call(**missed, direction="outbound", disconnection_reason="dial_busy")
        yield self._call(direction="outbound", disconnection_reason="voicemail_reached")

    def activities(self) -> Iterable[Entry]:
        yield self._activity("workflow_assigned", "Assigned to Sales Outreach")
        yield self._activity("status_changed", "Status changed to Won", "Before: New", "user")
        yield self._activity("tag_added", "Tagged “battery”", actor="ai")
        yield self._activity("note_added", "Note", "Wants ten percent off.\nAsk Carlos.", "user")
        yield self._activity("note_taken_back", "Note taken back", actor="user")
        yield self._activity("something_new", "Something nobody foresaw", "x" * 200)

    def _place(self) -> dict[str, Any]:
        number = next(self._number)
        at = timezone.now() - timedelta(minutes=30 * number)
        return {"id": UUID(int=number), "occurred_at": at}

    def _message(self, **said: Any) -> FullMessage:
        place = self._place()
        at = place["occurred_at"]
        times = {"sent_at": at, "delivered_at": at, "read_at": at, "failed_at": at}
        base = dict.fromkeys(FullMessage._fields, "") | place | times
        shape: dict[str, Any] = {"recipients": [], "attachments": [], "buttons": []}
        kind = {"channel": "whatsapp", "direction": "inbound", "message_type": "text"}
        return FullMessage(**(base | shape | kind | said))

    def _call(self, **said: Any) -> FullCall:
        base: dict[str, Any] = dict.fromkeys(FullCall._fields, "")
        shape: dict[str, Any] = {"duration_seconds": 185, "call_successful": None, "turns": []}
        kind = {"channel": "call", "direction": "inbound", "call_status": "ended"}
        return FullCall(**(base | self._place() | shape | kind | said))

    def _activity(
        self, activity_type: str, title: str, description: str = "", actor: str = "system"
    ) -> FullActivity:
        return FullActivity(
            **self._place(),
            channel="system",
            activity_type=activity_type,
            title=title,
            description=description,
            actor_type=actor,
            actor_id=None,
            actor_name={"user": "Olivia Owner", "ai": "Ava"}.get(actor, ""),
        )
