"""The body of a request: JSON (RFC 8259) of bounded size, or a refusal that says why not."""

import json
from typing import Any, NamedTuple

from django.http import HttpRequest, UnreadablePostError

from leads.errors import BodyTooLarge, InvalidRequest, NotJson
from leads.strict_json import StrictDecoder

# Bytes. A thousand entries of a few thousand characters each.
MAX_BODY = 10_000_000
# Objects of a list.
MAX_ITEMS = 1_000


class Body(NamedTuple):
    """What a body says, and its bytes as they came."""

    raw: bytes
    value: Any

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)

    @property
    def items(self) -> list[Any]:
        return self.value if isinstance(self.value, list) else [self.value]


def read_body(request: HttpRequest) -> Body:
    """Return the body; raises NotJson, BodyTooLarge, and InvalidRequest for broken JSON."""
    if not _says_json(request):
        raise NotJson
    raw = _bytes_of(request)
    return Body(raw, _parse(raw))


def read_items(request: HttpRequest) -> Body:
    """Return a body that is one value or a list of 1 to `MAX_ITEMS`; else as `read_body`."""
    body = read_body(request)
    if not 1 <= len(body.items) <= MAX_ITEMS:
        raise InvalidRequest(f"A list must have between 1 and {MAX_ITEMS:,} items")
    return body


def _says_json(request: HttpRequest) -> bool:
    charset = (request.content_params or {}).get("charset", "utf-8").strip('"').lower()
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    return (
        request.content_type == "application/json"
        and charset in {"utf-8", "utf8"}
        and encoding == "identity"
    )


def _bytes_of(request: HttpRequest) -> bytes:
    if request.headers.get("Transfer-Encoding"):
        # WSGI tells no end of such a body; Django would read nothing of it.
        raise InvalidRequest("A body needs a Content-Length; one in chunks is not read")
    too_large = BodyTooLarge(f"A body may have at most {MAX_BODY:,} bytes")
    if _announced(request) > MAX_BODY:
        raise too_large
    try:
        raw = request.read(MAX_BODY + 1)
    except UnreadablePostError:
        raise InvalidRequest("The body broke off") from None
    if len(raw) > MAX_BODY:
        raise too_large
    return raw


def _announced(request: HttpRequest) -> int:
    """Return how many bytes the request says it has; 0 if it says nothing of sense."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit():
        return 0
    return int(length) if len(length) < 20 else MAX_BODY + 1


def _parse(raw: bytes) -> Any:
    decoder = StrictDecoder()
    try:
        value = decoder.decode(raw.decode())
    except UnicodeDecodeError:
        raise InvalidRequest("The body is not UTF-8") from None
    except RecursionError:
        raise InvalidRequest("The body is nested too deeply") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidRequest(f"The body is no JSON: {error.msg} ({where})") from None
    if decoder.flaws:
        raise InvalidRequest(f"The body is no sound JSON: {decoder.flaws[0]}")
    return value
