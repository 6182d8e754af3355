"""Deliveries processed anew, on somebody's word."""

import time
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.translation import ngettext

from leads import audit
from leads.api.answers import Noted
from leads.audit_models import Action
from timeline import inbox
from timeline.inbox_models import Delivery

# Seconds that a process works on deliveries once its answer is sent; a worker, or the deliveries
# that come in, take care of the rest.
_WORKS = 30
_BATCH = 100


class _Redirect(Noted, HttpResponseRedirect):
    pass


def replay_soon(
    admin: Any, request: HttpRequest, deliveries: QuerySet[Delivery], target: str
) -> HttpResponseRedirect:
    """Have the deliveries processed anew and lead on to `target`; it begins once that is sent."""
    told = _tell(deliveries)
    number = inbox.replay(deliveries)
    text = ngettext(
        "%(count)d delivery is processed anew.", "%(count)d deliveries are processed anew.", number
    )
    admin.message_user(request, text % {"count": number}, messages.SUCCESS)
    answer = _Redirect(target)
    if told:
        answer.after_sent = partial(_work, time.monotonic() + _WORKS)
    return answer


def _tell(deliveries: QuerySet[Delivery]) -> int:
    """Leave a line in the audit trail for each channel; return for how many."""
    rows = (
        deliveries.exclude(state=Delivery.State.REFUSED)
        .order_by()
        .values_list("account_id", "channel_id", "channel__name")
        .annotate(number=Count("pk"))
    )
    for account_id, channel_id, name, number in rows:
        detail = f"{number:,}"
        audit.tell_of_channel(Action.DELIVERIES_REPLAYED, account_id, channel_id, name, detail)
    return len(rows)


def _work(deadline: float) -> None:
    while time.monotonic() < deadline and inbox.process_due(_BATCH):
        pass
