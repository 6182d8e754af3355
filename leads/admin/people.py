"""People in the admin: users, for superusers, and the members of one's own account."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangosUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from leads import audit
from leads.admin.base import BoundedPaginator, OfAccount, user_of
from leads.admin.filters import AUTOCOMPLETE_MEDIA, AutocompleteFilter
from leads.audit_models import Action
from leads.models import Membership, User


class NewUserForm(AdminUserCreationForm):  # type: ignore[type-arg] # as below
    class Meta:
        model = User
        fields = ("email", "name")


@admin.register(User)
class UserAdmin(DjangosUserAdmin):  # type: ignore[type-arg] # generic in the stubs alone
    """Who may sign in. A user belongs to no one account, so only superusers see them here."""

    add_form = NewUserForm
    list_display = ("email", "name", "is_staff", "is_superuser", "is_active", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    paginator = BoundedPaginator
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (
            _("May do"),
            {
                "fields": ("is_active", "is_staff", "is_superuser"),
                "description": _(
                    "Staff may open this admin. What they see and do there is up to their role in"
                    " each account; superusers see and do everything."
                ),
            },
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    add_fieldsets = (
        (None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who has left is made inactive: what they did keeps their name."""
        return False


class NewMemberForm(forms.ModelForm):  # type: ignore[type-arg] # as above
    """A member, by address: a user that is not there yet is made, without a password."""

    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("Who is new here signs in after choosing a password by “Forgot password?”."),
    )

    class Meta:
        model = Membership
        fields: ClassVar = ("account", "role")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        members = Membership.objects.filter(
            account=data.get("account"), user__email=data.get("email", "").lower()
        )
        if members.exists():
            self.add_error("email", _("This person is a member already."))
        return data

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        email = self.cleaned_data["email"].lower()
        user = User.objects.filter(email=email).first()
        self.instance.user = user or User.objects.create_user(email)
        return super().save(commit)


@admin.register(Membership)
class MembershipAdmin(OfAccount):
    list_display = ("user", "email", "account", "role")
    list_filter = ("role", ("account", AutocompleteFilter))
    list_select_related = ("user", "account")
    search_fields = ("user__name", "user__email")
    ordering = ("user__name", "user__email", "id")
    sortable_by = ()
    autocomplete_fields = ("account",)

    @property
    def media(self) -> Any:
        return super().media + AUTOCOMPLETE_MEDIA

    @admin.display(description=_("e-mail address"))
    def email(self, member: Membership) -> str:
        return member.user.email

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's
        **kwargs: Any,
    ) -> Any:
        if not change:
            kwargs["form"] = NewMemberForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("account", "email", "role") if obj is None else ("user", "email", "account", "role")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("user", "email", "account")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self._is_own(request, obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not self._is_own(request, obj) and super().has_delete_permission(request, obj)

    def _is_own(self, request: HttpRequest, member: Membership | None) -> bool:
        """Nobody locks themselves out, and no account loses its last admin by a slip."""
        user = user_of(request)
        return member is not None and member.user_id == user.pk and not user.is_superuser

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's
        super().save_model(request, obj, form, change)
        action = Action.MEMBER_CHANGED if change else Action.MEMBER_ADDED
        audit.tell_of_member(action, obj, obj.role)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        audit.tell_of_member(Action.MEMBER_REMOVED, obj)
        super().delete_model(request, obj)

    def get_actions(self, request: HttpRequest) -> Any:
        """Members are removed one at a time."""
        return {}
