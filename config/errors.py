"""Errors under /api/ as JSON, always: ``{"error": …, "message": …}``, never HTML, never a trace."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views import defaults
from rest_framework import exceptions

from config import request_id
from leads.api.answers import JsonAnswer
from leads.errors import ApiError

_ERRORS = {
    400: "Invalid request",
    401: "Invalid API key",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    413: "Too large",
    415: "Unsupported media type",
    429: "Too many requests",
    500: "Internal server error",
}

# What is said of a request that never got to a view of the API.
_MESSAGES = {
    400: "The request could not be understood",
    403: "You may not do this",
    404: "There is nothing at this address",
    405: "This method is not allowed here",
}


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponseBase:
    """Answer for a refusal by an API view; Django REST framework calls this.

    What is no refusal is raised on: Django knows which status it is, and logs it.
    """
    if not isinstance(error, exceptions.APIException):
        raise error
    title = error.error if isinstance(error, ApiError) else _title(error.status_code)
    answer = JsonAnswer({"error": title, "message": _message(error)}, status=error.status_code)
    answer.headers["Cache-Control"] = "private, no-cache"
    for header, value in _headers(error, context).items():
        answer.headers[header] = value
    return answer


def _title(status: int) -> str:
    return _ERRORS.get(status, "Error")


def _message(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.Throttled):
        return f"Rate limit exceeded; try again in {_seconds_to_wait(error)} seconds"
    return str(error.detail)


def _seconds_to_wait(error: exceptions.Throttled) -> int:
    return math.ceil(getattr(error, "wait", None) or 1)


def _headers(error: exceptions.APIException, context: Mapping[str, Any]) -> dict[str, str]:
    if isinstance(error, exceptions.Throttled):
        return {"Retry-After": str(_seconds_to_wait(error))}
    if isinstance(error, exceptions.MethodNotAllowed):
        return {"Allow": ", ".join(context["view"].allowed_methods)}
    if error.status_code == 401:
        return {"WWW-Authenticate": "ApiKey"}
    return {}


class JsonErrorsMiddleware:
    """Have the last word on errors under /api/: Django's own are pages, and traces with DEBUG."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if is_api(request) and isinstance(response, HttpResponse) and _is_no_json(response):
            _make_json(response)
        return response


def _is_no_json(response: HttpResponse) -> bool:
    return response.status_code >= 400 and response.headers["Content-Type"] != "application/json"


def _make_json(response: HttpResponse) -> None:
    status = response.status_code
    message = _MESSAGES.get(status, response.reason_phrase)
    if status >= 500:
        message = f"Something went wrong on our side; please quote request {request_id.current()}"
    response.content = orjson.dumps({"error": _title(status), "message": message})
    response.headers["Content-Type"] = "application/json"
    response.headers["Content-Length"] = str(len(response.content))
    response.headers["Cache-Control"] = "private, no-cache"


# --- Django's handlers (config.urls) --------------------------------------------------------------
# Under /api/ no page is made just to be thrown away.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    return HttpResponse(status=400) if is_api(request) else defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return HttpResponse(status=403)
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return HttpResponse(status=404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    return HttpResponse(status=500) if is_api(request) else defaults.server_error(request)
