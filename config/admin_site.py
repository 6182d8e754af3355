"""The admin's site: its front page, and who acts in it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig as DjangosAdminConfig
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _


class AdminConfig(DjangosAdminConfig):
    default_site = "config.admin_site.Site"


class Site(AdminSite):
    """Leadline's admin."""

    site_title = "Leadline"
    site_header = _("Leadline administration")
    index_title = _("Administration")
    site_url = "/leads/"
    # The front page has it all; lists need the width.
    enable_nav_sidebar = False

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        return super().admin_view(_attributed(view), cacheable)

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        from leads.admin import front as leads  # noqa: PLC0415 - models are not there at first
        from timeline.admin import front as timeline  # noqa: PLC0415

        user: Any = request.user
        figures = {**leads.figures(user), **timeline.figures(user)}
        return super().index(request, {**figures, **(extra_context or {})})


def _attributed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Have the audit trail told of what the view does as the doing of who is signed in."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        from leads import audit  # noqa: PLC0415 - models are not there at first
        from leads.authentication import address_of  # noqa: PLC0415

        actor: Any = request.user
        with audit.acting(audit.Actor(actor, address_of(request))):
            return view(request, *args, **kwargs)

    return inner
