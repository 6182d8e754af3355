"""Data is answered here; what stands below in MIDDLEWARE is for pages.

A request of data has a key or a signature: no session, no language, no form, no theme. Passing it
through a dozen layers that step aside costs as much as reading its page of history.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import resolve
from django.utils import translation

from timeline.api import unchanged

_DATA = ("/api/public/", "/api/webhooks/")
# Whose names are remembered as ours.
_HOSTS = 100
# Looked through without what else there is.
_URLS = "timeline.api.urls"


def is_data(path: str) -> bool:
    return path.startswith(_DATA)


class DataMiddleware:
    """Find the view of a request of data and answer with it, as Django's handler would.

    What goes wrong is turned into an answer by the handler, as for any middleware.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        # That were asked for and are ours.
        self._hosts: set[str] = set()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_data(request.path_info):
            return self.get_response(request)
        self._check_host(request)
        # A thread goes on speaking the language of the page it served last.
        translation.deactivate()
        response = self.answer(request)
        if not response.streaming and response.status_code != 304:
            response.headers.setdefault("Content-Length", str(len(response.content)))  # type: ignore[attr-defined]
        return response

    def _check_host(self, request: HttpRequest) -> None:
        """Raise DisallowedHost for a host that is not ours."""
        name = request.META.get("HTTP_HOST")
        if name not in self._hosts:
            request.get_host()
            if name and len(self._hosts) < _HOSTS:
                self._hosts.add(name)

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """Return the view's answer, or what it would answer once more."""
        if "HTTP_IF_NONE_MATCH" in request.META and (known := unchanged.again(request)):
            return known
        match = request.resolver_match = resolve(request.path_info.removeprefix("/api"), _URLS)
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return response
