"""Methods, addresses, request ids and failures: the same manners everywhere under /api/."""

import logging
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from config.request_id import RequestIdFilter
from leads.models import Account, Lead
from tests.conftest import ApiClient
from tests.contract.answers import compact
from tests.contract.page import record_example

# --- Methods -------------------------------------------------------------------------------------


def test_head_has_the_headers_of_get_and_no_body(api: ApiClient, account: Account) -> None:
    lead = record_example(account)
    path = f"/api/public/leads/{lead.id}/history"
    get, head = api.get(path), api.request("HEAD", path)
    assert head.status_code == 200
    assert head.content == b""
    once = {"X-Request-Id", "RateLimit-Remaining", "RateLimit-Reset"}
    assert {name: value for name, value in head.headers.items() if name not in once} == {
        name: value for name, value in get.headers.items() if name not in once
    }
    assert head.headers["Content-Length"] == str(len(get.content))


@pytest.mark.parametrize(("query", "status"), [("?limit=0", 400), ("", 404)])
def test_head_is_refused_as_get_is(api: ApiClient, query: str, status: int) -> None:
    assert api.request("HEAD", f"/api/public/leads/x/history{query}").status_code == status


ALLOWED = {
    "": "GET, HEAD, POST",
    "/x": "GET, HEAD, PATCH",
    "/x/history": "GET, HEAD, POST",
    "/x/history/y": "PATCH",
}


@pytest.mark.parametrize("path", ALLOWED)
@pytest.mark.parametrize(
    "method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]
)
def test_any_other_method_is_405_in_json_with_a_key_or_without(
    api: ApiClient, anonymous_api: ApiClient, path: str, method: str
) -> None:
    for client in (api, anonymous_api):
        answer = client.request(method, f"/api/public/leads{path}")
        if method in ALLOWED[path]:
            assert answer.status_code != 405
            continue
        assert answer.status_code == 405
        assert answer.headers["Allow"] == ALLOWED[path]
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json() == {
            "error": "Method not allowed",
            "message": f'Method "{method}" not allowed.',
        }


@pytest.mark.parametrize("path", ["/api/docs/", "/api/schema/"])
def test_the_documentation_is_only_read(path: str) -> None:
    answer = Client(HTTP_HOST="localhost", enforce_csrf_checks=True).post(path)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"
    assert answer.json()["error"] == "Method not allowed"


def test_refusals_are_in_english_whatever_was_spoken_on_the_page_before(
    api: ApiClient, lead: Lead
) -> None:
    with translation.override("es"):
        answer = api.request("PUT", f"/api/public/leads/{lead.id}/history")
    assert answer.json()["message"] == 'Method "PUT" not allowed.'


def test_a_method_in_a_header_is_not_the_method(api: ApiClient, lead: Lead) -> None:
    path = f"/api/public/leads/{lead.id}/history"
    assert api.get(path, X_HTTP_Method_Override="DELETE").status_code == 200


# --- Addresses -----------------------------------------------------------------------------------


def test_a_slash_at_the_end_makes_no_difference_and_no_redirect(
    api: ApiClient, account: Account
) -> None:
    path = f"/api/public/leads/{record_example(account).id}/history"
    with_slash, without = api.get(f"{path}/"), api.get(path)
    assert with_slash.status_code == without.status_code == 200
    assert with_slash.content == without.content


NOWHERE = ["/api/", "/api/nothing", "/api/public", "/api/public/leadsx"]


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("path", NOWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_under_api_where_nothing_is_answers_in_json(
    anonymous_api: ApiClient, settings: Any, path: str, method: str, debug: bool
) -> None:
    settings.DEBUG = debug
    answer = anonymous_api.request(method, path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Request-Id"]
    assert answer.content == compact(
        {"error": "Not found", "message": "There is nothing at this address"}
    )


@pytest.mark.parametrize("debug", [False, True])
def test_a_host_that_is_not_ours_is_refused_in_json(
    api: ApiClient, lead: Lead, settings: Any, debug: bool
) -> None:
    settings.DEBUG = debug
    answer = api.history(lead, Host="evil.example.com")
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "Invalid request",
        "message": "The request could not be understood",
    }


# --- Request ids ---------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["0123abcd", "trace-1.2_3-X", "a" * 64])
def test_a_request_id_of_the_callers_comes_back(api: ApiClient, lead: Lead, given: str) -> None:
    assert api.history(lead, X_Request_Id=given).headers["X-Request-Id"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 65, "with blank", "new\nline00", 'quote"quote', "ünïcode-id"]
)
def test_a_malformed_request_id_is_replaced(api: ApiClient, lead: Lead, given: str) -> None:
    made = api.history(lead, X_Request_Id=given).headers["X-Request-Id"]
    assert made != given
    assert len(made) == 32
    assert int(made, 16)


def test_every_request_has_an_id_of_its_own(api: ApiClient, lead: Lead) -> None:
    assert len({api.history(lead).headers["X-Request-Id"] for _ in range(5)}) == 5


@pytest.mark.parametrize("path", [*NOWHERE, "/api/public/leads/x/history"])
def test_refusals_have_a_request_id_too(anonymous_api: ApiClient, path: str) -> None:
    given = "trace-0123456789"
    assert anonymous_api.get(path, X_Request_Id=given).headers["X-Request-Id"] == given


# --- Failures of ours ----------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("a secret of the house")

    monkeypatch.setattr("timeline.api.views.read_keyed", fail)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("debug", [False, True])
def test_a_failure_of_ours_is_500_in_json_and_tells_nothing(
    api: ApiClient, lead: Lead, settings: Any, debug: bool
) -> None:
    settings.DEBUG = debug
    answer = api.history(lead)
    request_id = answer.headers["X-Request-Id"]
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.content == compact(
        {
            "error": "Internal server error",
            "message": f"Something went wrong on our side; please quote request {request_id}",
        }
    )


@pytest.mark.usefixtures("broken")
def test_the_log_has_the_whole_failure_under_the_same_request_id(
    api: ApiClient, lead: Lead, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(RequestIdFilter())
    request_id = api.history(lead).headers["X-Request-Id"]
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.request_id == request_id  # type: ignore[attr-defined] # by the filter
    assert record.exc_info
    assert "a secret of the house" in caplog.text


@pytest.mark.parametrize("debug", [False, True])
def test_a_failure_before_any_view_is_500_in_json_too(
    api: ApiClient,
    lead: Lead,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    debug: bool,
) -> None:
    def fail(*_args: Any) -> None:
        raise RuntimeError("a secret of the house")

    settings.DEBUG = debug
    caplog.handler.addFilter(RequestIdFilter())
    monkeypatch.setattr("django.middleware.security.SecurityMiddleware.process_request", fail)
    answer = api.history(lead)
    assert answer.status_code == 500
    assert answer.json()["error"] == "Internal server error"
    assert answer.headers["X-Request-Id"] in answer.json()["message"]
    assert "secret" not in answer.content.decode()
    failures = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert {record.request_id for record in failures} == {  # type: ignore[attr-defined] # as above
        answer.headers["X-Request-Id"]
    }
