"""Channels in the admin: made, given their secrets, tried and watched; never deleted."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from leads import audit
from leads.admin.base import OfAccount, user_of
from leads.admin.confirm import Question, confirm
from leads.admin.filters import AUTOCOMPLETE_MEDIA, AutocompleteFilter
from leads.audit_models import Action
from leads.roles import accounts_allowing
from timeline.admin.channel_forms import NewChannelForm, fields_of, form_of
from timeline.admin.replaying import replay_soon
from timeline.channel_check import address_of, findings, may_rehearse, rehearse
from timeline.channel_health import COUNTED, Count, Health, health_of
from timeline.inbox_models import Delivery, ProviderChannel
from timeline.webhooks import PROVIDERS

State = Delivery.State
# What can be replayed with a different outcome.
TROUBLED = (State.SET_ASIDE, State.FAILED)


@admin.register(ProviderChannel)
class ChannelAdmin(OfAccount):
    change_form_template = "admin/timeline/providerchannel/change_form.html"
    list_display = (
        "name", "provided_by", "address", "account", "is_active", "last_delivery", "lately",
    )  # fmt: skip
    list_filter = ("is_active", ("account", AutocompleteFilter))
    list_select_related = ("account",)
    search_fields = ("name", "address")
    search_help_text = _("Name or address")
    ordering = ("name", "id")
    sortable_by = ("name",)
    autocomplete_fields = ("account",)
    add_fieldsets: ClassVar = ((None, {"fields": NewChannelForm.Meta.fields}),)
    known = ("account", "provided_by", "webhook", "last_delivery", "troubles", "created_at")

    # --- Lists and columns ------------------------------------------------------------------------

    @property
    def media(self) -> Any:
        return super().media + AUTOCOMPLETE_MEDIA

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        changelist = super().get_changelist_instance(request)
        channels = list(changelist.result_list)
        health = health_of([channel.pk for channel in channels])
        for channel in channels:
            channel.__dict__["health"] = health[channel.pk]
        changelist.result_list = channels
        return changelist

    @admin.display(description=_("provider"))
    def provided_by(self, channel: ProviderChannel) -> str:
        provider = PROVIDERS.get(channel.provider)
        return provider.label if provider else channel.provider

    @admin.display(description=_("webhook's address"))
    def webhook(self, channel: ProviderChannel) -> SafeString:
        return format_html(
            '<span class="secret-line"><code id="webhook">{}</code>'
            '<button type="button" class="button" data-copy="#webhook" data-copied="{}">{}</button>'
            "</span>",
            address_of(channel), _("Copied"), _("Copy"),
        )  # fmt: skip

    @admin.display(description=_("last delivery"))
    def last_delivery(self, channel: ProviderChannel) -> str:
        at = _health(channel).last_at
        return naturaltime(at) if at else str(_("never"))

    @admin.display(description=_("in the last 24 hours"))
    def lately(self, channel: ProviderChannel) -> SafeString:
        health = _health(channel)
        state, label = ("failing", _("Fails")) if health.is_failing else ("active", _("Fine"))
        parts = [
            f"{_number(count.day)} {name.label.lower()}"
            for name, count in _troubles(health)
            if count.day
        ]
        return format_html(
            '<span class="state state-{}">{}</span> <span class="quiet">{}</span>',
            state, label, ", ".join(parts),
        )  # fmt: skip

    @admin.display(description=_("in the last 24 hours and 30 days"))
    def troubles(self, channel: ProviderChannel) -> SafeString:
        lines = (
            format_html(
                '<a href="{}">{}</a>: {} · {}',
                _deliveries(channel, state), state.label, _number(count.day), _number(count.month),
            )
            for state, count in _troubles(_health(channel))
        )  # fmt: skip
        return SafeString("<br>".join(lines))

    # --- Forms ------------------------------------------------------------------------------------

    def get_form(
        self,
        request: HttpRequest,
        obj: ProviderChannel | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's
        **kwargs: Any,
    ) -> Any:
        provider = PROVIDERS.get(obj.provider) if obj else None
        kwargs["form"] = form_of(provider, obj) if obj else NewChannelForm
        if provider is not None:
            kwargs["labels"] = {"address": provider.address_label}
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: ProviderChannel | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        provider = PROVIDERS.get(obj.provider)
        secrets = fields_of(provider, obj) if provider else []
        may_change = self.has_change_permission(request, obj)
        told = {"fields": ("last_delivery", "troubles", "created_at")}
        return [
            (None, {"fields": ("name", "account", "provided_by", "address", "webhook")}),
            (None, {"fields": ("is_active", "creates_leads")}),
            *([(_("Secrets"), {"fields": secrets})] if secrets and may_change else []),
            (_("Deliveries"), told),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: ProviderChannel | None = None) -> Any:
        return () if obj is None else self.known

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        accounts = accounts_allowing(user_of(request), "timeline.add_providerchannel")
        only = {"account": str(*accounts)} if accounts and len(accounts) == 1 else {}
        return {**only, **super().get_changeform_initial_data(request)}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """With a channel would go what it delivered, and with that why entries are where they are:
        one that is over is made inactive.
        """
        return False

    # --- What is done -----------------------------------------------------------------------------

    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        super().save_model(request, obj, form, change)
        action = Action.CHANNEL_CHANGED if change else Action.CHANNEL_ADDED
        audit.tell_of_channel(
            action, obj.account_id, obj.pk, obj.name, ", ".join(form.changed_data)
        )

    def response_add(
        self, request: HttpRequest, obj: ProviderChannel, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Lead on to the secrets, whatever one would like to do then."""
        text = _("%(channel)s is there. Enter its secrets, and its address at the provider.")
        self.message_user(request, text % {"channel": obj.name}, messages.SUCCESS)
        return redirect(reverse("admin:timeline_providerchannel_change", args=[obj.pk]))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        only_save = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, {**only_save, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"<path:object_id>/{name}/",
                self.admin_site.admin_view(page),
                name=f"timeline_providerchannel_{name}",
            )
            for name, page in (("check", self.check_page), ("replay", self.replay_page))
        ]
        return [*pages, *super().get_urls()]

    def check_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show whether the channel is set up; posted to, deliver a sample to it."""
        channel = self._own(request, object_id)
        found = list(findings(channel))
        if request.method == "POST" and may_rehearse(channel):
            audit.tell_of_channel(
                Action.CHANNEL_TESTED, channel.account_id, channel.pk, channel.name
            )
            found.append(rehearse(channel))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Test of %(channel)s") % {"channel": channel},
            "channel": channel,
            "findings": found,
            "may_rehearse": may_rehearse(channel),
            "health": _health(channel),
            "lately": _lately(channel),
        }
        template = "admin/timeline/providerchannel/check.html"
        return TemplateResponse(request, template, context)

    def replay_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have all that failed or was set aside processed anew, once it is asked for and said."""
        channel = self._own(request, object_id)
        if request.method == "POST":
            target = reverse("admin:timeline_providerchannel_change", args=[channel.pk])
            return replay_soon(self, request, _troubled(channel), target)
        question = Question(
            _("Replay all that failed or was set aside?"),
            _("Each is processed anew. What is in the timeline already stays as it is."),
            _("Replay"),
        )
        return confirm(self, request, question, [channel])

    def _own(self, request: HttpRequest, object_id: str) -> ProviderChannel:
        channel: ProviderChannel | None = self.get_object(request, object_id)
        if channel is None:
            raise Http404
        if not self.has_change_permission(request, channel):
            raise PermissionDenied
        return channel


