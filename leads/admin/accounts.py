"""Accounts in the admin. They are never deleted there: too much would go with them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from leads.admin.base import OfAccount
from leads.models import Account


@admin.register(Account)
class AccountAdmin(OfAccount):
    account_path = "pk"
    change_form_template = "admin/leads/account/change_form.html"
    list_display = ("name", "region", "created_at")
    search_fields = ("name",)
    sortable_by = ("name",)
    fields = ("name", "region", "created_at")
    readonly_fields = ("created_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who may make an account is in none yet, so no role can allow it."""
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
