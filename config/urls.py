"""Every address of Leadline."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/", include("timeline.api.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
