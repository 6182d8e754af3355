"""Every address of Leadline."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from config import api_docs
from config.icons import icons
from timeline.file_views import file
from timeline.lead_list import lead_list
from timeline.styleguide import styleguide

# One door for all: with its rates, and the second factor of those who have one.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="lead-list")),
    path("leads/", lead_list, name="lead-list"),
    path("leads/<uuid:lead_id>/", include("timeline.urls")),
    path("files/<uuid:file_id>/", file, name="file"),
    path("accounts/", include("leads.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("icons/<slug:digest>.svg", icons, name="icons"),
    path("api/", include("timeline.api.urls")),
    re_path(r"^api/schema/?\Z", api_docs.ApiSchema.as_view(), name="api-schema"),
    re_path(r"^api/docs/?\Z", api_docs.docs, name="api-docs"),
    path("admin/", admin.site.urls),
]

if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
