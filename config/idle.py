"""Polls of open pages that find nothing are answered here, before the layers that pages need.

Every open page asks every few seconds what has changed, and nearly always it is nothing. That takes
two statements; through session, user, memberships and the rest it takes five times the CPU.
"""

import re
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import constant_time_compare

from config.pages import is_renewed
from leads import prepared
from leads.membership import is_chosen
from leads.models import User
from timeline import live

_POLL = re.compile(r"/leads/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/live/")

_SESSION = """
    SELECT session_data FROM django_session WHERE session_key = %(key)s AND expire_date > now()
"""


class IdleMiddleware:
    """Answer 204 to a signed-in member of the lead's account for whom nothing has changed.

    Only where all of that is certain; any other poll goes the way of all pages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        found = _POLL.fullmatch(request.path_info)
        if found is None or request.method != "GET" or not _is_idle(request, UUID(found[1])):
            return self.get_response(request)
        request.get_host()  # raises DisallowedHost
        answer = HttpResponse(status=204)
        add_never_cache_headers(answer)
        return answer


def _is_idle(request: HttpRequest, lead_id: UUID) -> bool:
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    row = prepared.fetch_one(_SESSION, {"key": key}) if key and "\0" not in key else None
    session = SessionStore().decode(row[0]) if row else {}
    if BACKEND_SESSION_KEY not in session or not is_renewed(session):
        return False
    if session[BACKEND_SESSION_KEY] not in settings.AUTHENTICATION_BACKENDS:
        return False
    reader = live.idle_reader(int(session[SESSION_KEY]), lead_id, request.GET.get("token", ""))
    if reader is None or not is_chosen(session, reader.account_id, reader.memberships):
        return False
    # As django.contrib.auth.get_user does: whoever changed their password is signed out elsewhere.
    current = User(password=reader.password).get_session_auth_hash()
    return constant_time_compare(session.get(HASH_SESSION_KEY, ""), current)
