"""Millions of entries into the tables, by COPY: through `recording` it would take an hour.

The rows are those that `recording` would write of the same drafts (`timeline.bench.sayings`).
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import psycopg
from django.db import connection
from django.db.models import Model

from leads.models import Account, Lead
from timeline.bench import sayings
from timeline.bench.sayings import Sayings
from timeline.models import MODEL_OF, CountedLead, DayCount

T = TypeVar("T")

_BATCH = 100_000


class Place(NamedTuple):
    """Where an entry is: on which lead, when, and known as what."""

    lead_id: UUID
    at: datetime
    external_id: str


def fill(said: Sayings, places: Iterator[Place], total: int, tell: Callable[[str], object]) -> None:
    """Copy an entry to each place, and vacuum: until then there are no index-only scans."""
    copied = 0
    for batch in _ahead(_batches(said, places)):
        tell(f"{copied:,} of {total:,} entries")
        for kind, lines in batch.items():
            _copy(kind, "".join(lines))
            copied += len(lines)
    tell("Vacuuming …")
    vacuum(Lead, *MODEL_OF.values())


def vacuum(*models: type[Model]) -> None:
    tables = ", ".join(model._meta.db_table for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM (ANALYZE) {tables}")


def remove(account: Account) -> None:
    """Delete the account with all that was built of it; the ORM would read it all first."""
    with connection.cursor() as cursor:
        for model in (DayCount, CountedLead, *MODEL_OF.values(), Lead):
            cursor.execute(
                f"DELETE FROM {model._meta.db_table} WHERE account_id = %s", [account.pk]
            )
    account.delete()


def _batches(said: Sayings, places: Iterator[Place]) -> Iterator[dict[type[Any], list[str]]]:
    """Yield lines for COPY by the table's type of drafts, in the order of the places."""
    chance = random.Random(3)
    while batch := list(islice(places, _BATCH)):
        lines: dict[type[Any], list[str]] = defaultdict(list)
        chosen = chance.choices(said.all, cum_weights=said.weights, k=len(batch))
        for place, saying in zip(batch, chosen, strict=True):
            lines[type(saying.draft)].append(sayings.line(said.account_id, saying, *place))
        yield lines


def _copy(kind: type[Any], lines: str) -> None:
    table = MODEL_OF[kind]._meta.db_table
    connection.ensure_connection()
    with (
        psycopg.Cursor(connection.connection) as cursor,
        cursor.copy(f"COPY {table} ({sayings.columns(kind)}) FROM STDIN") as copy,
    ):
        copy.write(lines)


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield the items, each next one being made meanwhile in a thread."""
    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(next, items, None)
        while (item := following.result()) is not None:
            following = pool.submit(next, items, None)
            yield item
