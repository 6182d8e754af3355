"""What the public API refuses, each refusal with its status, its `error` and its `message`.

`config.errors` turns them, and Django REST framework's own, into answers.
"""

from rest_framework import status
from rest_framework.exceptions import APIException


class ApiError(APIException):
    """A refusal whose body is ``{"error": …, "message": …}``."""

    error: str

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.default_detail)


class MissingKey(ApiError):
    status_code = status.HTTP_401_UNAUTHORIZED
    error = "Missing API key"
    default_detail = "Please provide your API key in the X-API-Key header"


class InvalidKey(ApiError):
    """The key is unknown, revoked, expired or malformed; which of them, nobody is told."""

    status_code = status.HTTP_401_UNAUTHORIZED
    error = "Invalid API key"
    default_detail = "The provided API key is not valid"


class MissingScope(ApiError):
    status_code = status.HTTP_403_FORBIDDEN
    error = "Forbidden"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This API key lacks the scope {scope}")


class InvalidRequest(ApiError):
    """The message names the parameter and what it takes."""

    status_code = status.HTTP_400_BAD_REQUEST
    error = "Invalid request"


class LeadNotFound(ApiError):
    """No such lead, a deleted one, or another account's: one answer for all."""

    status_code = status.HTTP_404_NOT_FOUND
    error = "Not found"
    default_detail = "Lead not found or does not belong to your account"


class FileNotFound(ApiError):
    """No such file, or another account's."""

    status_code = status.HTTP_404_NOT_FOUND
    error = "Not found"
    default_detail = "File not found or does not belong to your account"
