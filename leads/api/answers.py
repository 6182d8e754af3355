"""JSON answers as bytes: no renderer is chosen, orjson writes them."""

import logging
from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpResponse
from django.http.response import HttpResponseBase

logger = logging.getLogger(__name__)


class Noted(HttpResponseBase):
    """An answer with `after_sent`, which runs when the server has sent it.

    So bookkeeping is never in its way.
    """

    after_sent: Callable[[], None] | None = None

    def note(self) -> None:
        """Do what is to be done; a failure is no matter of the answer's, and is logged."""
        try:
            if self.after_sent is not None:
                self.after_sent()
        except Exception:
            logger.exception("What was to be done after an answer failed")

    def close(self) -> None:
        self.note()
        super().close()


class Answer(Noted, HttpResponse):
    """An answer of the API."""


class JsonAnswer(Answer):
    """JSON in UTF-8 as is; times in ISO 8601, UTC, with Z, fractions where there are any."""

    def __init__(self, data: Any, status: int = 200) -> None:
        super().__init__(
            orjson.dumps(data, option=orjson.OPT_UTC_Z),
            status=status,
            headers={"Content-Type": "application/json"},
        )


class NotModified(Answer):
    """304: what the client has is what we have."""

    status_code = 304

    def __init__(self) -> None:
        super().__init__()
        del self.headers["Content-Type"]
