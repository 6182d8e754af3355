"""A lead's form in the admin."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from leads.models import Lead


class LeadAdminForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    """A lead; `seen` says which version of it the form was filled in from."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Lead
        fields: ClassVar = (
            "account", "status", "owner", "first_name", "last_name", "phone", "email", "company",
            "title", "source",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            self.initial["seen"] = self.instance.updated_at.isoformat()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        known = not self.instance._state.adding
        if known and data.get("seen") != self.instance.updated_at.isoformat():
            raise ValidationError(
                _("Somebody changed this lead while you did. Reload the page and try again.")
            )
        account_id = self.instance.account_id if known else getattr(data.get("account"), "pk", None)
        owner = data.get("owner")
        if owner is not None and owner.account_id != account_id:
            self.add_error("owner", _("The owner must be a member of the lead's account."))
        return data
