"""A field whose value is encrypted at rest: secrets of others that we must be able to use.

Encrypted by `cryptography`'s Fernet (AES-128-CBC with HMAC-SHA256), under keys that are derived by
HKDF from LEADLINE_ENCRYPTION_KEYS, the first of which encrypts, and from SECRET_KEY. Any of them
decrypts, so keys are rotated by putting a new one in front.
"""

import base64
import logging
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

logger = logging.getLogger(__name__)

if TYPE_CHECKING:  # generic in the stubs alone
    _TextField = models.TextField[Any, Any]
else:
    _TextField = models.TextField


class Unreadable(dict[str, str]):
    """What no key decrypts: empty, and written back as it stands, for the key may come back."""

    def __init__(self, kept: str) -> None:
        super().__init__()
        self.kept = kept


class EncryptedJson(_TextField):
    """A dict of texts. What no key decrypts any more reads as `Unreadable`, and the log says so."""

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Unreadable):
            return value.kept
        return _fernet().encrypt(orjson.dumps(value)).decode() if value is not None else None

    def from_db_value(self, value: str | None, *_: Any) -> dict[str, str] | None:
        return decrypted(value) if value is not None else None

    def to_python(self, value: Any) -> Any:
        return value


def decrypted(value: str) -> dict[str, str]:
    """Return what an `EncryptedJson` holds, from what is in its column."""
    try:
        secrets: dict[str, str] = orjson.loads(_fernet().decrypt(value))
    except InvalidToken:
        logger.exception("A secret cannot be decrypted: is a key missing in ENCRYPTION_KEYS?")
        return Unreadable(value)
    return secrets


def _fernet() -> MultiFernet:
    return _fernet_of((*settings.ENCRYPTION_KEYS, settings.SECRET_KEY))


@cache
def _fernet_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    derivation = HKDF(SHA256(), length=32, salt=None, info=b"leadline encrypted fields")
    return base64.urlsafe_b64encode(derivation.derive(key.encode()))
