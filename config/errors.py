"""Errors under /api/ as JSON, always: ``{"error": …, "message": …}``, never HTML, never a trace."""

import logging
import math
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views import defaults
from rest_framework import exceptions
from rest_framework.views import set_rollback

from config import request_id
from leads.api.answers import JsonAnswer
from leads.api.errors import ApiError

logger = logging.getLogger(__name__)

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
}


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")


def exception_handler(error: Exception, context: Mapping[str, Any]) -> HttpResponseBase:
    """Answer for an exception in an API view; Django REST framework calls this."""
    set_rollback()
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is nothing at this address")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return internal_error(error)
    title = error.error if isinstance(error, ApiError) else _ERRORS.get(error.status_code, "Error")
    answer = _answer(error.status_code, title, _message(error))
    for header, value in _headers(error, context).items():
        answer.headers[header] = value
    return answer


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


def internal_error(error: BaseException | None = None) -> JsonAnswer:
    """Answer 500 with the request's id, under which the log has the whole story."""
    logger.error("Internal error in the API", exc_info=error)
    return _answer(
        500,
        "Internal server error",
        f"Something went wrong on our side; please quote request {request_id.current()}",
    )


def _answer(status: int, error: str, message: str) -> JsonAnswer:
    answer = JsonAnswer({"error": error, "message": message}, status=status)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


class JsonErrorsMiddleware:
    """Catch what goes wrong under /api/ outside of the API's own views, DEBUG or not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if not is_api(request):
            return None
        if isinstance(exception, Http404):
            return not_found(request, exception)
        return internal_error(exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return _answer(400, _ERRORS[400], "The request could not be understood")
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return _answer(403, _ERRORS[403], "You may not do this")
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return _answer(404, _ERRORS[404], "There is nothing at this address")
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    if is_api(request):
        return internal_error()
    return defaults.server_error(request)
