"""Django's middleware as it suits pages and API.

An API request has a key, not a session; its answers do not depend on a language, a theme or a
cookie. So most classes here are Django's own that step aside under /api/.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation
from django_htmx.middleware import HtmxMiddleware

from config.errors import is_api

_zones = cache(available_timezones)


class _PagesOnly:
    """Hand an API request on untouched. Stands before the middleware it steps aside for."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if is_api(request):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc] # the middleware's


class Sessions(_PagesOnly, SessionMiddleware):
    """Renew a session in use once a day: at every request, each poll of a page would be a write."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        session = request.session
        if session.accessed and not session.is_empty() and not is_renewed(session):
            session[_RENEWED_ON] = _today()
        return super().process_response(request, response)  # type: ignore[arg-type] # any response


_RENEWED_ON = "renewed_on"


def is_renewed(session: Mapping[str, Any]) -> bool:
    """Tell whether the session, or what it holds, need not be written today."""
    return session.get(_RENEWED_ON) == _today()


def _today() -> str:
    return timezone.now().date().isoformat()


class Locale(_PagesOnly, LocaleMiddleware):
    def __call__(self, request: HttpRequest) -> Any:
        # A thread goes on speaking the language of the page it served last.
        translation.deactivate()
        return super().__call__(request)


class Zone:
    """Show times in the zone that the browser tells by a cookie, else in TIME_ZONE."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = request.COOKIES.get("leadline_zone", "")
        with timezone.override(name if name in _zones() else None):
            return self.get_response(request)


class Common(CommonMiddleware):
    """Give a 304 no length: caches would take it over (RFC 9110, 8.6)."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        response = super().process_response(request, response)
        if response.status_code == 304:
            del response.headers["Content-Length"]
        return response


class Authentication(_PagesOnly, AuthenticationMiddleware):
    pass


class Messages(_PagesOnly, MessageMiddleware):
    pass


class Htmx(_PagesOnly, HtmxMiddleware):
    pass
