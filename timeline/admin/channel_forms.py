"""A channel's form in the admin: what its provider needs, and secrets that are only ever put in."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from timeline.inbox_models import ProviderChannel
from timeline.webhooks import PROVIDERS
from timeline.webhooks.provider import Provider, Secret

_SECRET_LENGTH = 2_000


def secret_field(secret: Secret) -> str:
    """Return the name of the form's field of the secret."""
    return f"secret_{secret.name}"


def removal_field(secret: Secret) -> str:
    return f"remove_{secret.name}"


def fields_of(provider: Provider, channel: ProviderChannel) -> list[str]:
    """Return the names of the fields that the provider adds to the channel's form."""
    names = [secret_field(secret) for secret in provider.secrets]
    return names + [removal_field(secret) for secret in _removable(provider, channel)]


class NewChannelForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    """A new channel. Its secrets, and its webhook's address, come on the next page."""

    provider = forms.ChoiceField(
        label=_("Provider"), choices=lambda: [(name, each.label) for name, each in _by_label()]
    )

    class Meta:
        model = ProviderChannel
        fields: ClassVar = ("account", "provider", "name", "creates_leads")
        help_texts: ClassVar = {"name": _("As your people call it: Sales Santiago, info@.")}


class ChannelForm(forms.ModelForm):  # type: ignore[type-arg] # as above
    """A channel that is there; `form_of` adds the fields of its provider's secrets."""

    secrets: ClassVar[tuple[Secret, ...]] = ()

    class Meta:
        model = ProviderChannel
        fields: ClassVar = ("name", "address", "is_active", "creates_leads")

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Keep the secrets that nothing was put in for."""
        changes = {
            secret.name: self.cleaned_data.get(secret_field(secret), "")
            for secret in self.secrets
            if {secret_field(secret), removal_field(secret)} & set(self.changed_data)
        }
        if changes:
            self.instance.secrets = {**self.instance.secrets, **changes}
        return super().save(commit)


def form_of(provider: Provider | None, channel: ProviderChannel) -> type[ChannelForm]:
    """Return the form of the channel, with a field for each secret of its provider."""
    if provider is None:
        return ChannelForm
    added: dict[str, Any] = {"secrets": provider.secrets}
    for secret in provider.secrets:
        added[secret_field(secret)] = _input(secret, is_set=bool(channel.secrets.get(secret.name)))
    for secret in _removable(provider, channel):
        label = gettext("Remove: %(secret)s") % {"secret": secret.label}
        added[removal_field(secret)] = forms.BooleanField(label=label, required=False)
    return type("ChannelForm", (ChannelForm,), added)


def _input(secret: Secret, *, is_set: bool) -> forms.CharField:
    if is_set:
        state = gettext("It is set. Leave this empty to keep it.")
    elif secret.is_required:
        state = gettext("It is not set yet: without it every delivery is refused.")
    else:
        state = gettext("It is not set, and need not be.")
    return forms.CharField(
        label=secret.label,
        required=False,
        max_length=_SECRET_LENGTH,
        # Not sent back, ever, and not filled in by the browser with somebody's password.
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "vTextField"}),
        help_text=f"{secret.help_text} {state}".strip(),
    )


def _removable(provider: Provider, channel: ProviderChannel) -> list[Secret]:
    return [
        secret
        for secret in provider.secrets
        if not secret.is_required and channel.secrets.get(secret.name)
    ]


def _by_label() -> list[tuple[str, Provider]]:
    return sorted(PROVIDERS.items(), key=lambda item: item[1].label.lower())
