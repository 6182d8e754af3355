"""Asking an application as a server does."""

import io
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Sent(NamedTuple):
    status: str
    headers: dict[str, str]
    body: bytes


def ask(application: Application, path: str, method: str = "GET", **headers: str) -> Sent:
    path, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "HTTP_HOST": "localhost",
        "REMOTE_ADDR": "203.0.113.7",
        "HTTP_X_REQUEST_ID": "handler-test",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }
    said: list[Any] = []
    body = application(environ, lambda status, headers: said.extend((status, dict(headers))))
    content = b"".join(body)
    # A server calls it where there is one.
    getattr(body, "close", lambda: None)()
    return Sent(said[0], said[1], content)
