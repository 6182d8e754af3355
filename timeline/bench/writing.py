"""What writing in bulk costs beside a bare COPY of the same rows, in rows a second of wall time."""

import statistics
import time
from itertools import islice
from typing import Any

import psycopg
from django.db import connection, transaction

from timeline.api.writing import record_entries
from timeline.bench.dataset import Dataset, drafts_of
from timeline.bench.sayings import WRITTEN
from timeline.importing.importer import Importer
from timeline.importing.reading import Found
from timeline.models import MODEL_OF
from timeline.recording import record_all

_BATCH = 1_000
# Of recorded and copied batches, where _told has one: they are short, and a ratio is asked for.
_PAIRS = 5


def rates(data: Dataset, batches: int) -> dict[str, float]:
    """Return rows a second by what was done, medians; what is written is undone."""
    return {**_bulk(data, batches * _PAIRS), **_told(data, batches)}


def _bulk(data: Dataset, batches: int) -> dict[str, float]:
    """Record batches of new entries, 2 % of them told twice; copy the same rows beside.

    The rates are those of the batch whose ratio is the median: what drifts is the same for both.
    """
    made = drafts_of(data, batches * _BATCH)
    pairs = []
    for _ in range(batches):
        drafts = list(islice(made, _BATCH * 49 // 50))
        with transaction.atomic():
            began = time.perf_counter()
            record_all(data.account.pk, drafts + drafts[: _BATCH // 50])
            recorded = _BATCH / (time.perf_counter() - began)
            pairs.append((recorded, _copy(data.account.pk)))
            transaction.set_rollback(True)
    pairs.sort(key=lambda pair: pair[0] / pair[1])
    recorded, copied = pairs[len(pairs) // 2]
    return {"recorded": recorded, "copied": copied}


def _told(data: Dataset, batches: int) -> dict[str, float]:
    """Take batches of new entries as JSON: as a POST of the API does, and as the importer does."""
    posted, imported = [], []
    for number in range(batches):
        values = [_value(f"{number} {place}", place) for place in range(_BATCH)]
        with transaction.atomic():
            began = time.perf_counter()
            record_entries(data.account.pk, data.ordinary[0], values)
            posted.append(_BATCH / (time.perf_counter() - began))
            transaction.set_rollback(True)
        response = {"success": True, "lead": {"id": str(data.ordinary[0])}, "history": values}
        with transaction.atomic():
            importer = Importer(data.account, _refused)
            began = time.perf_counter()
            importer.take("bench", Found("1", response))
            importer.finish()
            imported.append(_BATCH / (time.perf_counter() - began))
            transaction.set_rollback(True)
    return {"posted": statistics.median(posted), "imported": statistics.median(imported)}


def _refused(where: str, reason: str) -> None:
    raise RuntimeError(f"{where}: {reason}")


def _value(external_id: str, place: int) -> dict[str, Any]:
    return {
        "type": "message",
        "external_id": external_id,
        "channel": "whatsapp",
        "direction": "inbound",
        "content": f"Thanks, that sounds good. Could you send me offer {place} again?",
        "message_type": "text",
        "status": "read",
        "timestamp": f"2026-02-{1 + place % 28:02}T08:00:00Z",
    }


def _copy(account_id: int) -> float:
    """Copy what was just recorded into the same tables, as other rows; return rows a second.

    The rows are in memory, all values as texts: nothing is checked, folded or told apart.
    """
    copied, seconds = 0, 0.0
    for model in MODEL_OF.values():
        table = model._meta.db_table
        columns = ", ".join(field.attname for field in model._meta.concrete_fields)
        with psycopg.Cursor(connection.connection) as cursor:
            # Ids near those of the rows: random ones would cost COPY what nobody asks it for.
            cursor.execute(
                f"CREATE TEMP TABLE again ON COMMIT DROP AS SELECT * FROM {table}"
                f" WHERE account_id = {account_id} AND source = '{WRITTEN}'"
            )
            cursor.execute(
                "UPDATE again SET source = 'bench copying',"
                " id = (left(id::text, 24) || right(md5(id::text), 12))::uuid"
            )
            texts = columns.replace(", ", "::text, ")
            rows = cursor.execute(f"SELECT {texts}::text FROM again").fetchall()
            began = time.perf_counter()
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as into:
                for row in rows:
                    into.write_row(row)
            seconds += time.perf_counter() - began
            copied += len(rows)
            cursor.execute("DROP TABLE again")
    return copied / seconds
