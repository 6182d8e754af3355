"""A name for every request, in the answer's `X-Request-Id` and in each log line about it."""

import logging
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase

HEADER = "X-Request-Id"

_current: ContextVar[str] = ContextVar("request_id", default="-")
# What a proxy in front may hand us: short and harmless in a log line.
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")


def current() -> str:
    """Return the id of the request that this thread serves or served last, "-" before any."""
    return _current.get()


class RequestIdMiddleware:
    """Keep the caller's well-formed `X-Request-Id`, or make one of 16 random bytes in hex."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _ACCEPTED.fullmatch(given) else secrets.token_hex(16)
        # It stays until the next one: what is logged and done once the answer is out belongs to it.
        _current.set(request_id)
        response = self.get_response(request)
        response[HEADER] = request_id
        return response


class RequestIdFilter(logging.Filter):
    """Give every log record the attribute `request_id`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current()
        return True
