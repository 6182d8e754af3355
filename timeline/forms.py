"""What people type on a lead's page: filters of the timeline, notes, the lead's own fields."""

from datetime import date
from functools import cache
from typing import ClassVar, NamedTuple

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from leads.access import members_of
from leads.models import Lead, Membership
from timeline.entries import Channel, Kind

CHANNEL_LABELS = {
    Channel.WHATSAPP: _("WhatsApp"),
    Channel.EMAIL: _("E-mail"),
    Channel.CALL: _("Calls"),
    Channel.SYSTEM: _("System"),
}
KIND_LABELS = {
    Kind.MESSAGE: _("Messages"),
    Kind.CALL: _("Calls"),
    Kind.ACTIVITY: _("Activities"),
}


class Labels(NamedTuple):
    """What is chosen from on a lead's page: values and their names in one language."""

    statuses: list[tuple[str, str]]
    channels: list[tuple[Channel, str]]
    kinds: list[tuple[Kind, str]]


@cache
def labels_in(language: str) -> Labels:
    """Return the names, looked up once a language and not for each page."""
    with translation.override(language):
        return Labels(
            [(str(value), str(label)) for value, label in Lead.Status.choices],
            [(channel, str(label)) for channel, label in CHANNEL_LABELS.items()],
            [(kind, str(label)) for kind, label in KIND_LABELS.items()],
        )


# Any zone's midnight of such a day, and of the next one, can be said in any other zone.
_DAYS = (MinValueValidator(date(1, 1, 3)), MaxValueValidator(date(9999, 12, 28)))


class TimelineForm(forms.Form):
    """The filters, as they stand in the address; what does not parse is left out and told."""

    channel = forms.MultipleChoiceField(
        label=_("Channels"), choices=list(CHANNEL_LABELS.items()), required=False
    )
    type = forms.MultipleChoiceField(
        label=_("What"), choices=list(KIND_LABELS.items()), required=False
    )
    since = forms.DateField(label=_("From"), required=False, validators=_DAYS)
    until = forms.DateField(label=_("To"), required=False, validators=_DAYS)
    day = forms.DateField(label=_("Go to day"), required=False, validators=_DAYS)
    q = forms.CharField(label=_("Search"), required=False, max_length=200)


class NoteForm(forms.Form):
    """A note; `seen` is the text it had when its editing began."""

    text = forms.CharField(label=_("Note"), max_length=10_000, widget=forms.Textarea)
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


@cache
def blank_note() -> NoteForm:
    """Return a form to write a note in. It is only drawn, so one serves all pages."""
    return NoteForm()


class StatusForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    """The lead's status."""

    class Meta:
        model = Lead
        fields: ClassVar = ["status"]


class OwnerForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    """The lead's owner, one of the account's members or nobody."""

    class Meta:
        model = Lead
        fields: ClassVar = ["owner"]

    def __init__(self, *args: object, member: Membership, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # a model form's
        self.fields["owner"] = forms.ModelChoiceField(
            members_of(member.account_id), required=False, empty_label=_("Nobody")
        )


class LeadForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    """The lead's contact fields."""

    class Meta:
        model = Lead
        fields: ClassVar = [
            "first_name",
            "last_name",
            "company",
            "title",
            "phone",
            "email",
            "source",
        ]
