"""What all views of the public API have in common."""

from functools import partial
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed, Throttled
from rest_framework.request import Request
from rest_framework.views import APIView

from leads.access import Grant
from leads.api.answers import Noted
from leads.api.rates import RateState, count_request
from leads.authentication import address_of
from leads.usage import note_use


class KeyedView(APIView):
    """A view behind an API key.

    Method, key, rate and scope are checked before it runs, in that order. There is one
    representation, JSON, so nothing is negotiated.
    """

    required_scope: ClassVar[str]
    grant: Grant | None = None
    rate: RateState | None = None

    def initial(self, request: Request, *_args: Any, **_kwargs: Any) -> None:
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(request.method or "")
        self.perform_authentication(request)
        self.grant = request.auth  # type: ignore[assignment] # what ApiKeyAuthentication gives
        self.check_throttles(request)
        self.check_permissions(request)

    def check_throttles(self, request: Request) -> None:
        self.rate = count_request(self.granted)
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
        self, request: HttpRequest, response: HttpResponseBase, *_args: Any, **_kwargs: Any
    ) -> HttpResponseBase:
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if self.rate is not None:
            response.headers["RateLimit-Limit"] = str(self.rate.limit)
            response.headers["RateLimit-Remaining"] = str(self.rate.remaining)
            response.headers["RateLimit-Reset"] = str(self.rate.reset)
        if self.grant is not None and isinstance(response, Noted):
            response.after_sent = partial(note_use, self.grant, address_of(request))
        return response
