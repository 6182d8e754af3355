"""The operations on leads in the OpenAPI document."""

from leads import lead_fields
from leads.api.bodies import MAX_ITEMS
from leads.api.lead_shapes import EXAMPLE, MAX_LIMIT
from leads.api.schema import Json, keyed, ref
from leads.api.writing_schema import (
    GIVEN_TIME,
    KEY_HEADER,
    LEAD_ID,
    NO_NUL,
    answers_of,
    one_or_many,
    refusals_of,
    takes,
)
from leads.errors import Conflict, InvalidRequest
from leads.models import Lead, Scope

DEFAULT_LIMIT = 50


def _parameter(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


_MOMENT = {"type": "string", "anyOf": [GIVEN_TIME, {"const": ""}]}

_LIST_PARAMETERS: list[Json] = [
    _parameter(
        "source",
        "Leads of this source alone.",
        {"type": "string", "maxLength": 100, "pattern": NO_NUL},
    ),
    _parameter(
        "status",
        "Leads of this status alone.",
        {"type": "string", "enum": ["", *Lead.Status.values]},
    ),
    _parameter("created_since", "Leads created at this time or later.", _MOMENT),
    _parameter("created_until", "Leads created before this time.", _MOMENT),
    _parameter(
        "search",
        "Words that each begin a word of the name, the company or the e-mail address; or a phone"
        " number in any notation, its beginning or its last digits.",
        {"type": "string", "maxLength": 200, "pattern": NO_NUL},
    ),
    _parameter(
        "limit",
        "How many leads to return at most.",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    ),
    _parameter(
        "cursor",
        "Where the page begins: a `next_cursor`, unchanged. Empty, at the list's beginning.",
        {"type": "string"},
    ),
]

LIST_LEADS = keyed(
    {
        "operationId": "listLeads",
        "summary": "List leads",
        "description": (
            "Returns the account's leads, the newest first.\n\n"
            "A parameter is taken once; unknown ones are ignored, and an empty filter filters"
            " nothing. A page costs the same wherever it begins."
        ),
        "tags": ["Leads"],
        "parameters": _LIST_PARAMETERS,
        "responses": {
            "200": answers_of(
                "A page of leads.",
                "LeadList",
                {
                    "success": True,
                    "leads": [EXAMPLE],
                    "pagination": {"limit": 50, "next_cursor": None, "has_more": False},
                },
            ),
            **refusals_of(
                body=False,
                found=False,
                status_400=(
                    "A parameter is not what it has to be.",
                    InvalidRequest(f"status must be one of {', '.join(Lead.Status.values)}"),
                ),
            ),
        },
    },
    scope=Scope.LEADS_READ,
)

_TAKEN = Conflict(f"id {EXAMPLE['id']} is taken")
_NAMELESS = InvalidRequest(f"A lead needs one of {', '.join(lead_fields.NAMING)}")

CREATE_LEADS = keyed(
    {
        "operationId": "createLeads",
        "summary": "Create leads",
        "description": (
            f"Creates a lead, or up to {MAX_ITEMS:,} of a list, each in itself: one that is"
            " refused does not keep the others out, and the answer says so in its place."
        ),
        "tags": ["Leads"],
        "parameters": [KEY_HEADER],
        "requestBody": takes(
            one_or_many("NewLead"),
            One={"first_name": "John", "phone": "+1234567890", "age": 35},
            Many=[{"first_name": "John"}, {"metadata": {"age": 35}}],
        ),
        "responses": {
            "200": answers_of(
                "What became of each lead of a list.",
                "LeadResults",
                {
                    "success": False,
                    "results": [
                        {"success": True, "lead": EXAMPLE},
                        {
                            "success": False,
                            "error": _NAMELESS.error,
                            "message": str(_NAMELESS.detail),
                        },
                    ],
                    "summary": {"created": 1, "failed": 1},
                },
                replayed=True,
            ),
            "201": answers_of(
                "The lead.", "LeadAnswer", {"success": True, "lead": EXAMPLE}, replayed=True
            ),
            **refusals_of(
                found=False,
                status_400=("The lead cannot be created.", _NAMELESS),
                status_409=("The ID is taken, or the idempotency key is.", _TAKEN),
            ),
        },
    },
    scope=Scope.LEADS_WRITE,
)

GET_LEAD = keyed(
    {
        "operationId": "getLead",
        "summary": "Get lead",
        "description": "Returns all there is of a lead but its history.",
        "tags": ["Leads"],
        "parameters": [LEAD_ID],
        "responses": {
            "200": answers_of("The lead.", "LeadAnswer", {"success": True, "lead": EXAMPLE}),
            **refusals_of(body=False),
        },
    },
    scope=Scope.LEADS_READ,
)

CHANGE_LEAD = keyed(
    {
        "operationId": "changeLead",
        "summary": "Change lead",
        "description": (
            "Changes what is named and leaves the rest; of `metadata`, key by key. Changes that"
            " come together do not lose each other's keys. Another status is told in the history."
        ),
        "tags": ["Leads"],
        "parameters": [LEAD_ID],
        "requestBody": takes(
            ref("schemas", "LeadChange"),
            Status={"status": "qualified", "metadata": {"broker": "Maria"}},
        ),
        "responses": {
            "200": answers_of(
                "The lead as it is now.", "LeadAnswer", {"success": True, "lead": EXAMPLE}
            ),
            **refusals_of(
                status_400=(
                    "The lead cannot be changed so.",
                    InvalidRequest("created_at cannot be set here"),
                ),
            ),
        },
    },
    scope=Scope.LEADS_WRITE,
)
