"""The API's OpenAPI 3.1 document, and the page that shows it."""

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from drf_spectacular import renderers
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from leads.api import schema as shared
from timeline.api import schema as timeline


@cache
def document() -> dict[str, Any]:
    """Return the document. It is the same for everyone, and made once."""
    generator: Any = SchemaGenerator  # untyped
    made: dict[str, Any] = generator().get_schema(request=None, public=True)
    return made


class ApiSchema(APIView):
    """`GET /api/schema/`: the document in JSON or YAML, by `Accept` or `?format=`. Needs no key."""

    http_method_names = ["get", "head"]  # noqa: RUF012 - Django's own attribute
    authentication_classes = ()
    permission_classes = ()
    renderer_classes = (
        renderers.OpenApiJsonRenderer2,
        renderers.OpenApiJsonRenderer,
        renderers.OpenApiYamlRenderer2,
        renderers.OpenApiYamlRenderer,
    )
    schema = None

    def get(self, request: Request) -> Response:
        return Response(document())


@csrf_exempt  # so that any other method is 405, as everywhere under /api/
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show the document in Swagger UI, served from here."""
    return render(request, "api/docs.html")


# --- What drf-spectacular calls (settings.SPECTACULAR_SETTINGS) ----------------------------------


def as_documented(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Name addresses as the vendor's page does; a slash at the end is taken, not asked for."""
    return [
        (path.rstrip("/").replace("{lead_id}", "{id}").replace("{file_id}", "{id}"), *rest)
        for path, *rest in endpoints
    ]


def with_components(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what the operations refer to."""
    components: dict[str, Any] = {}
    for part in (shared.COMPONENTS, timeline.COMPONENTS):
        for section, definitions in part.items():
            components.setdefault(section, {}).update(definitions)
    return {**result, "components": components}
