"""Deliveries in the admin: looked at and replayed, never changed.

Keys are given in the order of time, so lists go along them, and a span of dates is a span of keys:
nothing here is slower on ten million rows than on ten.
"""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from leads import audit
from leads.admin.base import Keyset, ReadOnly
from leads.admin.confirm import Question, confirm
from leads.admin.filters import AUTOCOMPLETE_MEDIA, AutocompleteFilter
from leads.audit_models import Action
from timeline import inbox
from timeline.admin.entries import place_of
from timeline.admin.replaying import replay_soon
from timeline.delivery_text import Readable, readable
from timeline.inbox_models import Delivery
from timeline.origins import Outcome, matched_in_words, outcomes_of
from timeline.webhooks.provider import Received

_WAITS = _("waits for its entry")
_MATCHED = _("matched by")

# What is said of a delivery that was the first to tell nothing, by its state.
_NOTHING: dict[str, Any] = {
    Delivery.State.DONE: _("Nothing in it was new."),
    Delivery.State.SET_ASIDE: _("Nothing came of it: the reason says what could not be used."),
}

# Keys are given as deliveries come in, by clocks that may differ by so much and no more.
_SLACK = timedelta(hours=1)

_QUESTION = Question(
    _("Replay?"),
    _("Each is processed anew. What is in the timeline already stays as it is."),
    _("Replay"),
)


class DeliveryList(Keyset):
    """Deliveries by time, a span of it bounded by their keys too."""

    def get_filters(self, request: HttpRequest) -> Any:
        specs, has_filters, lookups, *rest = super().get_filters(request)
        bounded: dict[str, Any] = dict(lookups)
        if since := bounded.get("received_at__gte"):
            bounded["pk__gte"] = [_first_key(since[-1] - _SLACK)]
        if until := bounded.get("received_at__lt"):
            bounded["pk__lt"] = [_first_key(until[-1] + _SLACK)]
        return specs, has_filters, bounded, *rest


def _first_key(at: datetime) -> int:
    """Return the key of the first delivery from then on, or one beyond all."""
    later = Delivery.objects.filter(received_at__gte=at).order_by("received_at", "pk")
    key = later.values_list("pk", flat=True).first()
    return key if key is not None else 2**63 - 1


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    change_form_template = "admin/timeline/delivery/change_form.html"
    list_display = ("received_at", "channel", "state", "why", "attempts", "account")
    list_filter = (
        "state",
        ("channel", AutocompleteFilter),
        ("account", AutocompleteFilter),
    )
    date_hierarchy = "received_at"
    sortable_by = ()
    actions = ("replay_selected",)
    fields = (
        "received_at", "channel", "account", "state", "why_in_full", "attempts", "processed_at",
        "next_attempt_at", "became",
    )  # fmt: skip
    readonly_fields = fields

    @property
    def media(self) -> Any:
        return super().media + AUTOCOMPLETE_MEDIA

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DeliveryList]:
        return DeliveryList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        # Not by `list_select_related`, which does nothing for rows that select something already.
        rows = super().get_queryset(request).select_related("channel", "account")
        return rows.defer("body", "headers", "url", "channel__secrets")

    @admin.display(description=_("reason"))
    def why(self, delivery: Delivery) -> str:
        return Truncator(delivery.reason.partition("\n")[0]).chars(90)

    @admin.display(description=_("reason"))
    def why_in_full(self, delivery: Delivery) -> SafeString | str:
        lines = ((line,) for line in delivery.reason.splitlines())
        return format_html_join(SafeString("<br>"), "{}", lines) or "—"

    @admin.display(description=_("what became of it"))
    def became(self, delivery: Delivery) -> SafeString | str:
        outcomes = outcomes_of(delivery)
        if outcomes:
            return format_html_join(SafeString("<br>"), "{}", ((_told(each),) for each in outcomes))
        return str(_NOTHING.get(delivery.state, "—"))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        delivery = self.get_object(request, object_id)
        if delivery is not None and self.has_view_permission(request, delivery):
            shown = {
                "request_as_text": _readable(delivery),
                "may_replay": self._is_replayable(request, delivery),
            }
            extra_context = {**shown, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra_context)

    # --- Replaying --------------------------------------------------------------------------------

    def has_replay_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return self.may(request, "change", obj)

    def _is_replayable(self, request: HttpRequest, delivery: Delivery) -> bool:
        is_genuine = delivery.state != Delivery.State.REFUSED
        return is_genuine and self.has_replay_permission(request, delivery)

    @admin.action(description=_("Replay selected deliveries"), permissions=["replay"])
    def replay_selected(
        self, request: HttpRequest, queryset: QuerySet[Delivery]
    ) -> HttpResponseBase | None:
        chosen = [each for each in queryset if self._is_replayable(request, each)]
        if "confirmed" not in request.POST:
            return confirm(self, request, _QUESTION, chosen, action="replay_selected")
        deliveries = Delivery.objects.filter(pk__in=[each.pk for each in chosen])
        return replay_soon(self, request, deliveries, request.get_full_path())

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.replay_page)
        route = "<path:object_id>/replay/"
        return [path(route, page, name="timeline_delivery_replay"), *super().get_urls()]

    def replay_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Process one delivery anew, at once, and say what came of it."""
        delivery = self.get_object(request, object_id)
        if delivery is None:
            raise Http404
        if not self._is_replayable(request, delivery):
            raise PermissionDenied
        if request.method != "POST":
            return confirm(self, request, _QUESTION, [delivery])
        channel = delivery.channel
        audit.tell_of_channel(
            Action.DELIVERIES_REPLAYED, delivery.account_id, channel.pk, channel.name, "1"
        )
        inbox.replay(Delivery.objects.filter(pk=delivery.pk))
        inbox.process(delivery.pk)
        delivery.refresh_from_db(fields=["state"])
        is_well = delivery.state == Delivery.State.DONE
        said = _("Processed anew: %(state)s.") % {"state": delivery.get_state_display()}
        self.message_user(request, said, messages.SUCCESS if is_well else messages.WARNING)
        return redirect(reverse("admin:timeline_delivery_change", args=[delivery.pk]))


def _readable(delivery: Delivery) -> Readable:
    delivery.refresh_from_db(fields=["url", "headers", "body"])
    at = delivery.received_at
    return readable(Received(delivery.url, delivery.headers, bytes(delivery.body), at))


def _told(outcome: Outcome) -> SafeString:
    keys = ", ".join(outcome.keys)
    if outcome.entry is None:
        return format_html("<code>{}</code> {} · {}", outcome.external_id, keys, _WAITS)
    by = matched_in_words(outcome.matched_by)
    return format_html(
        '<a href="{}">{}</a> <span class="quiet">{}{}</span>',
        place_of(outcome.entry), Truncator(str(outcome.entry)).chars(60) or outcome.external_id,
        keys, f" · {_MATCHED} {by}" if by else "",
    )  # fmt: skip
