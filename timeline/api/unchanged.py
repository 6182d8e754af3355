"""A 304 given again, for as long as nothing is written of its lead, at a fraction of a page's cost.

Who polls a history has its tag, and nearly always nothing has changed. That the tag is still right
was found by reading the page; that it stays right, by one look for anything newer on the lead. What
was found is remembered in this process: forgetting it costs a page, never a wrong answer.
"""

from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest

from leads import keys
from leads.api.answers import NotModified
from leads.api.use import Use
from leads.models import Scope
from timeline.keyed import Keyed, grant_if_unchanged

# Of a request: address, query and the tags that the client has.
_Asked = tuple[str, str, str]


class _Found(NamedTuple):
    """Which answer the client has, and of which state of which lead."""

    etag: str
    lead_id: UUID
    version: str
    token: str


_found: dict[_Asked, _Found] = {}
_MOST = 10_000
# Characters of one that is remembered; longer ones are nobody's habit.
_LONGEST = 1_000


def remember(request: HttpRequest, keyed: Keyed, etag: str) -> None:
    """Remember that the client has what was read; `etag` is what it is answered with."""
    asked = _asked(request)
    if keyed.lead is None or not keyed.token or sum(map(len, (*asked, keyed.token))) > _LONGEST:
        return
    if len(_found) >= _MOST:
        _found.clear()
    _found[asked] = _Found(etag, keyed.lead.id, keyed.lead.version, keyed.token)


def again(request: HttpRequest) -> NotModified | None:
    """Return the 304, if it is certain that it is right; None for the view to find out."""
    found = _found.get(_asked(request))
    if found is None or request.method not in {"GET", "HEAD"}:
        return None
    key = request.META.get("HTTP_X_API_KEY", "").strip()
    grant = grant_if_unchanged(keys.digest(key), *found[1:]) if keys.is_well_formed(key) else None
    if grant is None or Scope.HISTORY_READ not in grant.scopes or grant.allowed_networks:
        return None
    use = Use.of(grant, request)
    if use.rate.is_exceeded:
        return None
    answer = NotModified()
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["ETag"] = found.etag
    use.tell(answer)
    answer.after_sent = use.note
    return answer


def _asked(request: HttpRequest) -> _Asked:
    said = request.META
    return request.path_info, said.get("QUERY_STRING", ""), said.get("HTTP_IF_NONE_MATCH", "")
