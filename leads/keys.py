"""API keys as text: made, checked, digested. Knows nothing of accounts or the database.

A key is ``nxr_live_`` + 40 random base62 characters (238 bits) + a 6-character base62 CRC-32 of
all before it. The checksum lets a typo be refused without a query and lets secret scanners tell a
key from noise; it guards nothing, anyone can compute it.
"""

import hashlib
import re
import secrets
import string
import zlib

PREFIX = "nxr_live_"
# What a page may show of a key: enough to tell one from another, useless to guess the rest.
VISIBLE_LENGTH = len(PREFIX) + 6

_ALPHABET = string.digits + string.ascii_letters
_RANDOM_LENGTH = 40
_CHECKSUM_LENGTH = 6
_SHAPE = re.compile(
    rf"{PREFIX}[0-9A-Za-z]{{{_RANDOM_LENGTH}}}[0-9A-Za-z]{{{_CHECKSUM_LENGTH}}}", re.ASCII
)


def make() -> str:
    """Return a new key. The caller shows it once and keeps `digest(key)` only."""
    body = PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
    return body + _checksum(body)


def is_well_formed(key: str) -> bool:
    """Tell whether the text has a key's shape and its checksum holds."""
    if not _SHAPE.fullmatch(key):
        return False
    body, checksum = key[:-_CHECKSUM_LENGTH], key[-_CHECKSUM_LENGTH:]
    return secrets.compare_digest(_checksum(body), checksum)


def digest(key: str) -> bytes:
    """Return the key's SHA-256, 32 bytes: what is stored and looked up.

    A slow password hash would cost each request and protect nothing: the key has full entropy.
    """
    return hashlib.sha256(key.encode()).digest()


def visible_part(key: str) -> str:
    """Return the beginning of the key that lists and logs may show."""
    return key[:VISIBLE_LENGTH]


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = ""
    for _ in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
