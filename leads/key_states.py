"""What an API key is at the moment, for lists and for people."""

from datetime import datetime, timedelta

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from leads.key_models import ApiKey

EXPIRES_SOON = timedelta(days=14)


class State(TextChoices):
    """Each key is in the first of these that fits."""

    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Expired")
    EXPIRING = "expiring", _("Expires soon")
    UNUSED = "unused", _("Never used")
    ACTIVE = "active", _("Active")


def state_of(key: ApiKey, at: datetime) -> State:
    if key.revoked_at is not None:
        return State.REVOKED
    if key.expires_at is not None and key.expires_at <= at:
        return State.EXPIRED
    if key.expires_at is not None and key.expires_at <= at + EXPIRES_SOON:
        return State.EXPIRING
    return State.ACTIVE if key.last_used_at else State.UNUSED


def keys_in(state: State, at: datetime) -> Q:
    """Return the condition that `state_of` is this."""
    live = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=at + EXPIRES_SOON))
    return {
        State.REVOKED: ~Q(revoked_at=None),
        State.EXPIRED: Q(revoked_at=None, expires_at__lte=at),
        State.EXPIRING: Q(revoked_at=None, expires_at__gt=at, expires_at__lte=at + EXPIRES_SOON),
        State.UNUSED: live & Q(last_used_at=None),
        State.ACTIVE: live & ~Q(last_used_at=None),
    }[state]
