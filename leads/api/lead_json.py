"""A lead as the API shows all of it: the documented keys first, in their order."""

import json
from typing import Any

import orjson

from leads.models import Lead


def full_lead_json(lead: Lead) -> dict[str, Any]:
    """Return the lead's object; `owner` is the owner's e-mail address."""
    return {
        "id": lead.id,
        "first_name": lead.first_name or None,
        "last_name": lead.last_name or None,
        "phone": lead.phone or None,
        "email": lead.email or None,
        "source": lead.source or None,
        "created_at": lead.created_at,
        "company": lead.company or None,
        "title": lead.title or None,
        "status": lead.status,
        "owner": lead.owner.user.email if lead.owner else None,
        "metadata": _as_it_is(lead.metadata),
        "updated_at": lead.updated_at,
    }


def _as_it_is(metadata: Any) -> orjson.Fragment:
    # Whatever got into the column is shown: numbers beyond 64 bits and deep nesting too, which
    # orjson would not write.
    return orjson.Fragment(json.dumps(metadata, ensure_ascii=False, separators=(",", ":")))
