"""What an API key opens, its account's lead, and a page of the lead's history: one statement.

Each statement of a request costs a third of what all of it may cost, so the three are read
together. What is not there is told apart all the same: without the key nothing comes back, without
the lead only what the key opens.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from leads import prepared
from leads.access import (
    GRANT_COLUMNS,
    GRANT_ROW,
    LEAD_COLUMNS,
    LEAD_ROW,
    Grant,
    LeadCard,
    grant_of,
    lead_card,
)
from timeline import statement
from timeline.branches import merged, order_of
from timeline.history import NOTHING, Page, Question, page_of
from timeline.snapshots import IS_TO_COME, TOKEN, WRITTEN_SINCE
from timeline.statement import TEXTS, Shape, layout, parts_of

_GRANT_LENGTH = len(Grant._fields)


class Keyed(NamedTuple):
    """What the key opens, the lead or None, and the page of its history that was asked for.

    `token` is of when they were read (`timeline.snapshots`), "" where that is not known.
    """

    grant: Grant
    lead: LeadCard | None
    page: Page
    token: str


def read_keyed(digest: bytes, lead_id: UUID, question: Question) -> Keyed | None:
    """Return what the key of the digest is asked for, or None for one that opens nothing.

    Only entries of the lead are read, and only if the lead is the key's account's.
    """
    text = keyed_statement(question.shape)
    if text is None:
        return _without_entries(digest, lead_id)
    rows = prepared.fetch_all(
        text,
        {**question.parameters, "digest": digest, "lead": lead_id},
    )
    if not rows:
        return None
    token, *said = orjson.loads(rows[0][statement.CHANNEL])
    page = page_of(rows[1:], question)
    return Keyed(_grant(said[:_GRANT_LENGTH]), _lead(said[_GRANT_LENGTH:]), page, token)


def grant_if_unchanged(digest: bytes, lead_id: UUID, version: str, token: str) -> Grant | None:
    """Return what the key of the digest opens, if the lead is its account's, and nothing of lead
    and history was written since; None whatever else is the case.

    The lead's `version` and the `token` are as `read_keyed` told.
    """
    parameters = {"digest": digest, "lead": lead_id, "version": version, "token": token, "take": 1}
    row = prepared.fetch_one(_IF_UNCHANGED, parameters)
    return Grant._make(row) if row else None


def _without_entries(digest: bytes, lead_id: UUID) -> Keyed | None:
    """Answer a question that no entry can match."""
    grant = grant_of(digest)
    return grant and Keyed(grant, lead_card(grant.account_id, lead_id), NOTHING, token="")


def _grant(said: list[Any]) -> Grant:
    key_id, account_id, scopes, rate, last_used, networks = said
    used_at = last_used and datetime.fromisoformat(last_used)
    return Grant(UUID(key_id), account_id, scopes, rate, used_at, networks)


def _lead(said: list[Any]) -> LeadCard | None:
    lead_id, first_name, last_name, phone, email, source, created_at, version = said
    if lead_id is None:
        return None
    created = datetime.fromisoformat(created_at)
    return LeadCard(UUID(lead_id), first_name, last_name, phone, email, source, created, version)


@lru_cache(TEXTS)
def keyed_statement(shape: Shape) -> str | None:
    """Return the page's statement, if there is one, with digest as a parameter, not an account.

    Beside the page's rows it gives a first one, which is no entry, whose channel is a JSON array:
    the token, the columns of `Grant`, then those of `LeadCard`, null if there is no such lead.
    """
    parts = parts_of(shape)
    if parts is None:
        return None
    lead_row = LEAD_ROW.replace("%(account)s", _ACCOUNT)
    ctes = [
        f"granted ({GRANT_COLUMNS}) AS MATERIALIZED (SELECT {GRANT_COLUMNS} {GRANT_ROW})",
        f"lead ({_LEAD_NAMES}) AS MATERIALIZED (SELECT {LEAD_COLUMNS} {lead_row})",
        *map(_of_the_lead, parts.ctes),
    ]
    nulls = ", NULL" * (layout(shape.detail).width - statement.CHANNEL - 1)
    columns = f"{_all('granted', GRANT_COLUMNS)}, {_all('lead', _LEAD_NAMES)}"
    said = (
        f"SELECT -1, NULL, NULL, {_BEFORE_ALL[parts.way]},"
        f" json_build_array({TOKEN}, {columns})::text{nulls}"
        " FROM granted LEFT JOIN lead ON true"
    )
    rows = merged([*map(_of_the_lead, parts.branches), said])
    order = order_of(parts.way)
    return f"WITH {', '.join(ctes)} SELECT * FROM ({rows}) page {order} LIMIT %(take)s::int + 1"


# A time that comes before all that entries have, in the very order that their indexes have: the
# branches are merged as far as the page goes. `NULLS FIRST`, which goes the other way where the
# oldest come first, would have all branches read to their limits and sorted.
_BEFORE_ALL = {"ASC": "'0001-01-01 00:00Z'::timestamptz", "DESC": "NULL"}

_ACCOUNT = "(SELECT account_id FROM granted)"
_LEAD_NAMES = ", ".join(LeadCard._fields)


def _of_the_lead(part: str) -> str:
    found = "(SELECT id FROM lead)"
    return part.replace("%(account)s", _ACCOUNT).replace("%(lead)s", found)


_IF_UNCHANGED = f"""
    WITH granted AS MATERIALIZED (SELECT {GRANT_COLUMNS} {GRANT_ROW})
    SELECT {GRANT_COLUMNS} FROM granted
    WHERE NOT {IS_TO_COME}
      AND EXISTS (
          SELECT {LEAD_ROW.replace("%(account)s", _ACCOUNT)} AND xmin = %(version)s::text::xid
      )
      AND NOT EXISTS ({WRITTEN_SINCE.replace("%(account)s", _ACCOUNT)})
"""


def _all(table: str, columns: str) -> str:
    return ", ".join(f"{table}.{column}" for column in columns.split(", "))
