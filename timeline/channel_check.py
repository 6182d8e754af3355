"""Whether a channel is set up: what can be told of it without asking its provider."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.encrypted import Unreadable
from timeline import inbox
from timeline.inbox_models import Delivery, ProviderChannel
from timeline.webhooks import PROVIDERS
from timeline.webhooks.provider import Provider, Received, Rehearsing

_OWN_MACHINE = {"localhost", "127.0.0.1", "::1"}


class Finding(NamedTuple):
    """Something that was looked at: all is well, or the text says what to look after."""

    is_well: bool
    text: str


def _well(text: str) -> Finding:
    return Finding(is_well=True, text=text)


def _look(text: str) -> Finding:
    return Finding(is_well=False, text=text)


def address_of(channel: ProviderChannel) -> str:
    """Return the webhook's address in full, as it is entered at the provider."""
    return f"{settings.PUBLIC_URL}{reverse('webhook', args=[channel.token])}"


def may_rehearse(channel: ProviderChannel) -> bool:
    """Tell whether `rehearse` can do anything: the provider makes samples and has its secrets."""
    provider = PROVIDERS.get(channel.provider)
    if provider is None or not isinstance(provider, Rehearsing):
        return False
    return all(channel.secrets.get(each.name) for each in provider.secrets if each.is_required)


def rehearse(channel: ProviderChannel) -> Finding:
    """Deliver a signed sample that tells nothing, by the way that all deliveries go."""
    provider = PROVIDERS[channel.provider]
    if not isinstance(provider, Rehearsing):
        raise TypeError(f"{channel.provider} makes no samples")
    headers, body = provider.sample(inbox.line_of(channel))
    received = Received(address_of(channel), headers, body, timezone.now())
    if not provider.is_genuine(received, inbox.line_of(channel)):
        return _look(_("The test delivery was refused: its signature is wrong."))
    delivery = inbox.receive(channel, received)
    inbox.process(delivery.pk)
    delivery.refresh_from_db()
    if delivery.state == Delivery.State.DONE:
        return _well(_("A signed test delivery was stored and processed."))
    return _look(_("The test delivery failed: %(reason)s") % {"reason": delivery.reason})


def findings(channel: ProviderChannel) -> Iterator[Finding]:
    """Yield what was found of the channel."""
    if not channel.is_active:
        yield _look(_("It is not active: every delivery is answered with 404."))
    yield _reached()
    provider = PROVIDERS.get(channel.provider)
    if provider is None:
        yield _look(_("This version knows no such provider: deliveries get 404."))
        return
    if isinstance(channel.secrets, Unreadable):
        yield _look(
            _("The secrets cannot be decrypted: put the key back that they were encrypted with,"
              " or enter them again."),
        )  # fmt: skip
    yield from _secrets(provider, channel)
    yield _unsigned(provider, channel)


def _reached() -> Finding:
    public = urlsplit(settings.PUBLIC_URL)
    if public.hostname in _OWN_MACHINE:
        return _look(_("The address is on this machine alone: set LEADLINE_PUBLIC_URL."))
    if public.scheme != "https":
        return _look(_("The address is not HTTPS, which most providers ask for."))
    return _well(_("The address is HTTPS, and not on this machine alone."))


def _secrets(provider: Provider, channel: ProviderChannel) -> Iterator[Finding]:
    for secret in provider.secrets:
        is_set = bool(channel.secrets.get(secret.name))
        if is_set or secret.is_required:
            text = _("%(secret)s is set.") if is_set else _("%(secret)s is missing.")
            yield Finding(is_set, text % {"secret": secret.label})


def _unsigned(provider: Provider, channel: ProviderChannel) -> Finding:
    stranger = Received(address_of(channel), {}, b"{}", timezone.now())
    if provider.is_genuine(stranger, inbox.line_of(channel)):
        return _look(_("A delivery without a signature would be taken."))
    return _well(_("A delivery without a signature is refused."))
