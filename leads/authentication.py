"""The API's front door: `X-API-Key` to a `Grant`, and the scope each view asks for."""

from typing import Any

from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from leads import keys
from leads.access import Grant, grant_of
from leads.api.errors import InvalidKey, MissingKey, MissingScope
from leads.models import ApiKey

_USE_IS_NOTED_EVERY = 60  # seconds


class ApiKeyAuthentication(BaseAuthentication):
    """Read the key of `X-API-Key`; `request.auth` is then a `Grant`."""

    def authenticate(self, request: Request) -> tuple[None, Grant]:
        key = request.headers.get("X-API-Key", "").strip()
        if not key:
            raise MissingKey
        grant = grant_of(key) if keys.is_well_formed(key) else None
        if grant is None:
            raise InvalidKey
        return None, grant

    def authenticate_header(self, request: Request) -> str:
        return "ApiKey"


class HasScope(BasePermission):
    """Ask for the scope that the view names in `required_scope`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        grant: Grant = request.auth  # type: ignore[assignment] # what the authentication gives
        if view.required_scope not in grant.scopes:
            raise MissingScope(view.required_scope)
        return True


def note_use(grant: Grant) -> None:
    """Remember that the key was used, at most once a minute. Losing a note is no error."""
    if not cache.add(f"key-used:{grant.key_id}", 1, timeout=_USE_IS_NOTED_EVERY):
        return
    try:
        ApiKey.objects.filter(pk=grant.key_id).update(last_used_at=timezone.now())
    except DatabaseError:
        cache.delete(f"key-used:{grant.key_id}")
