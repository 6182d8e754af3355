"""For comparison only: the same endpoint as it is usually written with the same tools.

Three querysets merged and sorted in Python, a ModelSerializer for each model, Django REST
framework's own authentication, pagination by slicing, renderer and negotiation. Nothing of the
product comes here.
"""

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.shortcuts import get_object_or_404
from rest_framework import authentication, exceptions, serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from leads import keys
from leads.models import ApiKey, Lead
from timeline.models import Activity, CallTranscript, Message


class LeadSerializer(serializers.ModelSerializer[Lead]):
    class Meta:
        model = Lead
        fields = ("id", "first_name", "last_name", "phone", "email", "source", "created_at")


class MessageSerializer(serializers.ModelSerializer[Message]):
    type = serializers.ReadOnlyField(default="message")
    timestamp = serializers.DateTimeField(source="occurred_at")

    class Meta:
        model = Message
        fields = (
            "type",
            "channel",
            "direction",
            "content",
            "message_type",
            "status",
            "timestamp",
        )


class CallSerializer(serializers.ModelSerializer[CallTranscript]):
    type = serializers.ReadOnlyField(default="call")
    channel = serializers.ReadOnlyField(default="call")
    timestamp = serializers.DateTimeField(source="occurred_at")

    class Meta:
        model = CallTranscript
        fields = (
            "type",
            "channel",
            "duration_seconds",
            "call_status",
            "summary",
            "recording_url",
            "sentiment",
            "timestamp",
        )


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    type = serializers.ReadOnlyField(default="activity")
    timestamp = serializers.DateTimeField(source="occurred_at")

    class Meta:
        model = Activity
        fields = (
            "type",
            "channel",
            "activity_type",
            "title",
            "description",
            "actor_type",
            "timestamp",
        )


_SERIALIZERS: dict[type[Any], type[Any]] = {
    Message: MessageSerializer,
    CallTranscript: CallSerializer,
    Activity: ActivitySerializer,
}


class KeyAuthentication(authentication.BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[None, ApiKey]:
        digest = keys.digest(request.headers.get("X-API-Key", ""))
        api_key = ApiKey.objects.filter(digest=digest).select_related("account").first()
        if api_key is None or not api_key.is_active():
            raise exceptions.AuthenticationFailed
        return None, api_key


class UsualHistory(APIView):
    """The comparison's view."""

    authentication_classes = [KeyAuthentication]  # noqa: RUF012 - Django REST framework's own
    permission_classes = []  # noqa: RUF012
    renderer_classes = [JSONRenderer]  # noqa: RUF012

    def get(self, request: Request, lead_id: str) -> Response:
        account = request.auth.account  # type: ignore[union-attr] # the key's
        lead = get_object_or_404(Lead, account=account, id=lead_id, deleted_at=None)
        limit, offset = 50, int(request.query_params.get("offset", 0))
        entries = [
            entry
            for model, serializer in _SERIALIZERS.items()
            for entry in serializer(model.objects.filter(lead=lead), many=True).data
        ]
        entries.sort(key=itemgetter("timestamp"))
        shown = entries[offset : offset + limit]
        more = len(entries) > offset + limit
        return Response(
            {
                "success": True,
                "lead": LeadSerializer(lead).data,
                "history": shown,
                "pagination": {"limit": limit, "offset": offset, "has_more": more},
            }
        )


_view = UsualHistory.as_view()


def application(
    environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> Iterable[bytes]:
    """Answer without any of Django's middleware, which is to the comparison's advantage."""
    response = _view(WSGIRequest(environ), lead_id=environ["PATH_INFO"].split("/")[4])
    response.render()
    start_response(f"{response.status_code} OK", list(response.items()))
    return [response.content]
