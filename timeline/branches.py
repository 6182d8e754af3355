"""The branches that a timeline is read in: index walks over a table, or over a channel of one.

Every text is made of constants and the models' own names, values are parameters always.
"""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from timeline import entries
from timeline.entries import Channel, Kind
from timeline.models import Activity, AnyEntry, CallTranscript, Message


class Branch(NamedTuple):
    """One index walk: a table, and the channel it is held to, if any."""

    kind: int
    channel: Channel | None


class Table(NamedTuple):
    """A table of entries, and the channels its rows may have."""

    kind: Kind
    model: type[AnyEntry]
    channels: frozenset[Channel]


# In the order of `Detail.shapes`.
TABLES = (
    Table(Kind.MESSAGE, Message, frozenset(entries.SPOKEN_CHANNELS)),
    Table(Kind.CALL, CallTranscript, frozenset({Channel.CALL})),
    Table(Kind.ACTIVITY, Activity, frozenset(Channel)),
)


class Bound(NamedTuple):
    """A place in the order, as SQL, that rows stand beyond (or, if it is `included`, at)."""

    occurred_at: str
    id: str
    included: bool = False


# An id before all that entries have: with it, a time stands for all that happened then.
NIL = UUID(int=0)
NIL_ID = f"'{NIL}'::uuid"


def rows_of(branch: Branch, low: Bound | None = None, high: Bound | None = None) -> str:
    """Return FROM and WHERE of one branch; parameters account and lead.

    Of a table's rows between the bounds, by the index without the channel. Those of a channel are
    one range of the index that has it, and ordered by it (`order_of`) they can be read from no
    other: filtered for a rare channel, the former would be walked to the lead's end, and PostgreSQL
    would choose so wherever it believes that leads have few entries.
    """
    table = TABLES[branch.kind].model._meta.db_table
    if branch.channel is None:
        bounds = [
            _beyond("occurred_at, id", "", low, ">"),
            _beyond("occurred_at, id", "", high, "<"),
        ]
        where = ["account_id = %(account)s", "lead_id = %(lead)s", *filter(None, bounds)]
    else:
        # The lead may be none at all (`timeline.keyed`): a range up to null would have no end.
        at = f"%(account)s, coalesce(%(lead)s, {NIL_ID}), '{branch.channel}'"
        key = "account_id, lead_id, channel"
        where = [
            _beyond(f"{key}, occurred_at, id", f"{at}, ", low, ">") or f"({key}) >= ({at})",
            _beyond(f"{key}, occurred_at, id", f"{at}, ", high, "<") or f"({key}) <= ({at})",
        ]
    return f"FROM {table} WHERE {' AND '.join(where)}"


def _beyond(columns: str, within: str, bound: Bound | None, side: str) -> str:
    if bound is None:
        return ""
    operator = f"{side}=" if bound.included else side
    return f"({columns}) {operator} ({within}{bound.occurred_at}, {bound.id})"


def order_of(branch: Branch, way: str) -> str:
    """Return the order of a branch's rows, that of the index they are to be read from."""
    within = f"account_id {way}, lead_id {way}, channel {way}, " if branch.channel else ""
    return f"ORDER BY {within}occurred_at {way}, id {way}"


def merged(selects: Iterable[str]) -> str:
    """Return the selects as one, in no order."""
    return " UNION ALL ".join(f"({select})" for select in selects)


def channel_of(kind: int) -> str:
    """Return the expression of a row's channel: calls have no column for it."""
    return "'call'::varchar" if TABLES[kind].kind is Kind.CALL else "channel"


# One branch for each table, whatever the channel.
WHOLE_TABLES = tuple(Branch(number, None) for number in range(len(TABLES)))

# Where one entry stands, by its id; parameters account, lead and id.
FIND = merged(
    f"SELECT occurred_at, id {rows_of(branch)} AND id = %(id)s" for branch in WHOLE_TABLES
)
