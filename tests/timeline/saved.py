"""Saved responses of the history endpoint, to import, and the command run on them."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management import CommandError, call_command

from leads.models import Account

LEAD_ID = "550e8400-e29b-41d4-a716-446655440000"


def message(**fields: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "channel": "whatsapp",
        "direction": "inbound",
        "content": "¿Cuánto cuesta? 🙂",
        "message_type": "text",
        "status": "sent",
        "timestamp": "2026-01-10T09:00:00Z",
        **fields,
    }


def call(**fields: Any) -> dict[str, Any]:
    return {
        "type": "call",
        "channel": "call",
        "duration_seconds": 185,
        "call_status": "ended",
        "timestamp": "2026-01-10T14:00:00Z",
        **fields,
    }


def activity(**fields: Any) -> dict[str, Any]:
    return {
        "type": "activity",
        "channel": "system",
        "activity_type": "status_changed",
        "title": "Status changed",
        "actor_type": "ai",
        "timestamp": "2026-01-10T15:00:00Z",
        **fields,
    }


def response(
    *history: Any, lead: Any = None, offset: int = 0, has_more: bool = False
) -> dict[str, Any]:
    """Return a page of a lead's history."""
    return {
        "success": True,
        "lead": lead or {"id": LEAD_ID, "created_at": "2026-01-10T08:00:00Z"},
        "history": list(history),
        "pagination": {"limit": 50, "offset": offset, "has_more": has_more},
    }


def lines(responses: Sequence[Any]) -> str:
    return "".join(json.dumps(page, ensure_ascii=False) + "\n" for page in responses)


class Ran(NamedTuple):
    """What a command said, and its exit code."""

    out: str
    err: list[str]
    code: int


def run(name: str, *arguments: str) -> Ran:
    """Run the command; what it would say on its way out is the last line of `err`."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command(name, *arguments, stdout=out, stderr=err, no_color=True)
    except CommandError as error:
        code = error.returncode
        err.write(f"{error}\n")
    return Ran(out.getvalue(), err.getvalue().splitlines(), code)


def import_files(account: Account, *files: Path | str) -> Ran:
    return run("import_history", "--account", account.name, *map(str, files))


def import_pages(account: Account, folder: Path, *responses: Any) -> Ran:
    """Import the responses from a file that has one a line."""
    file = folder / "saved.json"
    file.write_text(lines(responses))
    return import_files(account, file)
