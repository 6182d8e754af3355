"""A request told again under its `Idempotency-Key` gets the same answer and writes nothing.

The key is claimed before anything else, in the transaction of the request's own writes. So a
request that comes while its twin runs waits on the unique index, and then finds the twin's answer;
and when a process dies on the way the claim is gone with all it wrote, and the next one does it.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from leads.idempotency_models import KeptAnswer

KEPT_FOR = timedelta(hours=24)

# Old answers that a new one clears away: more than one, so that a pile of them shrinks.
_CLEARED_AT_ONCE = 10

# A key is taken over when its answer is old: it would be cleared away sooner or later.
_CLAIM = """
    INSERT INTO leads_keptanswer AS known (account_id, key, digest, created_at)
    VALUES (%(account)s, %(key)s, %(digest)s, %(now)s)
    ON CONFLICT (account_id, key) DO UPDATE
        SET digest = excluded.digest, status = NULL, body = NULL, created_at = excluded.created_at
        WHERE known.created_at < %(old)s
    RETURNING id
"""

_CLEAR = """
    DELETE FROM leads_keptanswer WHERE id IN (
        SELECT id FROM leads_keptanswer WHERE created_at < %(old)s
        ORDER BY created_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
    )
"""


class Given(NamedTuple):
    """An answer that is given: its HTTP status and body, and whether it was given before."""

    status: int
    body: bytes
    is_replayed: bool


class KeyReused(Exception):
    """The key came before, with another request."""


def once(account_id: int, key: str, digest: bytes, act: Callable[[], tuple[int, bytes]]) -> Given:
    """Return what `act` answers (status, body), or what it answered to the same request before.

    `act` runs in a transaction; if it raises, nothing it wrote is kept and nothing of the key is.
    Raises KeyReused when the key's request had another digest.
    """
    with transaction.atomic():
        claim = _claim(account_id, key, digest)
        if claim is None:
            return _again(account_id, key, digest)
        status, body = act()
        KeptAnswer.objects.filter(pk=claim).update(status=status, body=body)
        return Given(status, body, is_replayed=False)


def _claim(account_id: int, key: str, digest: bytes) -> int | None:
    """Take the key; return the id of its row, or None if it is taken."""
    now = timezone.now()
    old = now - KEPT_FOR
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {"account": account_id, "key": key, "digest": digest, "now": now, "old": old},
        )
        row = cursor.fetchone()
        if row is not None:
            cursor.execute(_CLEAR, {"old": old, "most": _CLEARED_AT_ONCE})
    return row[0] if row else None


def _again(account_id: int, key: str, digest: bytes) -> Given:
    kept = KeptAnswer.objects.get(account_id=account_id, key=key)
    if bytes(kept.digest) != digest:
        raise KeyReused(key)
    assert kept.status is not None  # noqa: S101 - what is committed is done
    return Given(kept.status, bytes(kept.body or b""), is_replayed=True)
