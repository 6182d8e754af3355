"""Errors as WhatsApp tells them, in words."""

from timeline.webhooks.values import Object, first_text, object_of, objects_of, text_of


def error_of(error: Object) -> str:
    """Return the error as ``131047: Re-engagement message (more than 24 hours …)``."""
    title = first_text(error, "title", "message") or "an error"
    code = text_of(error.get("code"))
    details = text_of(object_of(error.get("error_data")).get("details"))
    told = f"{code}: {title}" if code else title
    return f"{told} ({details})" if details and details != title else told


def errors_of(item: Object) -> str:
    """Return all errors of a message or a status, "" when there are none."""
    return "; ".join(error_of(error) for error in objects_of(item.get("errors")))
