"""Filters of the admin's lists."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leads.key_states import State, keys_in
from leads.models import ApiKey, Lead

# What a list with such a filter must load.
AUTOCOMPLETE_MEDIA = AutocompleteSelect(Lead._meta.get_field("account"), admin.site).media


class AutocompleteFilter(admin.FieldListFilter):
    """By one row of another table, which may be long: found by typing."""

    template = "admin/autocomplete_filter.html"

    def __init__(
        self,
        field: Any,
        request: HttpRequest,
        params: dict[str, Any],
        model: Any,
        model_admin: Any,
        field_path: str,
    ) -> None:
        self.parameter = f"{field_path}__id__exact"
        super().__init__(field, request, params, model, model_admin, field_path)
        self.title = field.verbose_name
        other = model_admin.admin_site._registry[field.remote_field.model]
        self.choice = forms.ModelChoiceField(
            queryset=other.get_queryset(request),
            widget=AutocompleteSelect(field, model_admin.admin_site),
        )
        self.request = request

    def expected_parameters(self) -> list[Any]:
        return [self.parameter]

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Give the template the one form that this filter is."""
        values: Any = self.used_parameters.get(self.parameter)
        value = values[-1] if values else ""
        rest = {**changelist.filter_params}
        rest.pop(self.parameter, None)
        yield {
            "control": self.choice.widget.render(
                self.parameter, value, {"id": f"filter-{self.parameter}", "aria-label": self.title}
            ),
            "rest": [(name, each) for name, values in rest.items() for each in values],
            "is_on": bool(value),
            "off": changelist.get_query_string(remove=[self.parameter]),
        }


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(State.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        state = self.value()
        if state not in State.values:
            return queryset
        return queryset.filter(keys_in(State(state), timezone.now()))


class DeletedFilter(admin.SimpleListFilter):
    """Deleted leads are a list of their own; both at once would need no index that there is."""

    title = _("deleted")
    parameter_name = "deleted"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Deleted leads"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("Leads")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Lead]) -> QuerySet[Lead]:
        if self.value() == "yes":
            return queryset.exclude(deleted_at=None)
        return queryset.filter(deleted_at=None)
