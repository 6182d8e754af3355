"""Query parameters of the API, parsed or refused; never silently mended."""

import re

from django.http import QueryDict

from leads.errors import InvalidRequest

_DIGITS = re.compile(r"[0-9]{1,20}", re.ASCII)


def once(query: QueryDict, name: str) -> str | None:
    """Return the parameter, or None; raises InvalidRequest if it is given twice."""
    if name not in query:
        return None
    values = query.getlist(name)
    if len(values) > 1:
        raise InvalidRequest(f"{name} must be given once")
    return values[0] if values else None


def integer(query: QueryDict, name: str, default: int, least: int, most: int) -> int:
    """Return the parameter, a number from `least` to `most`; raises InvalidRequest."""
    text = once(query, name)
    if text is None:
        return default
    if not _DIGITS.fullmatch(text) or not least <= int(text) <= most:
        raise InvalidRequest(f"{name} must be an integer between {least} and {most}")
    return int(text)
