"""The public API's addresses, below /api/."""

from django.urls import re_path

from timeline.api.views import LeadHistory

urlpatterns = [
    # With or without a slash at the end, and never a redirect: a redirect would drop the key.
    re_path(r"^public/leads/(?P<lead_id>[^/]+)/history/?\Z", LeadHistory.as_view(), name="history"),
]
