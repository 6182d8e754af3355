"""What the lead list can be narrowed down to; the filters stand in the page's address."""

from collections.abc import Iterable, Mapping
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

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
