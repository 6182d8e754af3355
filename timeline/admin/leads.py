"""Leads in the admin: found, changed, exported, deleted and restored."""

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from leads import audit
from leads.access import membership_for
from leads.admin.base import OfAccount, user_of
from leads.admin.confirm import Question, confirm
from leads.admin.filters import AUTOCOMPLETE_MEDIA, AutocompleteFilter, DeletedFilter
from leads.expressions import Query
from leads.finding import lead_query
from leads.models import Lead
from timeline.admin import export
from timeline.admin.forms import LeadAdminForm
from timeline.admin.lead_timeline import timeline_context
from timeline.changes import FIELDS, change_lead, delete_lead, restore_lead

_QUESTIONS = {
    "remove": Question(
        _("Delete from every list and from the API?"),
        _("Their histories stay as they are, and restoring brings both back."),
        _("Delete"),
        is_danger=True,
    ),
    "restore": Question(
        _("Restore?"),
        _("They are back in every list and in the API, with their histories."),
        _("Restore"),
    ),
}


@admin.register(Lead)
class LeadAdmin(OfAccount):
    form = LeadAdminForm
    change_form_template = "admin/leads/lead/change_form.html"
    list_display = ("name", "company", "phone", "email", "status", "owner", "account", "created_at")
    list_filter = (
        DeletedFilter,
        "status",
        ("account", AutocompleteFilter),
        ("owner", AutocompleteFilter),
    )
    list_select_related = ("account", "owner__user")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    sortable_by = ("created_at",)
    search_fields = ("search",)
    search_help_text = _("Name, company, e-mail, phone in any notation, or id")
    autocomplete_fields = ("account", "owner")
    actions = ("delete_selected_leads", "restore_selected_leads", "export_csv", "export_json")
    fieldsets = (
        (None, {"fields": ("account", "status", "owner", "seen")}),
        (_("Who"), {"fields": (("first_name", "last_name"), ("company", "title"))}),
        (_("How to reach"), {"fields": (("phone", "email"),)}),
        (_("Origin"), {"fields": ("source", "created_at", "updated_at", "id", "metadata")}),
    )
    add_fieldsets: ClassVar = (
        (None, {"fields": ("account", "status", "owner")}),
        (_("Who"), {"fields": (("first_name", "last_name"), ("company", "title"))}),
        (_("How to reach"), {"fields": (("phone", "email"), "source")}),
    )

    @property
    def media(self) -> Any:
        return super().media + AUTOCOMPLETE_MEDIA

    @admin.display(description=_("name"))
    def name(self, lead: Lead) -> str:
        return str(lead)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        return super().get_queryset(request).defer("search")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Lead], search_term: str
    ) -> tuple[QuerySet[Lead], bool]:
        """Find as the staff's list does, by the index that is there for it, or by the lead's id."""
        if not search_term.strip():
            return queryset, False
        try:
            return queryset.filter(pk=UUID(search_term.strip())), False
        except ValueError:
            query = lead_query(search_term)
        return queryset.filter(search=Query(query)) if query else queryset.none(), False

    # --- One lead ---------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Lead | None = None) -> Any:
        return self.add_fieldsets if obj is None else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Lead | None = None) -> Any:
        return () if obj is None else ("account", "created_at", "updated_at", "id", "metadata")

    def has_change_permission(self, request: HttpRequest, obj: Lead | None = None) -> bool:
        is_gone = obj is not None and obj.deleted_at is not None
        return not is_gone and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Lead | None = None) -> bool:
        """Deny what Django would do: here nothing is deleted for good."""
        return False

    def has_remove_permission(self, request: HttpRequest, obj: Lead | None = None) -> bool:
        return self.may(request, "delete", obj)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        lead = self.get_object(request, object_id)
        if lead is not None and request.method == "GET" and self.has_view_permission(request, lead):
            audit.tell_of_look(lead)
            may_remove = self.has_remove_permission(request, lead)
            shown = {**timeline_context(request, lead), "may_remove": may_remove}
            extra_context = {**shown, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Lead, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        """Change a lead as its page does, so that an activity tells of it."""
        if not change:
            obj.save()
            return
        changes = {name: form.cleaned_data[name] for name in form.changed_data if name in FIELDS}
        # The form has set the new values already; what they were is in the database.
        before = Lead.objects.select_related("owner").get(pk=obj.pk)
        seen = {name: getattr(before, name) for name in changes}
        change_lead(membership_for(user_of(request), obj.account), obj.pk, changes, seen)

    # --- Deleting and restoring -------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(partial(self.remove_or_restore, name=name)),
                name=f"leads_lead_{name}",
            )
            for name in ("remove", "restore")
        ]
        return [*pages, *super().get_urls()]

    def remove_or_restore(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        lead = self.get_object(request, object_id)
        if lead is None:
            raise Http404
        if not self.has_remove_permission(request, lead):
            raise PermissionDenied
        if request.method == "POST":
            self._do(request, name, [lead])
            return redirect(reverse("admin:leads_lead_change", args=[lead.pk]))
        return self._ask(request, name, [lead])

    @admin.action(description=_("Delete selected leads (can be restored)"), permissions=["remove"])
    def delete_selected_leads(
        self, request: HttpRequest, queryset: QuerySet[Lead]
    ) -> HttpResponseBase | None:
        return self._selected(request, "remove", queryset)

    @admin.action(description=_("Restore selected leads"), permissions=["remove"])
    def restore_selected_leads(
        self, request: HttpRequest, queryset: QuerySet[Lead]
    ) -> HttpResponseBase | None:
        return self._selected(request, "restore", queryset)

    def _selected(
        self, request: HttpRequest, name: str, queryset: QuerySet[Lead]
    ) -> HttpResponseBase | None:
        leads = [lead for lead in queryset if self.has_remove_permission(request, lead)]
        if "confirmed" not in request.POST:
            action = "delete_selected_leads" if name == "remove" else "restore_selected_leads"
            return self._ask(request, name, leads, action)
        self._do(request, name, leads)
        return None

    def _ask(
        self, request: HttpRequest, name: str, leads: list[Lead], action: str = ""
    ) -> HttpResponse:
        return confirm(self, request, _QUESTIONS[name], leads, action=action)

    def _do(self, request: HttpRequest, name: str, leads: list[Lead]) -> None:
        verb, said = (delete_lead, "Deleted.") if name == "remove" else (restore_lead, "Restored.")
        done = 0
        for lead in leads:
            if verb(membership_for(user_of(request), lead.account), lead):
                self.log_change(request, lead, said)
                done += 1
        text = (
            ngettext("%(count)d lead is deleted.", "%(count)d leads are deleted.", done)
            if name == "remove"
            else ngettext("%(count)d lead is restored.", "%(count)d leads are restored.", done)
        )
        self.message_user(request, text % {"count": done}, messages.SUCCESS)

    # --- Exporting --------------------------------------------------------------------------------

    @admin.action(description=_("Export selected leads as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponseBase:
        return export.as_csv(queryset, audit.current())

    @admin.action(
        description=_("Export selected leads as JSON, with their histories"), permissions=["view"]
    )
    def export_json(self, request: HttpRequest, queryset: QuerySet[Lead]) -> HttpResponseBase:
        return export.as_json(queryset, audit.current())
