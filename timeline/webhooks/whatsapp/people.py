"""Who wrote a message, or was written to.

Whoever has a username may be told without a phone number, by a user id alone (such as
``US.13491208655302741918``, lasting and of this business). What a message does not say of its
person, the contacts beside it may.
"""

import re
from collections.abc import Iterable, Sequence

from timeline.reports import Party
from timeline.webhooks.values import Object, first_text, object_of, phone_of, text_of

# A Mexican number that WhatsApp keeps under the mobile prefix of before 2019, and a Brazilian
# mobile one that it keeps without the ninth digit of since 2016: nobody else writes them so.
_MEXICAN = re.compile(r"\+521(\d{10})")
_BRAZILIAN = re.compile(r"\+55([1-9]\d)([6-9]\d{7})")


class People:
    """The contacts that stand beside messages, by what a message may call them."""

    def __init__(self, contacts: Sequence[Object]) -> None:
        self._users: dict[str, Object] = {}
        self._numbers: dict[str, Object] = {}
        # Of whom nothing is said, that is the only one there is.
        self._only = contacts[0] if len(contacts) == 1 else {}
        for contact in contacts:
            self._users.setdefault(text_of(contact.get("user_id")), contact)
            self._numbers.setdefault(phone_of(contact.get("wa_id")), contact)

    def party(self, message: Object, role: str) -> Party | None:
        """Return who is the message's `role` (``from`` or ``to``), None if nothing tells."""
        users = [text_of(message.get(f"{role}_{name}")) for name in ("user_id", "parent_user_id")]
        number = phone_of(message.get(role))
        contact = self._contact(users[0], number)
        users += [text_of(contact.get(name)) for name in ("user_id", "parent_user_id")]
        number = number or phone_of(contact.get("wa_id"))
        identities = identities_of(users, [number])
        if not identities:
            return None
        profile = object_of(contact.get("profile"))
        return Party(identities, phone=e164(number), name=first_text(profile, "name", "username"))

    def _contact(self, user: str, number: str) -> Object:
        if not user and not number:
            return self._only
        found = self._users.get(user) if user else None
        return found or (self._numbers.get(number) if number else None) or {}


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
