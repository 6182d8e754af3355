"""A webhook beside the least that could be made of it: three bare statements in a transaction.

Both are committed, and so wait for the disk: wall time, in turns.
"""

import statistics
import time
from dataclasses import fields
from typing import Any

import orjson
import psycopg
from django.db import connection
from django.utils import timezone
from psycopg.types.json import Jsonb

from leads.folding import words_to_index
from timeline.bench import measure
from timeline.bench.dataset import Dataset
from timeline.bench.measure import Application, Candidate
from timeline.bench.sayings import WRITTEN
from timeline.entries import Channel, Direction, MessageDraft
from timeline.inbox_models import Delivery, ProviderChannel
from timeline.models import Message
from timeline.recording import entry_id, texts_of
from timeline.webhooks.signing import digest

_NUMBER_ID = "106540352242922"
_SECRET = "as secret as a benchmark's"  # noqa: S105 - of a channel that lives for a minute
_TEXT = "Thanks, that sounds good. Could you send me the offer again?"
# Of each, in a round; and before, for statements to be prepared.
_TIMES = 40
_WARM = 3

_MESSAGE_COLUMNS = [field.name for field in fields(MessageDraft)]
_CHANNEL = f"SELECT id FROM {ProviderChannel._meta.db_table} WHERE token = %s AND is_active"
_DELIVERY = (
    f"INSERT INTO {Delivery._meta.db_table} (account_id, received_at, url, headers, body, state,"
    " reason, attempts, next_attempt_at, channel_id)"
    " VALUES (%s, %s, %s, %s, %s, 'waiting', '', 0, NULL, %s)"
)
_MESSAGE = (
    f"INSERT INTO {Message._meta.db_table} (id, account_id, search, {', '.join(_MESSAGE_COLUMNS)})"
    f" VALUES (%s, %s, array_to_tsvector(%s){', %s' * len(_MESSAGE_COLUMNS)})"
)


def cost(data: Dataset, rounds: int) -> dict[str, float]:
    """Return microseconds, medians: of a webhook until it is committed and answered, of the same
    until its entry is recorded, and of a bare transaction of three statements.

    The latter looks up the channel, keeps the delivery and inserts the message, by prepared
    statements of psycopg's with all values at hand: no request and no signature, no body to be
    read, no lead to be found, no report to be kept.
    """
    channel = ProviderChannel(
        account=data.account, provider="whatsapp", name="bench", address=_NUMBER_ID
    )
    channel.secrets = {"app_secret": _SECRET}
    channel.save()
    product = measure.product()
    times = []
    for number in range(_WARM + rounds * _TIMES):
        body = _body(data.phone.removeprefix("+"), number)
        bare = _transaction(channel, body, _values(data, number))
        times.append((bare, *_webhook(_delivered(product, channel, body))))
    names = ("three statements", "webhook", "webhook, its entry")
    figures = zip(*times[_WARM:], strict=True)
    return {
        name: statistics.median(of_name) * 1e6 for name, of_name in zip(names, figures, strict=True)
    }


def _webhook(delivered: Candidate) -> tuple[float, float]:
    """Return the seconds until the delivery is answered, and until it is processed as well."""
    began = time.perf_counter()
    answer = measure.answered(delivered)
    told = time.perf_counter() - began
    answer.close()
    return told, time.perf_counter() - began


def _transaction(channel: ProviderChannel, body: bytes, values: list[Any]) -> float:
    """Return the seconds of the bare transaction."""
    now = timezone.now()
    delivery = [channel.account_id, now, "https://x.example/", Jsonb({"a": "b"}), body]
    raw = connection.connection
    began = time.perf_counter()
    with raw.transaction(), psycopg.Cursor(raw) as cursor:
        found = cursor.execute(_CHANNEL, [channel.token], prepare=True).fetchall()
        cursor.execute(_DELIVERY, [*delivery, *found[0]], prepare=True)
        cursor.execute(_MESSAGE, values, prepare=True)
    return time.perf_counter() - began


def _delivered(product: Application, channel: ProviderChannel, body: bytes) -> Candidate:
    signature = f"sha256={digest('sha256', _SECRET, body).hex()}"
    headers = {"X-Hub-Signature-256": signature}
    path = f"/api/webhooks/{channel.token}"
    return Candidate("webhook", product, path, headers=headers, body=body)


def _body(sender: str, number: int) -> bytes:
    """Return a delivery of one message, of the form that WhatsApp sends."""
    at = int(timezone.now().timestamp())
    message = {"id": f"wamid.bench{number}", "from": sender, "timestamp": str(at)}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": _NUMBER_ID},
        "contacts": [{"wa_id": sender, "profile": {"name": "Bench"}}],
        "messages": [message | {"type": "text", "text": {"body": f"{_TEXT} {number}"}}],
    }
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [entry]})


def _values(data: Dataset, number: int) -> list[Any]:
    """Return the message's row, as `recording` would write it."""
    draft = MessageDraft(
        lead_id=data.ordinary[0],
        occurred_at=timezone.now(),
        source=WRITTEN,
        external_id=f"transaction {number}",
        channel=Channel.WHATSAPP,
        direction=Direction.INBOUND,
        content=f"{_TEXT} {number}",
    )
    values = [getattr(draft, name) for name in _MESSAGE_COLUMNS]
    words = words_to_index(*texts_of(draft))
    own = [entry_id(data.account.pk, draft), data.account.pk, words]
    return [*own, *(Jsonb(value) if isinstance(value, list) else value for value in values)]
