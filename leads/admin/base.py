"""What all lists and forms of the admin share: whose rows they show, and that they stay fast."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import capfirst

from leads.models import User
from leads.roles import accounts_allowing, may, permission_for


class BoundedPaginator(Paginator):  # type: ignore[type-arg] # generic in the stubs alone
    """Counts no further than `LIMIT`: beyond it one searches or filters, nobody pages there."""

    LIMIT: ClassVar[int] = 10_000

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment] # of a changelist
        return rows.order_by()[: self.LIMIT].count()


class OfAccount(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    """Rows of accounts: a person sees and does what their role in the row's account allows."""

    # Leads from a row to its account's id, as a lookup and as an attribute.
    account_path: ClassVar[str] = "account_id"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        accounts = accounts_allowing(user_of(request), permission_for("view", self.model))
        return rows if accounts is None else rows.filter(**{f"{self.account_path}__in": accounts})

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Leave out the account for who sees only one."""
        accounts = accounts_allowing(user_of(request), permission_for("view", self.model))
        is_one = accounts is not None and len(accounts) == 1
        return [name for name in self.list_display if name != "account" or not is_one]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changelist = super().get_changelist_instance(request)
        changelist.title = capfirst(str(self.opts.verbose_name_plural))
        return changelist

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "delete", obj)

    def may(self, request: HttpRequest, verb: str, obj: Any = None) -> bool:
        """Tell whether who asks may do this to the row, or without one to any."""
        account_id = None if obj is None else getattr(obj, self.account_path)
        return may(user_of(request), permission_for(verb, self.model), account_id)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer choices without Django's buttons to change, in passing, what is chosen."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(field, "widget", None)
        if isinstance(widget, RelatedFieldWidgetWrapper):
            field.widget = widget.widget  # type: ignore[union-attr] # it has one
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer, and take, the accounts in which who asks may add such a row."""
        if db_field.name == "account":
            accounts = accounts_allowing(user_of(request), permission_for("add", self.model))
            choices = db_field.remote_field.model.objects.all()
            kwargs["queryset"] = choices if accounts is None else choices.filter(pk__in=accounts)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ReadOnly(OfAccount):
    """Rows that are looked at: who could change them would change what happened."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Keyset(ChangeList):
    """A list by falling primary key that is never counted: a page costs the same wherever it is.

    The page's parameter says where it begins: `older.<key>` or `newer.<key>`.
    """

    older = newer = ""
    # What finds the first and the last day of the list by an index.
    date_order = "pk"

    @property
    def order(self) -> Any:
        return F("pk")

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        return [self.order.desc()]

    def get_results(self, request: HttpRequest) -> None:
        way, _, text = request.GET.get(PAGE_VAR, "").partition(".")
        key, rows = self._key(text), self.queryset
        backwards = key is not None and way == "newer"
        if backwards:
            rows = rows.filter(pk__gt=key).order_by(self.order)
        elif key is not None:
            rows = rows.filter(pk__lt=key)
        found = list(rows[: self.list_per_page + 1])
        more, found = len(found) > self.list_per_page, found[: self.list_per_page]
        if backwards:
            found.reverse()
        self._show(found, older=more or backwards, newer=more if backwards else key is not None)

    def _key(self, text: str) -> Any:
        try:
            return self.lookup_opts.pk.to_python(text) if text else None
        except ValidationError:
            return None

    def _show(self, found: list[Any], *, older: bool, newer: bool) -> None:
        self.result_list = found
        self.result_count = len(found)
        self.full_result_count = None
        self.show_full_result_count = self.can_show_all = self.multi_page = False
        self.show_admin_actions = True
        self.paginator = None
        if found and older:
            self.older = self.get_query_string({PAGE_VAR: f"older.{found[-1].pk}"})
        if found and newer:
            self.newer = self.get_query_string({PAGE_VAR: f"newer.{found[0].pk}"})


def user_of(request: HttpRequest) -> User:
    """Return who asks: in the admin somebody is signed in."""
    return request.user  # type: ignore[return-value]


def moment(at: datetime) -> str:
    """Return the time to the minute, in the reader's zone and language."""
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")
