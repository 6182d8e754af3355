"""The floor: the same answer from a bare WSGI function, one prepared statement and orjson.

No framework, no rate limit, no ETag, no errors: what remains when everything is left out.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
import psycopg
from django.db import connection

_STATEMENT = """
WITH granted AS MATERIALIZED (
    SELECT account_id FROM leads_apikey WHERE digest = %(digest)s AND revoked_at IS NULL
), lead AS MATERIALIZED (
    SELECT l.id, l.account_id, l.first_name, l.last_name, l.phone, l.email, l.source, l.created_at
    FROM leads_lead l JOIN granted g ON l.account_id = g.account_id
    WHERE l.id = %(lead)s AND l.deleted_at IS NULL
)
SELECT * FROM lead, LATERAL (
    (SELECT 0 AS kind, m.occurred_at, m.id AS entry, m.channel, m.direction, m.content,
            m.message_type, m.status, NULL::int AS seconds
     FROM timeline_message m WHERE m.account_id = lead.account_id AND m.lead_id = lead.id
     ORDER BY m.occurred_at, m.id LIMIT 51)
    UNION ALL
    (SELECT 1, c.occurred_at, c.id, 'call', c.call_status, c.summary, c.recording_url, c.sentiment,
            c.duration_seconds
     FROM timeline_calltranscript c WHERE c.account_id = lead.account_id AND c.lead_id = lead.id
     ORDER BY c.occurred_at, c.id LIMIT 51)
    UNION ALL
    (SELECT 2, a.occurred_at, a.id, a.channel, a.activity_type, a.title, a.description,
            a.actor_type, NULL
     FROM timeline_activity a WHERE a.account_id = lead.account_id AND a.lead_id = lead.id
     ORDER BY a.occurred_at, a.id LIMIT 51)
    ORDER BY occurred_at, entry LIMIT 51
) entry
"""

_KEYS = (
    ("direction", "content", "message_type", "status"),
    ("call_status", "summary", "recording_url", "sentiment"),
    ("activity_type", "title", "description", "actor_type"),
)
_TYPES = ("message", "call", "activity")


def application(
    environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> Iterable[bytes]:
    digest = sha256(environ["HTTP_X_API_KEY"].encode()).digest()
    lead_id = UUID(environ["PATH_INFO"].split("/")[4])
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    with psycopg.Cursor(raw) as cursor:
        parameters = {"digest": digest, "lead": lead_id}
        rows = cursor.execute(_STATEMENT, parameters, binary=True).fetchall()
    body = orjson.dumps(_answer(rows), option=orjson.OPT_UTC_Z)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [body]


def _answer(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    lead = rows[0]
    return {
        "success": True,
        "lead": {
            "id": lead[0],
            "first_name": lead[2],
            "last_name": lead[3],
            "phone": lead[4],
            "email": lead[5],
            "source": lead[6],
            "created_at": lead[7],
        },
        "history": [_entry(row[8:]) for row in rows[:50]],
        "pagination": {"limit": 50, "offset": 0, "has_more": len(rows) > 50},
    }


def _entry(row: tuple[Any, ...]) -> dict[str, Any]:
    kind, occurred_at, _id, channel, *values, seconds = row
    entry = {"type": _TYPES[kind], "channel": channel}
    entry.update(zip(_KEYS[kind], values, strict=True))
    if kind == 1:
        entry["duration_seconds"] = seconds
    entry["timestamp"] = occurred_at
    return entry
