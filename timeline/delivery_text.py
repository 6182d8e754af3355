"""A delivery's request as people can read it, with what might be a password left out."""

import json
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from timeline.webhooks.provider import Received

# Characters of a body that are shown: a mail with its attachments has millions.
SHOWN = 100_000
_MOST_FIELDS = 1_000

_MASK = "•••"
# Parts of the names of headers and parameters whose values are left out.
_TELLING = ("auth", "cookie", "key", "password", "secret", "token")


class Readable(NamedTuple):
    """`form` says what the body was taken for: "json", "form" or "text"."""

    address: str
    headers: list[tuple[str, str]]
    body: str
    form: str
    is_cut: bool


def readable(received: Received) -> Readable:
    """Return the request in texts for people; whatever it holds, there is no error."""
    text = received.body.decode(errors="replace")
    form, body = _laid_out(text, received.headers.get("content-type", ""))
    return Readable(
        address=_address(received.url),
        headers=[(name, _masked(name, value)) for name, value in sorted(received.headers.items())],
        # A JSON text may hold halves of characters, which no answer can be made of.
        body=body[:SHOWN].encode(errors="replace").decode(),
        form=form,
        is_cut=len(body) > SHOWN,
    )


def _laid_out(text: str, content_type: str) -> tuple[str, str]:
    """Return what the body is, and its text laid out by that."""
    if "form-urlencoded" in content_type:
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:
            return "text", text
        return "form", "\n".join(f"{name}: {value}" for name, value in pairs)
    try:
        return "json", json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "text", text


def _address(url: str) -> str:
    """Return the address without user and password, and without what its parameters might hide."""
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return url.partition("?")[0]
    query = "&".join(f"{name}={_masked(name, value)}" for name, value in pairs)
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}{parts.path}" + (f"?{query}" if query else "")


def _masked(name: str, value: str) -> str:
    is_telling = any(part in name.lower() for part in _TELLING)
    return _MASK if is_telling and value else value
