"""The pages that do one thing to one key. Each is asked for with GET and done with POST."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from leads import services
from leads.access import leads_of
from leads.admin.base import user_of
from leads.admin.confirm import Question, confirm
from leads.admin.key_forms import ExtendForm, RotateForm, end_of
from leads.models import ApiKey, Scope

if TYPE_CHECKING:
    from leads.admin.keys import KeyAdmin


def revoke(admin: "KeyAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    key = _key(admin, request, object_id)
    if request.method == "POST":
        services.revoke_api_key(key)
        admin.log_change(request, key, "Revoked.")
        messages.success(request, _("%(key)s is revoked: its next call is refused.") % {"key": key})
        return _to(key)
    question = Question(
        _("Revoke this key?"),
        _("It stops working with the next request, everywhere, and cannot be brought back."),
        _("Revoke"),
        is_danger=True,
    )
    return confirm(admin, request, question, [key])


@sensitive_variables("made")
def rotate(admin: "KeyAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    key = _key(admin, request, object_id)
    if not key.is_active():
        messages.error(request, _("Only a key that works can be rotated."))
        return _to(key)
    form = RotateForm(request.POST or None)
    if not form.is_valid():
        question = Question(
            _("Rotate this key"),
            _("A new key with the same name, scopes and limits is made and shown once."),
            _("Rotate"),
        )
        return confirm(admin, request, question, [key], form=form)
    if ApiKey.objects.filter(pk=form.cleaned_data["key_id"]).exists():
        return shown_already(request, form.cleaned_data["key_id"])
    made = services.rotate_api_key(
        key,
        timedelta(hours=form.cleaned_data["grace"]),
        expires_at=end_of(form.cleaned_data["last_day"]),
        created_by=user_of(request),
        key_id=form.cleaned_data["key_id"],
    )
    admin.log_change(request, key, f"Rotated: replaced by {made[0].prefix}….")
    admin.log_addition(request, made[0], [{"added": {}}])
    return show_once(admin, request, *made)


def extend(admin: "KeyAdmin", request: HttpRequest, object_id: str) -> HttpResponse:
    key = _key(admin, request, object_id)
    form = ExtendForm(request.POST or None)
    if form.is_valid():
        services.extend_api_key(key, end_of(form.cleaned_data["last_day"]))
        admin.log_change(request, key, [{"changed": {"fields": ["expires at"]}}])
        messages.success(request, _("%(key)s has a new last day.") % {"key": key})
        return _to(key)
    question = Question(
        _("Extend this key"),
        _("The key stays the same; whoever uses it need do nothing."),
        _("Extend"),
    )
    return confirm(admin, request, question, [key], form=form)


@sensitive_variables("key")
def show_once(
    admin: "KeyAdmin", request: HttpRequest, api_key: ApiKey, key: str
) -> TemplateResponse:
    """Show the key, in this one answer: it is in no session, message, log or cache of ours."""
    context = {
        **admin.admin_site.each_context(request),
        "opts": admin.model._meta,
        "title": _("Your new key"),
        "api_key": api_key,
        "key": key,
        "address": _address(api_key),
        "change_url": _change_url(api_key.pk),
    }
    answer = TemplateResponse(request, "admin/leads/apikey/created.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def shown_already(request: HttpRequest, key_id: Any) -> HttpResponseRedirect:
    """Answer a form that was sent again: by a reload, say."""
    messages.info(request, _("This key was made and shown already. It cannot be shown again."))
    return redirect(_change_url(key_id))


def _address(api_key: ApiKey) -> str:
    """Return where a first call goes: a history that is there, if the key may read it."""
    if Scope.HISTORY_READ not in api_key.scopes:
        return f"{settings.PUBLIC_URL}/api/public/leads"
    newest = leads_of(api_key.account_id).order_by("-created_at", "-id").only("pk").first()
    return f"{settings.PUBLIC_URL}/api/public/leads/{newest.pk if newest else 'LEAD_ID'}/history"


def _key(admin: "KeyAdmin", request: HttpRequest, object_id: str) -> ApiKey:
    key: ApiKey | None = admin.get_object(request, object_id)
    if key is None:
        raise Http404
    if not admin.has_change_permission(request, key):
        raise PermissionDenied
    return key


def _to(key: ApiKey) -> HttpResponseRedirect:
    return redirect(_change_url(key.pk))


def _change_url(key_id: Any) -> str:
    return reverse("admin:leads_apikey_change", args=[key_id])
