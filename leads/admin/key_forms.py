"""What is asked for when a key is made, rotated or extended."""

from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from leads.models import ApiKey, Scope


def end_of(day: date | None) -> datetime | None:
    """Return the moment at which the day is over, in the reader's time zone."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class LastDay(forms.DateField):
    """A day that is not over; in the form's data it is the day, for the key use `end_of`."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and value < timezone.localdate():
            raise ValidationError(_("This day is past."))


class Networks(forms.CharField):
    """CIDRs, one a line, as a list; each is checked by the model."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return str(super().to_python(value)).replace(",", " ").split()

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data or "") != (initial or []))


class KeyForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    """A key, new or known."""

    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=Scope.choices,
        initial=[Scope.HISTORY_READ.value],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What the key may do. As little as will do."),
    )
    allowed_networks = Networks(
        label=_("Allowed networks"),
        required=False,
        empty_value="",
        help_text=ApiKey._meta.get_field("allowed_networks").help_text,
    )

    class Meta:
        model = ApiKey
        fields: ClassVar = ("account", "name", "scopes", "rate_per_minute", "allowed_networks")
        help_texts: ClassVar = {"name": _("Who will use it and what for: Zapier, website form.")}


class NewKeyForm(KeyForm):
    """A new key. Its id comes with the form, so that one form makes one key however often sent."""

    key_id = forms.UUIDField(initial=uuid7, widget=forms.HiddenInput)
    last_day = LastDay(
        label=_("Last day"), required=False, help_text=_("Empty: until it is revoked.")
    )


class RotateForm(forms.Form):
    """How long the old key lives on, and how long its successor will."""

    key_id = forms.UUIDField(initial=uuid7, widget=forms.HiddenInput)
    grace = forms.TypedChoiceField(
        label=_("The old key works for another"),
        coerce=int,
        initial=7 * 24,
        choices=[
            (0, _("0 minutes: it is refused at once")),
            (1, _("hour")),
            (24, _("day")),
            (7 * 24, _("7 days")),
            (30 * 24, _("30 days")),
        ],
        help_text=_("Never longer than it would have worked anyway."),
    )
    last_day = LastDay(
        label=_("The new key's last day"),
        required=False,
        help_text=_("Empty: until it is revoked."),
    )


class ExtendForm(forms.Form):
    """A new end for a key."""

    last_day = LastDay(label=_("Last day"), required=False)
    never = forms.BooleanField(label=_("It does not expire"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("last_day")) == bool(data.get("never")) and not self.errors:
            raise ValidationError(_("Choose a last day, or that it does not expire."))
        return data
