"""WhatsApp messages: texts, templates, media, and how far each got."""

from datetime import datetime, timedelta
from typing import Any, TypedDict

from timeline.demo.calls import RECORDING_URL
from timeline.demo.stage import Scene, Stage, say, stamp
from timeline.entries import Channel, Direction, MessageDraft, MessageStatus, MessageType

# Of the messages that nobody answers, how many fail, and how many wait for a phone.
_FAILED, _STUCK = 0.03, 0.05
_MISHAPS = {
    "mail": ("452 4.2.2 The recipient's mailbox is full", "421 4.4.2 Connection timed out"),
    "template": (
        "131026: Message undeliverable",
        "131049: This message was not delivered to maintain healthy ecosystem engagement.",
    ),
    # WhatsApp takes free text only within a day of the lead's last message.
    "late": ("131047: Re-engagement message",),
    "text": ("131000: Something went wrong",),
}
_MEDIA = ("image", "voice", "video", "document")


class Progress(TypedDict, total=False):
    """How far a message got, and when."""

    status: str
    sent_at: datetime
    delivered_at: datetime
    read_at: datetime
    failed_at: datetime
    failure_reason: str


def message(stage: Stage, scene: Scene) -> MessageDraft:
    """``in`` and ``out [template]``, with buttons, media, a reaction or a failure as asides."""
    direction = Direction.INBOUND if scene.step.kind == "in" else Direction.OUTBOUND
    kind, name, url = _media(stage, scene)
    content = say(stage, scene, scene.step.body)
    return MessageDraft(
        **stamp(stage, scene),
        channel=Channel.WHATSAPP,
        direction=direction,
        content=content or (name if kind == "document" else ""),
        message_type=_message_type(scene, kind),
        media_url=url,
        reaction=scene.step.aside("react") or "" if scene.answered else "",
        buttons=_buttons(stage, scene),
        provider_message_id=f"wamid.{stage.token(40).upper()}",
        **progress(stage, scene, direction),
    )


def voicemail(stage: Stage, scene: Scene) -> MessageDraft:
    """``voicemail``: what the lead left on the answering machine, spoken and written down."""
    return MessageDraft(
        **stamp(stage, scene),
        channel=Channel.CALL,
        direction=Direction.INBOUND,
        content=say(stage, scene, scene.step.body),
        message_type=MessageType.MEDIA,
        media_url=RECORDING_URL,
        **progress(stage, scene, Direction.INBOUND),
    )


def progress(stage: Stage, scene: Scene, direction: Direction) -> Progress:
    """Say how far a message got: read before it was answered, else as far as such messages get."""
    if direction == Direction.INBOUND:
        return _arrived(stage, scene, {})
    known: Progress = {"sent_at": scene.at}
    failure = scene.step.aside("failed") or _mishap(stage, scene)
    if failure:
        failed = _later(stage, scene.at, 2, 40)
        known |= {"status": MessageStatus.FAILED, "failed_at": failed, "failure_reason": failure}
        return known
    if scene.answered is None and stage.rng.random() < _STUCK:
        return {"status": MessageStatus.SENT, **known}
    return _arrived(stage, scene, known)


def _arrived(stage: Stage, scene: Scene, known: Progress) -> Progress:
    delivered = _later(stage, scene.at, 1, 9)
    read = _read_at(stage, scene, delivered)
    known |= {"status": MessageStatus.DELIVERED, "delivered_at": delivered}
    if read is not None:
        known |= {"status": MessageStatus.READ, "read_at": read}
    return known


def _mishap(stage: Stage, scene: Scene) -> str:
    """Return why a message that nobody answered came to grief; "" when it did not."""
    if scene.answered is not None or stage.rng.random() >= _FAILED:
        return ""
    return stage.rng.choice(_MISHAPS[_kind(scene)])


def _kind(scene: Scene) -> str:
    if scene.step.kind == "mail":
        return "mail"
    if scene.step.words == "template":
        return "template"
    return "late" if scene.step.gap.is_long else "text"


def _read_at(stage: Stage, scene: Scene, delivered: datetime) -> datetime | None:
    if scene.answered is not None:
        wait = (scene.answered - delivered).total_seconds()
        return delivered + timedelta(seconds=round(max(0.0, wait) * stage.rng.uniform(0.1, 0.8)))
    read = _later(stage, delivered, 60, 9_000)
    return read if read < stage.until and stage.rng.random() < 0.6 else None


def _later(stage: Stage, at: datetime, least: int, most: int) -> datetime:
    return at + timedelta(seconds=stage.rng.randint(least, most))


def _media(stage: Stage, scene: Scene) -> tuple[str, str, str]:
    """Return the kind, name and address of what is sent along, each "" when nothing is."""
    for kind in _MEDIA:
        name = scene.step.aside(kind)
        if name is not None:
            name = say(stage, scene, name)
            # Voice notes are the one thing one would want to hear offline.
            url = RECORDING_URL if kind == "voice" else stage.file_url("media", name)
            return kind, name, url
    return "", "", ""


def _message_type(scene: Scene, media: str) -> MessageType:
    if media:
        return MessageType.MEDIA
    return MessageType.TEMPLATE if scene.step.words == "template" else MessageType.TEXT


def _buttons(stage: Stage, scene: Scene) -> list[dict[str, Any]]:
    labels = scene.step.aside("buttons")
    buttons: list[dict[str, Any]] = []
    for label in labels.split("|") if labels else ():
        text, _, url = say(stage, scene, label).partition("->")
        buttons.append({"text": text.strip(), **({"url": url.strip()} if url else {})})
    return buttons
