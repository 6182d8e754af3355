"""What views that write have in common: a scope a method, answers given once, results a piece."""

import re
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from leads import audit, idempotency
from leads.api.answers import Answer, JsonAnswer
from leads.api.bodies import Body
from leads.api.views import KeyedView
from leads.authentication import address_of
from leads.errors import ApiError, Conflict, InvalidRequest
from leads.models import ApiKey

IDEMPOTENCY_KEY = "Idempotency-Key"
MAX_KEY = 255

# Printable ASCII without blanks.
_KEY = re.compile(rf"[\x21-\x7e]{{1,{MAX_KEY}}}", re.ASCII)


class ScopedView(KeyedView):
    """A view whose methods ask for a scope each."""

    scopes: ClassVar[Mapping[str, str]]

    def check_scope(self, request: HttpRequest) -> None:
        method = "GET" if request.method == "HEAD" else request.method
        self.required_scope = self.scopes[method or ""]
        super().check_scope(request)

    def actor(self, request: HttpRequest) -> audit.Actor:
        """Return who acts by this request: the key, from where it came."""
        key = ApiKey.objects.only("name", "prefix").get(pk=self.granted.key_id)
        return audit.Actor(key=key, address=address_of(request))

    def once(self, request: HttpRequest, body: Body, act: Callable[[], JsonAnswer]) -> Answer:
        """Answer as `act` does, in a transaction; what came before under its key, as then.

        Raises InvalidRequest for a key that is none, and Conflict for one of another request.
        """
        key = _idempotency_key(request)
        if key is None:
            with transaction.atomic():
                return act()
        try:
            given = idempotency.once(
                self.granted.account_id, key, _digest(request, body), lambda: _parts(act())
            )
        except idempotency.KeyReused:
            raise Conflict(f"This {IDEMPOTENCY_KEY} came before, with another request") from None
        answer = JsonBytes(given.body, given.status)
        if given.is_replayed:
            answer.headers["Idempotency-Replayed"] = "true"
        return answer


class JsonBytes(Answer):
    """JSON that is written already."""

    def __init__(self, body: bytes, status: int) -> None:
        super().__init__(body, status=status, content_type="application/json")


def refused(error: ApiError) -> dict[str, Any]:
    """Return what is said of one item of a list that was refused."""
    return {"success": False, "error": error.error, "message": str(error.detail)}


def summed_up(results: Iterable[Mapping[str, Any]], counts: Mapping[str, int]) -> dict[str, Any]:
    """Return the body that answers a list: its results in the list's order, and their numbers."""
    results = list(results)
    failed = sum(not result["success"] for result in results)
    return {
        "success": failed == 0,
        "results": results,
        "summary": {**counts, "failed": failed},
    }


def _idempotency_key(request: HttpRequest) -> str | None:
    key: str | None = request.headers.get(IDEMPOTENCY_KEY)
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidRequest(
            f"{IDEMPOTENCY_KEY} must have 1 to {MAX_KEY} printable ASCII characters and no blanks"
        )
    return key


def _digest(request: HttpRequest, body: Body) -> bytes:
    asked = f"{request.method} {request.path.rstrip('/')}\n".encode(errors="backslashreplace")
    return sha256(asked + body.raw).digest()


def _parts(answer: HttpResponse) -> tuple[int, bytes]:
    return answer.status_code, answer.content
