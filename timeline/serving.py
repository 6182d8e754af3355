"""A kept file as an answer: streamed, in part if so asked (RFC 9110, 14), and never run."""

import re
from typing import Any, NamedTuple

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import parse_etags

from leads.api.answers import Noted
from timeline.file_names import is_shown
from timeline.models import StoredFile

# Nothing of a file may run, load or be sent anywhere, whatever a browser takes it for. Styles and
# the file itself are what a browser's own page around a picture or a film is made of.
_POLICY = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
)
_BLOCK = 64 * 1024  # bytes
# One range; of several, none is served but the whole file, as the RFC allows.
_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))", re.ASCII)


class Span(NamedTuple):
    """Bytes of a file, from `start` up to and without `end`."""

    start: int
    end: int


class NotInFile(ValueError):
    """The range asked for has no byte of the file in it."""


class FileAnswer(Noted, FileResponse):
    """A file, or a part of one."""

    block_size = _BLOCK


class _Part:
    """A part of an open file, to be read once."""

    def __init__(self, file: Any, span: Span) -> None:
        self._file = file
        self._left = span.end - span.start
        file.seek(span.start)

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()


def serve(request: HttpRequest, file: StoredFile) -> HttpResponseBase:
    """Answer with the file, the part of it that is asked for, 304 or 416.

    Pictures, sounds and films may be shown in place; all else is to be saved. A content that its
    row promises and the storage does not have raises FileNotFoundError.
    """
    etag = f'"{file.digest}"'
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return _with_headers(HttpResponse(status=304), etag)
    try:
        span = _span_of(request, file.size, etag)
    except NotInFile:
        refused = _with_headers(HttpResponse(status=416), etag)
        refused.headers["Content-Range"] = f"bytes */{file.size}"
        return refused
    return _with_headers(_answer(file, span), etag)


def _answer(file: StoredFile, span: Span | None) -> FileAnswer:
    whole = Span(0, file.size)
    answer = FileAnswer(
        _Part(default_storage.open(file.path), span or whole),
        as_attachment=not is_shown(file.content_type),
        filename=file.name,
        content_type=file.content_type,
        status=200 if span is None else 206,
    )
    start, end = span or whole
    answer.headers["Content-Length"] = str(end - start)
    if span is not None:
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    return answer


def _with_headers(answer: HttpResponseBase, etag: str) -> HttpResponseBase:
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": _POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "ETag": etag,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    for name, value in headers.items():
        answer.headers[name] = value
    return answer


def _span_of(request: HttpRequest, size: int, etag: str) -> Span | None:
    """Return the part that is asked for, None for the whole; raises NotInFile."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    if request.method != "GET" or asked is None:
        return None
    if request.headers.get("If-Range", etag) != etag:
        return None
    first, last, suffix = asked.groups()
    if suffix:
        start, end = max(0, size - int(suffix)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < int(first):
            return None
    if start >= end:
        raise NotInFile
    return Span(start, end)
