"""What the trace of an entry's move says of the entry, in its external id.

Pure: no ORM. Whoever is told of the entry again knows by it that it belongs elsewhere by now
(`timeline.recording`), and open pages know what to take away (`timeline.live`).
"""

from hashlib import sha256
from uuid import UUID

# The type of the activities that tell of a move.
MOVED = "entry_moved"

_AWAY, _HERE = "moved-away", "moved-here"


def mark_of_move(source: str, external_id: str) -> str:
    """Return what the external id of a trace begins with that says this entry moved away."""
    digest = sha256(f"{source}\0{external_id}".encode()).hexdigest()
    return f"{_AWAY}:{digest[:32]}:"


def away(source: str, external_id: str, entry_id: UUID) -> str:
    """Return what the external id of the trace begins with, on the lead that the entry leaves."""
    return f"{mark_of_move(source, external_id)}{entry_id}:"


def here(entry_id: UUID) -> str:
    """Return what the external id of the trace begins with, on the lead that the entry comes to."""
    return f"{_HERE}:{entry_id}:"


def gone(trace_external_id: str) -> UUID | None:
    """Return the entry that the trace says has left, None for a trace that says it came."""
    kind, *rest = trace_external_id.split(":")
    return UUID(rest[1]) if kind == _AWAY else None