def _troubled(channel: ProviderChannel) -> QuerySet[Delivery]:
    return Delivery.objects.filter(channel=channel, state__in=TROUBLED)


def _health(channel: ProviderChannel) -> Health:
    if "health" not in channel.__dict__:
        channel.__dict__.update(health=health_of([channel.pk])[channel.pk])
    health: Health = channel.__dict__["health"]
    return health


def _troubles(health: Health) -> list[tuple[State, Count]]:
    return [
        (State.FAILED, health.failed),
        (State.SET_ASIDE, health.set_aside),
        (State.REFUSED, health.refused),
        (State.WAITING, health.waiting),
    ]


def _lately(channel: ProviderChannel) -> list[tuple[str, str]]:
    """Return what went wrong in the last 24 hours: where it is listed, and the words for it."""
    text = _("%(state)s in the last 24 hours: %(number)s")
    return [
        (_deliveries(channel, state), text % {"state": state.label, "number": _number(count.day)})
        for state, count in _troubles(_health(channel))
        if count.day and state != State.WAITING
    ]


def _deliveries(channel: ProviderChannel, state: State) -> str:
    page = reverse("admin:timeline_delivery_changelist")
    return f"{page}?channel__id__exact={channel.pk}&state__exact={state.value}"


def _number(number: int) -> str:
    return f"{number:,}" if number < COUNTED else f"{COUNTED:,}+"
