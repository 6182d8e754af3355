"""Django's WSGI handler, less what reads of the API and idle polls have no use for."""

from collections.abc import Iterable, Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.handlers.wsgi import WSGIHandler, get_script_name
from django.urls import set_script_prefix

from config.data import is_data
from config.idle import is_idle, is_poll
from leads.api.answers import Answer


class Handler(WSGIHandler):
    """Answer reads of data without the signals around a request, idle polls without any layer, and
    all else as Django does.

    At `request_started` and `request_finished` Django looks through its databases for connections
    that broke or grew old. Reads of data replace a broken one when they meet it (`leads.prepared`),
    none grows old, and looking costs a tenth of such a request.
    """

    def __call__(  # type: ignore[override] # the stubs ask for more than WSGI does
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            path = environ["PATH_INFO"]
            if is_data(path):
                return self._data(environ, start_response)
            if is_poll(path) and is_idle(self.request_class(environ)):
                start_response("204 No Content", [("Cache-Control", "no-store, private")])
                return ()
        return super().__call__(environ, start_response)

    def _data(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if name := get_script_name(environ):
            # Where there is none, there is none in any request.
            set_script_prefix(name)
        response = self.get_response(self.request_class(environ))
        start_response(f"{response.status_code} {response.reason_phrase}", [*response.items()])
        return _Sent(response) if isinstance(response, Answer) else response


class _Sent:
    """An answer on its way, and what is to be done once it is out."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield self._answer.content

    def close(self) -> None:
        self._answer.note()
