"""What a provider's file gives: how a delivery is told genuine, and what it tells.

Pure: no ORM, no network. A provider is an object of this shape, named in
`timeline.webhooks.PROVIDERS`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from timeline.reports import Reading


class Received(NamedTuple):
    """A request as it came in.

    `url` is the address in full, query included, as the provider knows it. Names of headers are in
    lower case. `at` is when it came in, aware; a signature's age is told by it, so that a delivery
    that is looked at again later is as genuine as it was.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime


class Secret(NamedTuple):
    """A secret that a channel of the provider needs: its name, and what it is, for people."""

    name: str
    label: str
    help_text: str = ""
    is_required: bool = True


# A secret of this name is a user and a password, with a colon between, that come with a delivery.
BASIC_AUTH = "basic_auth"


class Line(NamedTuple):
    """The channel that a delivery came in on, as far as its provider needs it.

    `address` is the provider's name of it: a phone number's id, a mailbox, an agent.
    """

    address: str
    secrets: Mapping[str, str]


class Malformed(ValueError):
    """The body is not what the provider sends at all; the message says why, without quoting it."""


class Provider(Protocol):
    """A provider of deliveries."""

    # What stands in the database, of channels and of entries: never changed. Providers of one
    # `source` tell of the same entries: a mail is one and the same, whoever delivers it.
    name: str
    source: str
    # What people call it, and what the address of a channel is there.
    label: str
    address_label: str
    secrets: tuple[Secret, ...]
    # Bytes; a larger body is refused.
    max_body: int

    def greet(self, query: Mapping[str, str], line: Line) -> str | None:
        """Return the answer to a GET by which a provider checks an address; None to refuse."""

    def is_genuine(self, received: Received, line: Line) -> bool:
        """Tell whether the delivery is the provider's, from its raw bytes, in constant time."""

    def read(self, received: Received, line: Line) -> Reading:
        """Return what a genuine delivery tells.

        Raises Malformed for what is no delivery of the provider's at all. What is one, but of a
        kind that is not known, is unusable or shown by a readable placeholder, never an error.
        """
