"""API keys in the admin: made, shown once, watched, rotated, extended, revoked; never deleted."""

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables

from leads import audit, services
from leads.admin import key_pages
from leads.admin.base import OfAccount, moment, user_of
from leads.admin.chart import chart
from leads.admin.confirm import Question, confirm
from leads.admin.filters import AUTOCOMPLETE_MEDIA, AutocompleteFilter, StateFilter
from leads.admin.key_forms import KeyForm, NewKeyForm, end_of
from leads.audit_models import Action
from leads.key_states import state_of
from leads.models import ApiKey
from leads.roles import accounts_allowing
from leads.usage import Usage, usage_of


@admin.register(ApiKey)
class KeyAdmin(OfAccount):
    change_form_template = "admin/leads/apikey/change_form.html"
    list_display = ("name", "shown", "account", "may_do", "state", "last_used", "requests")
    list_display_links = ("name", "shown")
    list_filter = (StateFilter, ("account", AutocompleteFilter))
    list_select_related = ("account",)
    search_fields = ("name", "prefix")
    search_help_text = _("Name, or the beginning of the key")
    sortable_by = ("name",)
    autocomplete_fields = ("account",)
    actions = ("revoke_selected",)
    add_fieldsets: ClassVar = (
        (None, {"fields": ("account", "name", "scopes", "key_id")}),
        (_("Limits"), {"fields": ("last_day", "rate_per_minute", "allowed_networks")}),
    )
    fieldsets = (
        (None, {"fields": ("name", "account", "shown", "state", "scopes")}),
        (_("Limits"), {"fields": ("expires_at", "rate_per_minute", "allowed_networks")}),
        (_("Use"), {"fields": ("last_used", "requests", "addresses")}),
        (_("Origin"), {"fields": ("created_at", "maker", "replaces", "revoked_at")}),
    )
    known = (
        "account", "shown", "state", "expires_at", "last_used", "requests", "addresses",
        "created_at", "maker", "replaces", "revoked_at",
    )  # fmt: skip

    # --- Lists and columns ------------------------------------------------------------------------

    @property
    def media(self) -> Any:
        return super().media + AUTOCOMPLETE_MEDIA

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        keys = list(changelist.result_list)
        usage = usage_of(keys)
        for key in keys:
            key.__dict__["usage"] = usage[key.pk]
        changelist.result_list = keys
        return changelist

    @admin.display(description=_("key"))
    def shown(self, key: ApiKey) -> SafeString:
        return format_html("<code>{}…</code>", key.prefix)

    @admin.display(description=_("scopes"))
    def may_do(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(description=_("state"))
    def state(self, key: ApiKey) -> SafeString:
        state = state_of(key, timezone.now())
        end = key.revoked_at or key.expires_at
        when = moment(end) if end else ""
        return format_html(
            '<span class="state state-{}">{}</span> <span class="quiet">{}</span>',
            state, state.label, when,
        )  # fmt: skip

    @admin.display(description=_("last used"))
    def last_used(self, key: ApiKey) -> str | SafeString:
        if key.last_used_at is None:
            return "—"
        source = key.last_used_from or _("unknown")
        return format_html("{} <code>{}</code>", naturaltime(key.last_used_at), source)

    @admin.display(description=_("requests"))
    def requests(self, key: ApiKey) -> SafeString:
        return chart(_usage(key))

    @admin.display(description=_("used from, in the last 30 days"))
    def addresses(self, key: ApiKey) -> str:
        return ", ".join(_usage(key).addresses) or "—"

    @admin.display(description=_("created by"))
    def maker(self, key: ApiKey) -> str:
        return str(key.created_by or "—")

    # --- Forms ------------------------------------------------------------------------------------

    def get_form(
        self,
        request: HttpRequest,
        obj: ApiKey | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's
        **kwargs: Any,
    ) -> Any:
        kwargs["form"] = KeyForm if change else NewKeyForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return self.add_fieldsets if obj is None else self.fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return () if obj is None else self.known

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        accounts = accounts_allowing(user_of(request), "leads.add_apikey")
        only = {"account": str(*accounts)} if accounts and len(accounts) == 1 else {}
        return {**only, **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        is_over = obj is not None and obj.revoked_at is not None
        return not is_over and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    # --- What is done -----------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        sent = _uuid(request.POST.get("key_id", ""))
        if sent and self.has_add_permission(request) and ApiKey.objects.filter(pk=sent).exists():
            return key_pages.shown_already(request, sent)
        # What comes next is the key, whatever one would like to do then.
        only_save = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**only_save, **(extra_context or {})})

    @sensitive_variables("key")
    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        if change:
            obj.save(update_fields=form.changed_data)
            if form.changed_data:
                audit.tell_of_key(Action.KEY_CHANGED, obj, ", ".join(form.changed_data))
            return
        made, key = services.create_api_key(
            obj.account,
            obj.name,
            obj.scopes,
            rate_per_minute=obj.rate_per_minute,
            expires_at=end_of(form.cleaned_data["last_day"]),
            allowed_networks=obj.allowed_networks,
            created_by=user_of(request),
            key_id=form.cleaned_data["key_id"],
        )
        obj.__dict__.update(made.__dict__)
        # From here to `response_add`, on the request that is being answered, and nowhere else.
        request.__dict__["made_key"] = key

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        return key_pages.show_once(self, request, obj, request.__dict__.pop("made_key"))

    @admin.action(description=_("Revoke selected keys"), permissions=["change"])
    def revoke_selected(
        self, request: HttpRequest, queryset: QuerySet[ApiKey]
    ) -> HttpResponseBase | None:
        keys = [key for key in queryset if self.has_change_permission(request, key)]
        if "confirmed" not in request.POST:
            question = Question(
                _("Revoke these keys?"),
                _("They stop working with the next request and cannot be brought back."),
                _("Revoke"),
                is_danger=True,
            )
            return confirm(self, request, question, keys, action="revoke_selected")
        for key in keys:
            services.revoke_api_key(key)
            self.log_change(request, key, "Revoked.")
        text = ngettext("%(count)d key is revoked.", "%(count)d keys are revoked.", len(keys))
        self.message_user(request, text % {"count": len(keys)}, messages.SUCCESS)
        return None

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(partial(page, self)),
                name=f"leads_apikey_{name}",
            )
            for name, page in (
                ("revoke", key_pages.revoke),
                ("rotate", key_pages.rotate),
                ("extend", key_pages.extend),
            )
        ]
        return [*pages, *super().get_urls()]


def _usage(key: ApiKey) -> Usage:
    usage: Usage | None = key.__dict__.get("usage")
    return usage or usage_of([key])[key.pk]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
