"""CSV as a stream, safe to open in a spreadsheet."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.http import StreamingHttpResponse

# What a spreadsheet takes for a formula, and a phone number, which begins like one.
_FORMULA = re.compile(r"[=+\-@\t\r\n]")
_PHONE = re.compile(r"\+[0-9 ()./-]+")


class _Echo:
    def write(self, line: str) -> str:
        return line


def response(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """Answer with the rows as a file of that name."""
    answer = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _lines(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # Without this mark Excel takes UTF-8 for something else.
    yield "\ufeff" + writer.writerow(header)
    for row in rows:
        yield writer.writerow([safe(value) for value in row])


def safe(value: Any) -> str:
    """Return the value as text that no spreadsheet runs: a formula gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) and not _PHONE.fullmatch(text) else text
