"""Forms as webhooks post them, of any size.

Django's own parser refuses fields above `DATA_UPLOAD_MAX_MEMORY_SIZE`, and mails come in fields. A
delivery is bounded as a whole, before, by its provider's `max_body`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.http import parse_header_parameters


class Posted(NamedTuple):
    """A file, as anymail reads it; its name is the sender's, and may lead anywhere or be ""."""

    name: str
    content: bytes
    content_type: str
    charset: str | None = None

    def read(self) -> bytes:
        return self.content


class Form(NamedTuple):
    """What was posted."""

    fields: QueryDict
    files: "MultiValueDict[str, Posted]"


class Field(NamedTuple):
    """A part of a multipart form (RFC 7578). `file_name` is None for what is no file."""

    name: str
    file_name: str | None
    content_type: str
    content: bytes


def parse_form(content_type: str, body: bytes) -> Form | None:
    """Return the form, None for a body that is none; raises ValueError for a broken one."""
    kind, _ = parse_header_parameters(content_type)
    if kind == "application/x-www-form-urlencoded":
        return Form(QueryDict(body, encoding="utf-8"), MultiValueDict())
    if kind != "multipart/form-data":
        return None
    fields, files = QueryDict(mutable=True), MultiValueDict[str, Posted]()
    for field in fields_of(content_type, body):
        if field.file_name is None:
            fields.appendlist(field.name, field.content.decode(errors="replace"))
        else:
            file = Posted(field.file_name, field.content, field.content_type)
            files.appendlist(field.name, file)
    return Form(fields, files)


def fields_of(content_type: str, body: bytes) -> Iterator[Field]:
    """Yield the parts of a multipart form in order; raises ValueError where it breaks off."""
    _, parameters = parse_header_parameters(content_type)
    boundary = parameters.get("boundary", "").encode()
    if not boundary:
        raise ValueError("the form has no boundary")
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        if part.startswith(b"--"):
            return
        head, _, content = part.partition(b"\r\n\r\n")
        yield _field(head.decode(errors="replace"), content)
    raise ValueError("the form has no end")


def _field(head: str, content: bytes) -> Field:
    headers = dict(_header(line) for line in head.split("\r\n") if ":" in line)
    _, parameters = parse_header_parameters(headers.get("content-disposition", ""))
    return Field(
        parameters.get("name", ""),
        parameters.get("filename"),
        headers.get("content-type", "application/octet-stream"),
        content,
    )


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()
