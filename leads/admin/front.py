"""What the admin's front page says of leads and keys."""

from typing import Any

from django.utils import timezone

from leads.admin.base import BoundedPaginator
from leads.key_states import State, keys_in
from leads.models import ApiKey, Lead, User
from leads.roles import accounts_allowing

_SHOWN = 10


def figures(user: User) -> dict[str, Any]:
    """Return the number of leads (bounded, as in lists) and the keys that need somebody."""
    return {
        "leads": _visible(user, Lead).filter(deleted_at=None)[: BoundedPaginator.LIMIT].count(),
        "most_leads": BoundedPaginator.LIMIT,
        "may_see_leads": accounts_allowing(user, "leads.view_lead") != set(),
        "may_see_keys": accounts_allowing(user, "leads.view_apikey") != set(),
        "keys_in_trouble": list(
            _visible(user, ApiKey)
            .filter(keys_in(State.EXPIRING, timezone.now()))
            .select_related("account")
            .order_by("expires_at")[:_SHOWN]
        ),
    }


def _visible(user: User, model: Any) -> Any:
    accounts = accounts_allowing(user, f"leads.view_{model._meta.model_name}")
    rows = model.objects.all()
    return rows if accounts is None else rows.filter(account_id__in=accounts)
