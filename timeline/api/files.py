"""The public API's files: what came attached to messages."""

from django.http import HttpRequest, HttpResponseBase
from drf_spectacular.utils import extend_schema

from leads.api.schema import Json, headers, keyed, refusal
from leads.api.views import KeyedView
from leads.errors import FileNotFound
from leads.models import Scope
from timeline.api.parameters import parse_uuid
from timeline.files import file_of
from timeline.serving import serve

_CONTENT: Json = {"*/*": {"schema": {"description": "The file, as it was sent."}}}

GET_FILE = keyed(
    {
        "operationId": "getFile",
        "summary": "Get an attached file",
        "description": (
            "Returns a file that came with a message; its address is the attachment's `url`."
            " Parts of it can be asked for with `Range`, one range at a time."
        ),
        "tags": ["Leads"],
        "parameters": [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "description": "The file's ID.",
                "schema": {"type": "string", "format": "uuid"},
            },
            {
                "name": "Range",
                "in": "header",
                "description": "The part that is wanted, in bytes.",
                "schema": {"type": "string"},
                "example": "bytes=0-65535",
            },
            {
                "name": "If-None-Match",
                "in": "header",
                "description": "The `ETag` of the answer you have.",
                "schema": {"type": "string"},
            },
        ],
        "responses": {
            "200": {"description": "The file.", "headers": headers(), "content": _CONTENT},
            "206": {"description": "A part of it.", "headers": headers(), "content": _CONTENT},
            "304": {"description": "You have it already.", "headers": headers()},
            "404": refusal("There is no such file in your account.", headers(), FileNotFound()),
            "416": {"description": "The file ends before that part.", "headers": headers()},
        },
    },
    scope=Scope.HISTORY_READ,
)


class File(KeyedView):
    """`GET /api/public/files/{id}`: a file that came with an entry of the key's account."""

    http_method_names = ["get", "head"]  # noqa: RUF012 - Django's own attribute
    required_scope = Scope.HISTORY_READ

    @extend_schema(operation=GET_FILE)
    def get(self, request: HttpRequest, file_id: str) -> HttpResponseBase:
        parsed = parse_uuid(file_id)
        file = file_of([self.granted.account_id], parsed) if parsed else None
        if file is None:
            raise FileNotFound
        return serve(request, file)
