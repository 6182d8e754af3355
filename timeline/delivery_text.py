"""A delivery's request as people can read it, with what might be a password left out."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from timeline.webhooks.email.forms import Field, fields_of
from timeline.webhooks.provider import Received

# Characters of a body that are shown: a mail with its attachments has millions.
SHOWN = 100_000
_MOST_FIELDS = 1_000

# What stands in no text, whatever its encoding: controls but those of lines, pages and escapes.
_NO_TEXT = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")
# A text of JSON that nobody wrote: a file.
_BASE64 = re.compile(r'"([A-Za-z0-9+/]{1000,})={0,2}"')

_MASK = "•••"
# Parts of the names of headers and parameters whose values are left out.
_TELLING = ("auth", "cookie", "key", "password", "secret", "token")


class Readable(NamedTuple):
    """`form` says what the body was taken for: "json", "form", "text" or "binary"."""

    address: str
    headers: list[tuple[str, str]]
    body: str
    form: str
    is_cut: bool


def readable(received: Received) -> Readable:
    """Return the request in texts for people; whatever it holds, there is no error."""
    form, body = _laid_out(received.body, received.headers.get("content-type", ""))
    return Readable(
        address=_address(received.url),
        headers=[(name, _masked(name, value)) for name, value in sorted(received.headers.items())],
        # A JSON text may hold halves of characters, which no answer can be made of.
        body=body[:SHOWN].encode(errors="replace").decode(),
        form=form,
        is_cut=len(body) > SHOWN,
    )


def _laid_out(body: bytes, content_type: str) -> tuple[str, str]:
    """Return what the body is, and its text laid out by that."""
    if "multipart/form-data" in content_type and (lines := list(_parts(content_type, body))):
        return "form", "\n".join(lines)
    if _is_binary(body):
        return "binary", _binary(len(body))
    text = body.decode(errors="replace")
    if "form-urlencoded" in content_type:
        try:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:
            return "text", text
        return "form", "\n".join(f"{name}: {value}" for name, value in pairs)
    try:
        laid_out = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return "text", text
    return "json", _BASE64.sub(lambda file: f'"{_binary(len(file[1]) * 3 // 4)}"', laid_out)


def _parts(content_type: str, body: bytes) -> Iterator[str]:
    """Yield a line a field, as far as the form goes: what was refused is kept in part."""
    with suppress(ValueError):
        for field in fields_of(content_type, body):
            yield f"{field.name}: {_value(field)}"


def _value(field: Field) -> str:
    if field.file_name is not None:
        return f"{field.file_name or '—'}, {field.content_type}, {_size(len(field.content))}"
    if _is_binary(field.content):
        return _binary(len(field.content))
    return field.content.decode(errors="replace")


def _is_binary(content: bytes) -> bool:
    return _NO_TEXT.search(content) is not None


def _binary(size: int) -> str:
    return _("binary, %(size)s") % {"size": _size(size)}


def _size(size: int) -> str:
    return ngettext("%(number)s byte", "%(number)s bytes", size) % {"number": f"{size:,}"}


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
