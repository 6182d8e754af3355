"""Django's middleware for pages, out of the way of the API.

An API request has a key, not a session; its answers do not depend on a language, a theme or a
cookie. Each class here is Django's own that steps aside under /api/.
"""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django_htmx.middleware import HtmxMiddleware

from config.errors import is_api


class _PagesOnly:
    """Hand an API request on untouched. Stands before the middleware it steps aside for."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if is_api(request):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc] # the middleware's


class Sessions(_PagesOnly, SessionMiddleware):
    pass


class Locale(_PagesOnly, LocaleMiddleware):
    pass


class Authentication(_PagesOnly, AuthenticationMiddleware):
    pass


class Messages(_PagesOnly, MessageMiddleware):
    pass


class Htmx(_PagesOnly, HtmxMiddleware):
    pass
