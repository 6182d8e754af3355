"""Where providers deliver: `/api/webhooks/<token>`, a channel each."""

from functools import partial

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from leads.api.answers import Answer, JsonAnswer
from timeline import inbox
from timeline.deliveries import channel_at
from timeline.inbox_models import ProviderChannel
from timeline.webhooks import PROVIDERS
from timeline.webhooks.provider import BASIC_AUTH, Provider, Received

# Deliveries besides one's own that are processed along with it: what a crash left behind.
_ALONG = 5
# Every so many deliveries, twice as many old ones may go: no worker is needed for that either.
_BETWEEN_PRUNINGS = 50


@csrf_exempt
def webhook(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take a delivery: stored and acknowledged with 200, processed once that is sent.

    Refused: 404 without such a channel, 401 without the provider's signature, 413 for a body that
    is larger than the provider's are. A GET is the provider's check of the address.
    """
    channel = channel_at(token)
    provider = PROVIDERS.get(channel.provider) if channel else None
    if channel is None or provider is None:
        return _refusal(404, "Not found", "There is no channel at this address")
    if request.method == "GET":
        return _greet(request, channel, provider)
    if request.method != "POST":
        answer = _refusal(405, "Method not allowed", "Deliveries are sent by POST")
        answer.headers["Allow"] = "GET, POST"
        return answer
    body = request.read(provider.max_body + 1)
    if len(body) > provider.max_body:
        return _refusal(413, "Too large", f"At most {provider.max_body} bytes are taken")
    return _take(channel, provider, _received(request, body))


def _greet(request: HttpRequest, channel: ProviderChannel, provider: Provider) -> HttpResponseBase:
    greeting = provider.greet(request.GET.dict(), inbox.line_of(channel))
    if greeting is None:
        return _refusal(403, "Forbidden", "The verification failed")
    return Answer(greeting, content_type="text/plain; charset=utf-8")


def _take(channel: ProviderChannel, provider: Provider, received: Received) -> HttpResponseBase:
    if not provider.is_genuine(received, inbox.line_of(channel)):
        inbox.refuse(channel, received, "The signature is missing or wrong")
        answer = _refusal(401, "Unauthorized", "The signature is missing or wrong")
        if any(secret.name == BASIC_AUTH for secret in provider.secrets):
            # Some send a password only to who asks for it.
            answer.headers["WWW-Authenticate"] = 'Basic realm="Leadline"'
        return answer
    delivery = inbox.receive(channel, received)
    answer = JsonAnswer({"success": True})
    answer.after_sent = partial(_process, delivery.pk)
    return answer


def _process(delivery_id: int) -> None:
    inbox.process(delivery_id)
    inbox.process_due(_ALONG, besides=delivery_id)
    if delivery_id % _BETWEEN_PRUNINGS == 0:
        inbox.prune(2 * _BETWEEN_PRUNINGS)


def _received(request: HttpRequest, body: bytes) -> Received:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Received(request.build_absolute_uri(), headers, body, timezone.now())


def _refusal(status: int, error: str, message: str) -> JsonAnswer:
    return JsonAnswer({"error": error, "message": message}, status=status)
