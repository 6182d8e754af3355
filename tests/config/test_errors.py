"""Errors at the two sides of /api/: JSON there, pages elsewhere."""

import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.test import Client, RequestFactory
from django.urls import path
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView

from config import errors, request_id
from config.request_id import RequestIdFilter
from tests.conftest import ApiClient

RAISED: dict[str, Exception] = {
    "nothing": Http404("not to be told"),
    "denied": PermissionDenied("not to be told"),
    "suspicious": SuspiciousOperation("not to be told"),
    "broken": RuntimeError("not to be told"),
}


class Api(APIView):
    authentication_classes = ()
    permission_classes = ()

    def get(self, _request: Request, what: str) -> HttpResponse:
        raise RAISED.get(what) or exceptions.ParseError("this is said")


def plain(_request: HttpRequest, what: str) -> HttpResponse:
    if what == "method":
        return HttpResponseNotAllowed(["GET"])
    raise RAISED[what]


urlpatterns = [
    path("api/view/<what>", Api.as_view()),
    path("api/plain/<what>", plain),
]
handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.not_found
handler500 = errors.server_error

pytestmark = pytest.mark.urls(__name__)

EXPECTED = {
    "nothing": (404, "Not found", "There is nothing at this address"),
    "denied": (403, "Forbidden", "You may not do this"),
    "suspicious": (400, "Invalid request", "The request could not be understood"),
    "broken": (500, "Internal server error", "Something went wrong on our side; please quote"),
}


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("kind", ["view", "plain"])
@pytest.mark.parametrize("what", EXPECTED)
def test_whatever_is_raised_under_api_is_answered_in_json_and_not_told(
    settings: Any, what: str, kind: str, debug: bool
) -> None:
    settings.DEBUG = debug
    answer = ApiClient(None).get(f"/api/{kind}/{what}")
    status, error, message = EXPECTED[what]
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert list(answer.json()) == ["error", "message"]
    assert answer.json()["error"] == error
    assert answer.json()["message"].startswith(message)
    assert "not to be told" not in answer.content.decode()


def test_a_refusal_of_a_view_says_what_it_has_to_say() -> None:
    answer = ApiClient(None).get("/api/view/parse")
    assert answer.status_code == 400
    assert answer.json() == {"error": "Invalid request", "message": "this is said"}


def test_a_plain_405_keeps_the_methods_there_are() -> None:
    answer = ApiClient(None).get("/api/plain/method")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET"
    assert answer.json()["error"] == "Method not allowed"


@pytest.mark.django_db
@pytest.mark.urls("config.urls")
def test_elsewhere_errors_are_pages() -> None:
    answer = Client(raise_request_exception=False).get("/nowhere")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("kind", ["view", "plain"])
def test_a_failure_is_logged_once_with_its_trace_and_request_id(
    caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.handler.addFilter(RequestIdFilter())
    answer = ApiClient(None).get(f"/api/{kind}/broken")
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info is not None
    assert record.exc_info[1] is RAISED["broken"]
    assert record.request_id == answer.headers["X-Request-Id"]  # type: ignore[attr-defined] # ours
    assert answer.headers["X-Request-Id"] in answer.json()["message"]


def test_refusals_are_logged_under_their_request_id(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(RequestIdFilter())
    answer = ApiClient(None).get("/api/view/nothing")
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.request_id == answer.headers["X-Request-Id"]  # type: ignore[attr-defined] # ours


def test_the_requests_id_is_known_while_it_runs() -> None:
    seen: list[str] = []

    def get_response(_request: HttpRequest) -> HttpResponse:
        seen.append(request_id.current())
        return HttpResponse()

    middleware = request_id.RequestIdMiddleware(get_response)
    response = middleware(RequestFactory().get("/", headers={"X-Request-Id": "trace-01"}))
    assert seen == [response.headers["X-Request-Id"]] == ["trace-01"]
