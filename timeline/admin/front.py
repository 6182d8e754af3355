"""What the admin's front page says of entries and channels."""

from collections import Counter
from typing import Any

from django.utils import timezone

from leads.models import User
from leads.roles import accounts_allowing
from timeline.admin.entries import first_key
from timeline.channel_health import failing, health_of
from timeline.entries import Channel
from timeline.forms import CHANNEL_LABELS
from timeline.models import Activity, CallTranscript, Message, ProviderChannel

# Entries of a table that are counted; a day may have more than one wants to count for a page.
_COUNTED = 10_000
# Channels that fail, listed.
_SHOWN = 10


def figures(user: User) -> dict[str, Any]:
    """Return today's entries by channel, in the reader's time zone, bounded; and what fails."""
    counts = Counter(_today(user, Message).values_list("channel", flat=True)[:_COUNTED]) + Counter(
        _today(user, Activity).values_list("channel", flat=True)[:_COUNTED]
    )
    counts[Channel.CALL] += _today(user, CallTranscript)[:_COUNTED].count()
    return {
        "entries_today": [
            (label, counts[channel], counts[channel] >= _COUNTED)
            for channel, label in CHANNEL_LABELS.items()
        ],
        **_channels(user),
    }


def _channels(user: User) -> dict[str, Any]:
    accounts = accounts_allowing(user, "timeline.view_providerchannel")
    if accounts == set():
        return {"may_see_channels": False}
    ids = failing(accounts, _SHOWN)
    health = health_of(ids) if ids else {}
    channels = ProviderChannel.objects.select_related("account").defer("secrets").in_bulk(ids)
    return {
        "may_see_channels": True,
        "channels_in_trouble": [(channels[each], health[each]) for each in ids],
    }


def _today(user: User, model: Any) -> Any:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    rows = model.objects.filter(pk__gte=first_key(midnight))
    accounts = accounts_allowing(user, f"timeline.view_{model._meta.model_name}")
    return rows if accounts is None else rows.filter(account_id__in=accounts)
