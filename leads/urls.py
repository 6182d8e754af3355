"""Signing in, and who one is when signed in."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from leads import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("switch/", views.switch_account, name="switch-account"),
    # An address is the administrator's to change; what is one's own is how one signs in.
    path("email/", RedirectView.as_view(pattern_name="mfa_index")),
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
]

if settings.OIDC_ISSUER:
    urlpatterns += [
        path("3rdparty/", include("allauth.socialaccount.urls")),
        path("", include("allauth.socialaccount.providers.openid_connect.urls")),
    ]
