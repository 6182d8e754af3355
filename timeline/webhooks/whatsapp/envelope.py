"""A delivery opened: each message and status in it read, each that cannot be used told."""

from collections.abc import Callable, Iterator
from typing import Any

from timeline.entries import Direction
from timeline.reports import Reading
from timeline.webhooks.addresses import is_among
from timeline.webhooks.provider import Malformed
from timeline.webhooks.values import (
    Object,
    Unusable,
    named,
    object_of,
    objects_of,
    parse_object,
    text_of,
)
from timeline.webhooks.whatsapp.errors import error_of
from timeline.webhooks.whatsapp.messages import Scene, read_message
from timeline.webhooks.whatsapp.people import People
from timeline.webhooks.whatsapp.statuses import read_status

# Takes one item of a change, returns what it tells; raises Unusable.
Read = Callable[[Object], Reading]

# The lists that a field's value has.
_LISTS = {
    "messages": ("messages", "statuses"),
    "smb_message_echoes": ("message_echoes",),
}


def read_envelope(body: bytes, addresses: str) -> Reading:
    """Return what the delivery tells of the phone numbers; raise Malformed if it is none."""
    whole = parse_object(body)
    entries = whole.get("entry")
    if whole.get("object") != "whatsapp_business_account" or not isinstance(entries, list):
        raise Malformed("the body is no delivery of WhatsApp's")
    reading = Reading()
    for where, change in _changes(entries, reading):
        try:
            _read_change(change, addresses, where, reading)
        except Unusable as error:
            reading.unusable.append(f"{where}: {error}")
    return reading


def _changes(entries: list[Any], reading: Reading) -> Iterator[tuple[str, Object]]:
    for index, entry in enumerate(entries):
        where = f"entry[{index}]"
        changes = object_of(entry).get("changes")
        if not isinstance(changes, list):
            reading.unusable.append(f"{where}: has no changes")
            continue
        for number, change in enumerate(changes):
            yield f"{where}.changes[{number}]", object_of(change)


def _read_change(change: Object, addresses: str, where: str, reading: Reading) -> None:
    """Add what the change tells. Raises Unusable for one of which nothing is used."""
    field, value = text_of(change.get("field")), object_of(change.get("value"))
    if field not in _LISTS:
        raise Unusable(f"field {named(change.get('field'))} is not used")
    number = text_of(object_of(value.get("metadata")).get("phone_number_id"))
    if not is_among(number, addresses):
        raise Unusable(f"is for the phone number ID {named(number)}, which is not this channel's")
    for error in objects_of(value.get("errors")):
        reading.unusable.append(f"{where}: WhatsApp reports {error_of(error)}")
    readers = _readers(objects_of(value.get("contacts")))
    if not any(name in value for name in (*_LISTS[field], "errors")):
        raise Unusable("holds nothing")
    for name in _LISTS[field]:
        _read_list(value.get(name, []), readers[name], f"{where}.{name}", reading)


def _readers(contacts: list[Object]) -> dict[str, Read]:
    people = People(contacts)
    inbound, outbound = (Scene(people, direction) for direction in Direction)
    return {
        "messages": lambda item: read_message(item, inbound),
        "message_echoes": lambda item: read_message(item, outbound),
        "statuses": read_status,
    }


def _read_list(items: Any, read: Read, where: str, reading: Reading) -> None:
    if not isinstance(items, list):
        reading.unusable.append(f"{where}: is no list")
        return
    for index, item in enumerate(items):
        try:
            told = read(object_of(item))
        except Unusable as error:
            told = Reading(unusable=[str(error)])
        reading.reports.extend(told.reports)
        reading.unusable.extend(f"{where}[{index}]: {reason}" for reason in told.unusable)
