"""Messages as they came in, or were sent from the business app: what each tells, about which entry.

Most are an entry of their own. A reaction, an edit and a deletion tell of another message; a
person's new number is an activity.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from timeline.entries import ActorType, Channel, Direction, Kind
from timeline.reports import Party, Reading, Report
from timeline.webhooks.values import (
    Object,
    Unusable,
    first_text,
    named,
    object_of,
    phone_of,
    text_of,
    unix_time,
)
from timeline.webhooks.whatsapp.contents import DELETED, Content, content_of
from timeline.webhooks.whatsapp.people import People, e164, identities_of


class Scene(NamedTuple):
    """What is known of all messages of a change: the people beside them, and who wrote."""

    people: People
    direction: Direction


class Told(NamedTuple):
    """A message, its id and time, and its scene."""

    message: Object
    id: str
    at: datetime
    scene: Scene


def read_message(message: Object, scene: Scene) -> Reading:
    """Return what the message tells; raise Unusable if that cannot be."""
    told = Told(message, *_identity(message), scene)
    about_another = _ABOUT_ANOTHER.get(text_of(message.get("type")))
    if about_another:
        return Reading([about_another(told)])
    reading = _entry(told)
    if referral := object_of(message.get("referral")):
        reading.reports.append(_referral(told, referral))
    return reading


def _identity(message: Object) -> tuple[str, datetime]:
    message_id, at = text_of(message.get("id")), unix_time(message.get("timestamp"))
    if not message_id:
        raise Unusable("has no id")
    if at is None:
        raise Unusable(f"timestamp {named(message.get('timestamp'))} is no time")
    return message_id, at


# --- Entries of their own -----------------------------------------------------------------------


def _entry(told: Told) -> Reading:
    content = content_of(told.message)
    report = Report(
        external_id=told.id,
        # What is read better later, by a newer version of this, takes the placeholder's place.
        key="placeholder" if content.is_placeholder else "message",
        rank=-1 if content.is_placeholder else 0,
        at=told.at,
        says=_says(told, content),
        kind=Kind.MESSAGE,
        party=_party(told),
    )
    return Reading([report], [content.flaw] if content.flaw else [])


def _says(told: Told, content: Content) -> dict[str, Any]:
    is_inbound = told.scene.direction == Direction.INBOUND
    status, time = ("delivered", "delivered_at") if is_inbound else ("sent", "sent_at")
    return {
        "channel": Channel.WHATSAPP.value,
        "direction": told.scene.direction.value,
        "content": content.text,
        "message_type": content.message_type.value,
        "attachments": content.attachments,
        "buttons": content.buttons,
        "status": status,
        time: told.at.isoformat(),
        "provider_message_id": told.id,
    }


def _party(told: Told) -> Party:
    role = "from" if told.scene.direction == Direction.INBOUND else "to"
    party = told.scene.people.party(told.message, role)
    if party is None:
        raise Unusable(f"does not say whom it is {role}")
    return party


def _activity(told: Told, party: Party, external_id: str, says: dict[str, str]) -> Report:
    shared = {"channel": Channel.WHATSAPP.value, "actor_type": ActorType.SYSTEM.value}
    return Report(
        external_id=external_id,
        key="activity",
        at=told.at,
        says=shared | says,
        kind=Kind.ACTIVITY,
        party=party,
    )


def _referral(told: Told, referral: Object) -> Report:
    """Return that the lead wrote from an advertisement: beside the message, not in its words."""
    names = ("body", "source_url", "source_id", "ctwa_clid")
    told_of = [text_of(referral.get(name)) for name in names]
    source = text_of(referral.get("source_type")) or "ad"
    headline = text_of(referral.get("headline"))
    says = {
        "activity_type": "ad_clicked",
        "title": f"Wrote from the {source} “{headline}”"
        if headline
        else f"Wrote from the {source}",
        "description": "\n".join(text for text in told_of if text),
    }
    return _activity(told, _party(told), f"{told.id}:referral", says)


# --- About other entries ------------------------------------------------------------------------


def _reaction(told: Told) -> Report:
    reaction = object_of(told.message.get("reaction"))
    says = {"reaction": text_of(reaction.get("emoji"))}
    return _about(told, reaction.get("message_id"), f"reaction:{told.id}", says)


def _edit(told: Told) -> Report:
    edit = object_of(told.message.get("edit"))
    content = content_of(object_of(edit.get("message")))
    if content.flaw:
        raise Unusable(f"edits a message: {content.flaw}")
    says: dict[str, Any] = {"content": content.text}
    if content.attachments:
        says["attachments"] = content.attachments
    return _about(told, edit.get("original_message_id"), f"edit:{told.id}", says, rank=1)


def _revoke(told: Told) -> Report:
    revoke = object_of(told.message.get("revoke"))
    says = {"content": DELETED, "media_url": "", "attachments": [], "buttons": []}
    return _about(told, revoke.get("original_message_id"), "revoke", says, rank=2)


def _about(told: Told, other: Any, key: str, says: dict[str, Any], rank: int = 0) -> Report:
    other_id = text_of(other)
    if not other_id:
        raise Unusable("does not say which message it is about")
    return Report(external_id=other_id, key=key, at=told.at, says=says, rank=rank)


def _system(told: Told) -> Report:
    """Return that a person's number or user id is another now.

    The party goes by the old ones, by which the lead is known, and has the new ones beside them.
    """
    system = object_of(told.message.get("system"))
    old = phone_of(first_text(told.message, "from") or first_text(system, "customer"))
    new = phone_of(first_text(system, "wa_id", "new_wa_id"))
    users = [
        text_of(values.get(name))
        for values, names in (
            (told.message, ("from_user_id", "from_parent_user_id")),
            (system, ("user_id", "parent_user_id")),
        )
        for name in names
    ]
    identities = identities_of(users, [old, new])
    if not identities:
        raise Unusable("does not say whose it is")
    kind = text_of(system.get("type"))
    says = {
        "activity_type": kind or "system",
        "title": _SYSTEM_TITLES.get(kind, "WhatsApp tells of a change"),
        "description": text_of(system.get("body")),
    }
    return _activity(told, Party(identities, phone=e164(old or new)), told.id, says)


_NEW_NUMBER = "Phone number changed on WhatsApp"
_SYSTEM_TITLES = {
    "user_changed_number": _NEW_NUMBER,
    "customer_changed_number": _NEW_NUMBER,
    "user_changed_user_id": "User id changed on WhatsApp",
    "customer_identity_changed": "Security code changed on WhatsApp",
}

_ABOUT_ANOTHER: Mapping[str, Callable[[Told], Report]] = {
    "reaction": _reaction,
    "edit": _edit,
    "revoke": _revoke,
    "system": _system,
}
