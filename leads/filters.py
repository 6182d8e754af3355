"""What the lead list can be narrowed down to; the filters stand in the page's or API's address."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from leads.access import found_by
from leads.json_values import RefusedError, time_of
from leads.models import Lead, Membership

NOBODY = "none"


class LeadFilter(django_filters.FilterSet):  # type: ignore[misc] # django-filter is untyped
    """Status, owner, source, and the days of creation in the reader's time zone.

    A value that is none of these filters nothing; the form then says which one.
    """

    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=Lead.Status.choices, empty_label=_("Status")
    )
    owner = django_filters.ChoiceFilter(label=_("Owner"), method="by_owner", empty_label=_("Owner"))
    source = django_filters.ChoiceFilter(label=_("Source"), empty_label=_("Source"))
    created = django_filters.DateFromToRangeFilter(field_name="created_at", label=_("Created"))

    class Meta:
        model = Lead
        fields = ("status", "owner", "source", "created")

    def __init__(
        self,
        data: Mapping[str, Any],
        queryset: QuerySet[Lead],
        *,
        reader: Membership,
        colleagues: Iterable[Membership],
        sources: Iterable[str],
    ) -> None:
        super().__init__(data, queryset)
        self.filters["owner"].extra["choices"] = [
            (reader.pk, _("Me")),
            *((member.pk, str(member)) for member in colleagues if member != reader),
            (NOBODY, _("Nobody")),
        ]
        self.filters["source"].extra["choices"] = [(source, source) for source in sources]
        for field in self.form.fields.values():
            if isinstance(field.widget, forms.Select):
                field.widget.attrs["class"] = "select select-small"

    def by_owner(self, leads: QuerySet[Lead], _name: str, owner: str) -> QuerySet[Lead]:
        return leads.filter(owner=None if owner == NOBODY else int(owner))


class MomentField(forms.CharField):
    """A moment: ISO 8601, with its time zone."""

    def to_python(self, value: Any) -> datetime | None:  # type: ignore[override] # a text's field
        try:
            return time_of({"": super().to_python(value)}, "")
        except RefusedError:
            raise forms.ValidationError("must be an ISO 8601 time with its time zone") from None


class MomentFilter(django_filters.Filter):  # type: ignore[misc] # django-filter is untyped
    field_class = MomentField


class LeadQuery(django_filters.FilterSet):  # type: ignore[misc] # django-filter is untyped
    """The filters of the API's list, each exact: what is empty filters nothing."""

    source = django_filters.CharFilter(max_length=100, strip=False)
    status = django_filters.ChoiceFilter(choices=Lead.Status.choices)
    created_since = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_until = MomentFilter(field_name="created_at", lookup_expr="lt")
    search = django_filters.CharFilter(max_length=200, method="by_search")

    class Meta:
        model = Lead
        fields = ("source", "status", "created_since", "created_until", "search")

    def by_search(self, leads: QuerySet[Lead], _name: str, text: str) -> QuerySet[Lead]:
        return found_by(leads, text)

    @property
    def refusal(self) -> str | None:
        """Say which filter is wrong and what it takes, or return None."""
        for name, errors in self.form.errors.as_data().items():
            said = _SAID.get(errors[0].code or "") or str(errors[0].message)
            return f"{name} {said}"
        return None


# What is wrong, in the API's words instead of Django's.
_SAID = {
    "max_length": "is too long",
    "null_characters_not_allowed": "contains a NUL character",
    "invalid_choice": f"must be one of {', '.join(Lead.Status.values)}",
}
