"""The API's front door: `X-API-Key` to a `Grant`, and the scope each view asks for."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from leads import audit, keys
from leads.access import Grant, grant_of
from leads.errors import InvalidKey, MissingKey, MissingScope
from leads.networks import client_address, is_within


class ApiKeyAuthentication(BaseAuthentication):
    """Read the key of `X-API-Key`; `request.auth` is then a `Grant`."""

    def authenticate(self, request: Request) -> tuple[None, Grant]:
        return None, authenticated(request, grant_of)

    def authenticate_header(self, request: Request) -> str:
        return "ApiKey"


def authenticated(
    request: Request | HttpRequest, look_up: Callable[[bytes], Grant | None]
) -> Grant:
    """Return what the request's key opens; `look_up` finds it by the key's digest.

    Raises MissingKey and InvalidKey.
    """
    digest = _digest(request.META.get("HTTP_X_API_KEY", "").strip())
    grant = look_up(digest) if digest is not None else None
    if grant is None:
        raise InvalidKey
    if grant.allowed_networks:
        _hold_to_networks(grant, address_of(request))
    return grant


def _digest(key: str) -> bytes | None:
    """Return the key's digest if it has a key's form. From here on the key itself is nowhere."""
    if not key:
        raise MissingKey
    return keys.digest(key) if keys.is_well_formed(key) else None


def address_of(request: Request | HttpRequest) -> str | None:
    """Return the address a request came from, whatever it claims; see `networks.client_address`."""
    return client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        settings.TRUSTED_PROXIES,
    )


def _hold_to_networks(grant: Grant, address: str | None) -> None:
    """Refuse the key from elsewhere like one that there is not: a thief learns nothing by it.

    The account's admins are told, by the audit trail.
    """
    if not is_within(address, grant.allowed_networks):
        # A database that takes no writes must not make another answer of it.
        with suppress(DatabaseError):
            audit.tell_of_refusal(grant.account_id, grant.key_id, address)
        raise InvalidKey


class HasScope(BasePermission):
    """Ask for the scope that the view names in `required_scope`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        grant: Grant = request.auth  # type: ignore[assignment] # what the authentication gives
        if view.required_scope not in grant.scopes:
            raise MissingScope(view.required_scope)
        return True
