"""What all views of the public API have in common."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.exceptions import MethodNotAllowed, Throttled
from rest_framework.views import APIView

from leads.access import Grant, grant_of
from leads.api.answers import Noted
from leads.api.use import Use
from leads.authentication import authenticated
from leads.errors import MissingScope


class KeyedView(APIView):
    """A view behind an API key.

    Method, key, rate and scope are checked before it runs, in that order. There is one
    representation, JSON, so nothing is negotiated; bodies are read by `leads.api.bodies`. So it is
    given Django's own request: what Django REST framework would wrap it in has nothing to do.
    """

    required_scope: str
    grant: Grant | None = None
    use: Use | None = None

    # Both are done here.
    authentication_classes = ()
    permission_classes = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.check(request)
            answer = getattr(self, (request.method or "").lower())
            response: HttpResponseBase = answer(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - what is no refusal is raised on
            response = self.handle_exception(error)
        return self.finish(response)

    def check(self, request: HttpRequest) -> None:
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(request.method or "")
        self.grant = authenticated(request, self.look_up)
        self.check_rate(request)
        self.check_scope(request)

    def look_up(self, digest: bytes) -> Grant | None:
        """Return what the key of the digest opens. A view may read more along with it."""
        return grant_of(digest)

    def check_scope(self, _request: HttpRequest) -> None:
        if self.required_scope not in self.granted.scopes:
            raise MissingScope(self.required_scope)

    def check_rate(self, request: HttpRequest) -> None:
        self.use = Use.of(self.granted, request)
        if self.use.rate.is_exceeded:
            raise Throttled(wait=self.use.rate.reset)

    @property
    def granted(self) -> Grant:
        """What the request's key opens; only there once the key was checked."""
        assert self.grant is not None  # noqa: S101 - the key was checked
        return self.grant

    @property
    def allowed_methods(self) -> list[str]:
        return [method.upper() for method in self.http_method_names if hasattr(self, method)]

    def finish(self, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if self.use is not None:
            self.use.tell(response)
            if isinstance(response, Noted):
                response.after_sent = self.afterwards
        return response

    def afterwards(self) -> None:
        """Do what is to be done once a request that was counted is answered."""
        assert self.use is not None  # noqa: S101 - it was counted
        self.use.note()
