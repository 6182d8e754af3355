"""What was written of a lead since it was read, by the database's snapshot of then: its *token*.

Every entry knows the transaction that wrote it last (`changed_in`), and was written since if that
transaction was not visible in the snapshot. Nothing depends on clocks, or on the order in which
transactions commit.
"""

from timeline.branches import WHOLE_TABLES, merged, rows_of

_NOW = "pg_current_snapshot()"
_OLDEST = f"pg_snapshot_xmin({_NOW})::text"

# The token of the statement's own moment. A standby's snapshot does not tell the transactions in
# progress, so there all count as not over from the oldest of them on.
TOKEN = (
    f"CASE WHEN pg_is_in_recovery() THEN {_OLDEST} || ':' || {_OLDEST} || ':' ELSE {_NOW}::text END"
)

# Of another server, before a restore; parameter token.
IS_TO_COME = f"pg_snapshot_xmax(%(token)s::pg_snapshot) > pg_snapshot_xmax({_NOW})"

# The ids of entries of the lead that were written since the token; parameters account, lead, token
# and take. The bounds are index conditions: where there are none, it is one short index walk a
# table. The upper one leaves out rows that another server numbered (before a restore): they would
# be new for ever.
WRITTEN_SINCE = merged(
    f"SELECT id {rows_of(branch)}"
    " AND changed_in >= pg_snapshot_xmin(%(token)s::pg_snapshot)"
    f" AND changed_in < pg_snapshot_xmax({_NOW})"
    " AND NOT pg_visible_in_snapshot(changed_in, %(token)s::pg_snapshot)"
    " LIMIT %(take)s::int"
    for branch in WHOLE_TABLES
)
