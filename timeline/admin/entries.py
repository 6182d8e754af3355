"""Messages, calls and activities in the admin: looked at, never changed.

An entry's id is a UUIDv7 of its time, so the primary key is the order of time: lists go along it,
and a span of dates is a span of keys.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import BinaryField, Func, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from leads.admin.base import Keyset, ReadOnly, moment, user_of
from leads.admin.filters import AUTOCOMPLETE_MEDIA, AutocompleteFilter
from leads.expressions import Query
from leads.finding import lead_query
from leads.models import Lead
from leads.roles import may
from timeline.models import Activity, AnyEntry, CallTranscript, Message
from timeline.origins import Origin, origins_of

# Leads whose entries a search shows: who means more must say more.
_LEADS_FOUND = 100
_NONE = SafeString("—")


def first_key(at: datetime) -> UUID:
    """Return what no key of an entry from then on is below."""
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)


class EntryList(Keyset):
    """Entries by time, a span of it by their keys."""

    @property
    def order(self) -> Any:
        """Sort what a search found: by the key as it is, PostgreSQL would rather walk the table."""
        if not self.query:
            return super().order
        return Func("pk", function="uuid_send", output_field=BinaryField())

    def get_filters(self, request: HttpRequest) -> Any:
        specs, has_filters, lookups, *rest = super().get_filters(request)
        by_key: dict[str, Any] = dict(lookups)
        for name, bound in (("occurred_at__gte", "pk__gte"), ("occurred_at__lt", "pk__lt")):
            if name in by_key:
                by_key[bound] = [first_key(by_key.pop(name)[-1])]
        return specs, has_filters, by_key, *rest


class EntryAdmin(ReadOnly):
    change_form_template = "admin/timeline/entry_form.html"
    date_hierarchy = "occurred_at"
    list_select_related = ("lead", "account")
    search_fields = ("lead",)
    search_help_text = _("The lead's name, e-mail, phone or id, or the entry's id")
    sortable_by = ()
    actions = None
    exclude = ("search", "changed_in")

    @property
    def media(self) -> Any:
        return super().media + AUTOCOMPLETE_MEDIA

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[EntryList]:
        return EntryList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("search", "lead__search", "lead__metadata")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find the leads first, by their index, then their entries by theirs."""
        if not search_term.strip():
            return queryset, False
        try:
            key = UUID(search_term.strip())
        except ValueError:
            query = lead_query(search_term)
        else:
            by_id = queryset.filter(pk=key)
            return by_id if by_id.exists() else queryset.filter(lead_id=key), False
        found = self.admin_site._registry[Lead].get_queryset(request)
        leads = found.filter(search=Query(query)) if query else found.none()
        pairs = dict(leads.values_list("pk", "account_id")[:_LEADS_FOUND])
        return queryset.filter(account_id__in=set(pairs.values()), lead_id__in=list(pairs)), False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        kept = [field.name for field in self.opts.fields if field.name not in self.exclude]
        # Members may look at entries and not at deliveries.
        is_linked = may(user_of(request), "timeline.view_delivery", obj and obj.account_id)
        return [*kept, "origins" if is_linked else "origins_unlinked"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_readonly_fields(request, obj)

    @admin.display(description=_("why it is here"))
    def origins(self, entry: AnyEntry) -> SafeString:
        """Say what was told of it, the deliveries linked."""
        return _lines(entry, _linked)

    @admin.display(description=_("why it is here"))
    def origins_unlinked(self, entry: AnyEntry) -> SafeString:
        return _lines(entry, _said)

    @admin.display(description=_("place in the timeline"))
    def place(self, entry: AnyEntry) -> SafeString:
        return format_html('<a href="{}">{}</a>', place_of(entry), entry.lead)


def _lines(entry: AnyEntry, line: Callable[[Origin], SafeString]) -> SafeString:
    told = origins_of(entry.account_id, entry.source, entry.external_id)
    return format_html_join(SafeString("<br>"), "{}", ((line(each),) for each in told)) or _NONE


def _said(origin: Origin) -> SafeString:
    texts = [moment(origin.told_at), origin.channel or origin.source, origin.key, origin.matched]
    return format_html("{}", " · ".join(filter(None, texts)))


def _linked(origin: Origin) -> SafeString:
    if origin.delivery_id is None:
        return _said(origin)
    page = reverse("admin:timeline_delivery_change", args=[origin.delivery_id])
    return format_html('<a href="{}">{}</a>', page, _said(origin))


def place_of(entry: AnyEntry) -> str:
    """Return the address at which the lead's page shows the entry among the others."""
    return f"{reverse('admin:leads_lead_change', args=[entry.lead_id])}?at={entry.pk}#e-{entry.pk}"


@admin.register(Message)
class MessageAdmin(EntryAdmin):
    list_display = ("occurred_at", "channel", "direction", "text", "status", "place", "account")
    list_filter = ("channel", "direction", "status", ("account", AutocompleteFilter))

    @admin.display(description=_("content"))
    def text(self, message: Message) -> str:
        return Truncator(message.subject or message.content).chars(80)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        return super().get_queryset(request).defer("search", "html", "lead__search")


@admin.register(CallTranscript)
class CallAdmin(EntryAdmin):
    list_display = (
        "occurred_at", "direction", "call_status", "duration_seconds", "text", "place", "account",
    )  # fmt: skip
    list_filter = ("direction", "sentiment", ("account", AutocompleteFilter))

    @admin.display(description=_("summary"))
    def text(self, call: CallTranscript) -> str:
        return Truncator(call.summary).chars(80)


@admin.register(Activity)
class ActivityAdmin(EntryAdmin):
    list_display = (
        "occurred_at",
        "channel",
        "title",
        "activity_type",
        "actor_name",
        "place",
        "account",
    )
    list_filter = ("channel", "actor_type", ("account", AutocompleteFilter))
