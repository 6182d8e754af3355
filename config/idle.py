"""Whether a poll of an open page finds nothing, without the layers that pages need.

Every open page asks every few seconds what has changed, and nearly always it is nothing. To know it
takes one statement; through session, user, memberships and the rest it takes ten times the CPU.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from config.pages import is_renewed
from leads import prepared
from leads.membership import is_chosen
from leads.models import User
from leads.sessions import SESSION, SessionStore
from timeline import live

_POLL = re.compile(r"/leads/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/live/")

# Whose session it is, for those that were read here once. No more than a guess: it spares the
# statement that reads the session for whom to ask for, and what is asked then is held against it.
_users: dict[str, int] = {}
_MOST = 10_000


def is_poll(path: str) -> bool:
    return _POLL.fullmatch(path) is not None


def is_idle(request: HttpRequest) -> bool:
    """Tell whether a signed-in member of the lead's account asks, for whom nothing has changed.

    False also where that is not certain, and whatever is wrong with the request or goes wrong:
    any such poll goes the way of all pages, and what is to be said of it is said there.
    """
    try:
        return _is_idle(request)
    except Exception:  # noqa: BLE001 - it is met again there
        return False


def _is_idle(request: HttpRequest) -> bool:
    request.get_host()  # raises DisallowedHost
    found = _POLL.fullmatch(request.path_info)
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if found is None or not key or "\0" in key:
        return False
    user_id = _user_of(key)
    if user_id is None:
        return False
    reader = live.idle_reader(key, user_id, UUID(found[1]), request.GET.get("token", ""))
    return reader is not None and _is_signed_in(reader, user_id)


def _is_signed_in(reader: live.Reader, user_id: int) -> bool:
    session = _decoded(reader.session_data)
    return (
        session.get(SESSION_KEY) == str(user_id)
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and is_renewed(session)
        and is_chosen(session, reader.account_id, reader.memberships)
        # As django.contrib.auth.get_user does: whoever changed their password is signed out.
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), _hash_of(reader.password))
    )


def _user_of(key: str) -> int | None:
    if key not in _users:
        row = prepared.fetch_one(SESSION, {"key": key})
        user_id = _decoded(row[0]).get(SESSION_KEY) if row else None
        if user_id is None:
            return None
        if len(_users) >= _MOST:
            _users.clear()
        _users[key] = int(user_id)
    return _users[key]


# Both are worth as much CPU as the statement, and come out the same for the same.
@lru_cache(maxsize=1_000)
def _decoded(session_data: str) -> Mapping[str, Any]:
    session: Mapping[str, Any] = SessionStore().decode(session_data)
    return session


@lru_cache(maxsize=1_000)
def _hash_of(password: str) -> str:
    return User(password=password).get_session_auth_hash()
