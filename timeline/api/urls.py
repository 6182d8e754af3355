"""The public API's addresses, below /api/."""

from django.urls import re_path

from timeline.api.files import File
from timeline.api.views import LeadHistory
from timeline.api.webhooks import webhook

urlpatterns = [
    re_path(r"^webhooks/(?P<token>[0-9A-Za-z]{32})/?\Z", webhook, name="webhook"),
    # With or without a slash at the end, and never a redirect: a redirect would drop the key.
    # Whatever stands for the id, even a slash or nothing, is an id that does not exist.
    re_path(
        r"^public/leads/(?P<lead_id>(?s:.*))/history/?\Z", LeadHistory.as_view(), name="history"
    ),
    re_path(r"^public/files/(?P<file_id>(?s:.*?))/?\Z", File.as_view(), name="api-file"),
]
