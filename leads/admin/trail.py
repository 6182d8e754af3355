"""The audit trail in the admin: looked at, searched, exported; never changed."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from leads import audit
from leads.admin import csv_stream
from leads.admin.base import Keyset, ReadOnly
from leads.admin.filters import AUTOCOMPLETE_MEDIA, AutocompleteFilter
from leads.audit_models import AuditEntry
from leads.expressions import Query
from leads.folding import tsquery, words_to_find

_COLUMNS = ("at", "action", "actor", "address", "account_id", "target", "target_id", "detail")


@admin.register(AuditEntry)
class AuditAdmin(ReadOnly):
    list_display = ("at", "action", "actor", "address", "account", "of_what", "detail")
    list_filter = ("action", ("account", AutocompleteFilter))
    list_select_related = ("account",)
    search_fields = ("search",)
    search_help_text = _("Who, which key, or the id of a lead or key")
    sortable_by = ()
    fields = ("at", "action", "actor", "address", "account", "target", "target_id", "detail")
    readonly_fields = fields
    change_list_template = "admin/leads/auditentry/change_list.html"

    @property
    def media(self) -> Any:
        return super().media + AUTOCOMPLETE_MEDIA

    @admin.display(description=_("of what"))
    def of_what(self, entry: AuditEntry) -> str:
        return entry.target or entry.target_id

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Keyset]:
        return Keyset

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        if _is_id(text):
            return queryset.filter(target_id=str(UUID(text))), False
        words = words_to_find(text)
        return queryset.filter(search=Query(tsquery(words))) if words else queryset.none(), False

    def get_actions(self, request: HttpRequest) -> Any:
        return {}

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export)
        return [path("export/", export, name="leads_auditentry_export"), *super().get_urls()]

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """Answer with all entries that the list's filters let through, as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        entries = self.get_changelist_instance(request).get_queryset(request)
        accounts = set(entries.order_by().values_list("account_id", flat=True).distinct())
        audit.tell_of_export(accounts, request.GET.urlencode() or "everything")
        return csv_stream.response("audit.csv", _COLUMNS, _rows(entries.order_by("-pk")))


def _rows(entries: QuerySet[AuditEntry]) -> Iterator[list[Any]]:
    for entry in entries.select_related(None).iterator(chunk_size=1_000):
        values = [getattr(entry, name) for name in _COLUMNS]
        yield [entry.at.isoformat(), *values[1:]]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
