"""What all views of the public API have in common."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed, Throttled
from rest_framework.request import Request
from rest_framework.views import APIView

from leads.access import Grant, grant_of
from leads.api.answers import Noted
from leads.api.rates import RateState, rate_of
from leads.authentication import address_of, authenticated
from leads.errors import MissingScope
from leads.usage import Count, count, note_use


class KeyedView(APIView):
    """A view behind an API key.

    Method, key, rate and scope are checked before it runs, in that order. There is one
    representation, JSON, so nothing is negotiated.
    """

    required_scope: str
    grant: Grant | None = None
    counted: Count | None = None
    rate: RateState | None = None

    # Both are done here.
    authentication_classes = ()
    permission_classes = ()

    def initial(self, request: Request, *_args: Any, **_kwargs: Any) -> None:
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(request.method or "")
        self.grant = authenticated(request, self.look_up)
        self.check_throttles(request)
        self.check_permissions(request)

    def look_up(self, digest: bytes) -> Grant | None:
        """Return what the key of the digest opens. A view may read more along with it."""
        return grant_of(digest)

    def check_permissions(self, _request: Request) -> None:
        if self.required_scope not in self.granted.scopes:
            raise MissingScope(self.required_scope)

    def check_throttles(self, request: Request) -> None:
        self.counted = count(self.granted)
        self.rate = rate_of(self.granted, self.counted)
        if self.rate.is_exceeded:
            raise Throttled(wait=self.rate.reset)

    @property
    def granted(self) -> Grant:
        """What the request's key opens; only there once the key was checked."""
        assert self.grant is not None  # noqa: S101 - `initial` has run
        return self.grant

    @property
    def allowed_methods(self) -> list[str]:
        return [method.upper() for method in self.http_method_names if hasattr(self, method)]

    def finalize_response(  # type: ignore[override] # we answer without renderers
        self, _request: HttpRequest, response: HttpResponseBase, *_args: Any, **_kwargs: Any
    ) -> HttpResponseBase:
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if self.rate is not None:
            response.headers["RateLimit-Limit"] = str(self.rate.limit)
            response.headers["RateLimit-Remaining"] = str(self.rate.remaining)
            response.headers["RateLimit-Reset"] = str(self.rate.reset)
        if self.counted is not None and isinstance(response, Noted):
            response.after_sent = self.afterwards
        return response

    def afterwards(self) -> None:
        """Do what is to be done once a request that was counted is answered."""
        assert self.counted is not None  # noqa: S101 - it was
        note_use(self.granted, self.counted, address_of(self.request))
