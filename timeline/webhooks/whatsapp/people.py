"""Who wrote a message, or was written to.

Whoever has a username may be told without a phone number, by a user id alone (such as
``US.13491208655302741918``, lasting and of this business). What a message does not say of its
person, the contacts beside it may.
"""

import re
from collections.abc import Iterable

from timeline.reports import Party
from timeline.webhooks.values import Object, first_text, object_of, phone_of, text_of

# A Mexican number that WhatsApp keeps under the mobile prefix of before 2019, and a Brazilian
# mobile one that it keeps without the ninth digit of since 2016: nobody else writes them so.
_MEXICAN = re.compile(r"\+521(\d{10})")
_BRAZILIAN = re.compile(r"\+55([1-9]\d)([6-9]\d{7})")


def party_of(message: Object, role: str, contacts: Iterable[Object]) -> Party | None:
    """Return who is the message's `role` (``from`` or ``to``), None if nothing tells."""
    users = [text_of(message.get(f"{role}_{name}")) for name in ("user_id", "parent_user_id")]
    number = phone_of(message.get(role))
    contact = _contact(contacts, number, users[0])
    users += [text_of(contact.get(name)) for name in ("user_id", "parent_user_id")]
    number = number or phone_of(contact.get("wa_id"))
    identities = identities_of(users, [number])
    if not identities:
        return None
    profile = object_of(contact.get("profile"))
    return Party(identities, phone=e164(number), name=first_text(profile, "name", "username"))


def identities_of(users: Iterable[str], numbers: Iterable[str]) -> tuple[str, ...]:
    """Return the identities of a person: the user ids, which outlast a number, then the numbers."""
    named = [f"whatsapp:user:{user}" for user in users if user]
    called = [f"whatsapp:phone:{number.removeprefix('+')}" for number in numbers if number]
    return tuple(dict.fromkeys(named + called))


def e164(number: str) -> str:
    """Return the number as the world writes it."""
    if mexican := _MEXICAN.fullmatch(number):
        return f"+52{mexican[1]}"
    if brazilian := _BRAZILIAN.fullmatch(number):
        return f"+55{brazilian[1]}9{brazilian[2]}"
    return number


def _contact(contacts: Iterable[Object], number: str, user: str) -> Object:
    """Return the contact of the person; of one of whom nothing is known, the only one there is."""
    known = list(contacts)
    for contact in known:
        is_user = user and text_of(contact.get("user_id")) == user
        if is_user or (number and phone_of(contact.get("wa_id")) == number):
            return contact
    return known[0] if len(known) == 1 and not number and not user else {}
