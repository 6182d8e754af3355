"""A delivery as the request that it came in as: what anymail's views read."""

from io import BytesIO
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIRequest

from timeline.webhooks.email.forms import parse_form
from timeline.webhooks.provider import Received


def request_of(received: Received) -> WSGIRequest:
    """Return the request; raises ValueError for a form that cannot be read."""
    parts = urlsplit(received.url)
    is_secure = parts.scheme == "https"
    content_type = received.headers.get("content-type", "")
    environ = {
        "REQUEST_METHOD": "POST",
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if is_secure else 80)),
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(received.body)),
        "wsgi.url_scheme": parts.scheme or "https",
        "wsgi.input": BytesIO(),
        **{f"HTTP_{_named(name)}": value for name, value in received.headers.items()},
    }
    request = WSGIRequest(environ)
    # Where Django keeps what it has read; read by itself, it would refuse mails of a few megabytes.
    request._body = received.body
    form = parse_form(content_type, received.body)
    if form is not None:
        request._post, request._files = form  # type: ignore[attr-defined]
    return request


def _named(header: str) -> str:
    return header.upper().replace("-", "_")
