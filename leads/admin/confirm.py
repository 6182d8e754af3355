"""The page between a button and what it does."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest
from django.template.response import TemplateResponse


class Question(NamedTuple):
    """What is asked, what it would mean, and the button that says yes."""

    title: Any
    text: Any
    button: Any
    is_danger: bool = False


def confirm(
    model_admin: Any,
    request: HttpRequest,
    question: Question,
    objects: Iterable[Any],
    *,
    action: str = "",
    form: Any = None,
) -> TemplateResponse:
    """Ask. What is posted from there has `confirmed`; with an `action`, its name and the choice."""
    context = {
        **model_admin.admin_site.each_context(request),
        **question._asdict(),
        "opts": model_admin.model._meta,
        "objects": list(objects),
        "action": action,
        "checkbox": ACTION_CHECKBOX_NAME,
        "form": form,
        "back": request.get_full_path() if action else "../change/",
    }
    return TemplateResponse(request, "admin/confirm.html", context)
