"""What every operation behind an API key has in common in the OpenAPI document.

The schemas are written as OpenAPI has them, not derived from serializers: the answers are made
without any, and a document that promises exact keys is best read as it will be served.
"""

from typing import Any, TypeAlias

from leads.errors import ApiError, InvalidKey, MissingKey, MissingScope

Json: TypeAlias = dict[str, Any]

_EVERY_ANSWER = ("X-Request-Id", "Cache-Control")
_COUNTED = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


def ref(section: str, name: str) -> Json:
    return {"$ref": f"#/components/{section}/{name}"}


def exactly(properties: Json, description: str) -> Json:
    """Return the schema of an object with these properties, all of them and no others."""
    return {
        "type": "object",
        "description": description,
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def headers(*names: str, counted: bool = True) -> Json:
    """Return an answer's headers: the named ones and those of all answers.

    `counted` is of answers to requests that the rate limit counted.
    """
    names = (*names, *_EVERY_ANSWER, *(_COUNTED if counted else ()))
    return {name: ref("headers", name) for name in names}


def refusal(description: str, answer_headers: Json, *examples: ApiError) -> Json:
    """Return an answer whose body is an `Error`, with an example of each."""
    return _refusal(
        description,
        answer_headers,
        {type(example).__name__: (example.error, str(example.detail)) for example in examples},
    )


def _refusal(description: str, answer_headers: Json, examples: dict[str, tuple[str, str]]) -> Json:
    return {
        "description": description,
        "headers": answer_headers,
        "content": {
            "application/json": {
                "schema": ref("schemas", "Error"),
                "examples": {
                    name: {"value": {"error": error, "message": message}}
                    for name, (error, message) in examples.items()
                },
            }
        },
    }


def keyed(operation: Json, scope: str) -> Json:
    """Return the operation with its key, and with the refusals of every view behind one."""
    refusals = {
        "401": ref("responses", "Unauthorized"),
        "403": refusal(
            f"The key lacks the scope `{scope}`.", headers(counted=False), MissingScope(scope)
        ),
        "429": ref("responses", "TooManyRequests"),
        "500": ref("responses", "InternalServerError"),
    }
    responses = sorted({**operation["responses"], **refusals}.items())
    return {**operation, "security": [{"ApiKey": []}], "responses": dict(responses)}


def _header(description: str, schema: Json, example: Any) -> Json:
    return {"description": description, "schema": schema, "example": example}


_REQUEST_ID = "4f1c2a9be07d4c55a3e6d1b08f927c34"
_NUMBER = {"type": "integer", "minimum": 0}

COMPONENTS: Json = {
    "securitySchemes": {
        "ApiKey": {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": (
                "A key of your account: `nxr_live_` and 46 letters and digits. It is shown once,"
                " when it is made, and opens that account's leads and no others."
            ),
        }
    },
    "schemas": {
        "Error": exactly(
            {
                "error": {
                    "type": "string",
                    "description": "The kind of error; always the same text for the same kind.",
                },
                "message": {"type": "string", "description": "What went wrong, for people."},
            },
            "Every answer from 400 up.",
        )
    },
    "headers": {
        "X-Request-Id": _header(
            "The request's name in our log. Yours, if you sent 8 to 64 letters, digits and `._-`.",
            {"type": "string", "pattern": "^[A-Za-z0-9._-]{8,64}$"},
            _REQUEST_ID,
        ),
        "Cache-Control": _header(
            "An answer may be kept, by its reader only, and be asked for again with its `ETag`.",
            {"type": "string", "const": "private, no-cache"},
            "private, no-cache",
        ),
        "RateLimit-Limit": _header("Requests a minute that this key may make.", _NUMBER, 600),
        "RateLimit-Remaining": _header("Requests left in the running minute.", _NUMBER, 599),
        "RateLimit-Reset": _header("Seconds until all requests are back.", _NUMBER, 42),
        "Retry-After": _header("Seconds to wait before the next request.", _NUMBER, 42),
        "ETag": _header(
            "Names this very answer. Sent back in `If-None-Match`, it is answered with 304 for as"
            " long as nothing has changed.",
            {"type": "string", "pattern": '^"[0-9a-f]{32}"$'},
            '"3b0f4a91c6be1f0dd1a7a1f2b8c09e55"',
        ),
        "WWW-Authenticate": _header(
            "The kind of credentials that are missing.",
            {"type": "string", "const": "ApiKey"},
            "ApiKey",
        ),
    },
    "responses": {
        "Unauthorized": refusal(
            "There is no key, or it is unknown, malformed, expired or revoked: which, is not told.",
            headers("WWW-Authenticate", counted=False),
            MissingKey(),
            InvalidKey(),
        ),
        "TooManyRequests": _refusal(
            "The key has made its requests of this minute.",
            headers("Retry-After"),
            {
                "RateLimitExceeded": (
                    "Too many requests",
                    "Rate limit exceeded; try again in 42 seconds",
                )
            },
        ),
        "InternalServerError": _refusal(
            "Our mistake. The request's id leads us to it.",
            headers(counted=False),
            {
                "InternalServerError": (
                    "Internal server error",
                    f"Something went wrong on our side; please quote request {_REQUEST_ID}",
                )
            },
        ),
    },
}
