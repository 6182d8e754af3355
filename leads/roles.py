"""What people may do in the admin: a membership says where, its role's group says what.

A role stands for a group of Django's, whose permissions a superuser may change. Nobody is put into
these groups: who is an admin of an account has, in that account, what the group of admins may do.
So there is nothing to keep in step, and a role taken away is gone with the next request.
"""

from collections.abc import Iterable, Mapping

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.db.models import Model, Q

from leads.models import Membership, User

GROUP_OF = {Membership.Role.ADMIN: "Account admins", Membership.Role.MEMBER: "Account members"}

_ENTRIES = ("message", "calltranscript", "activity")
_MEMBERS = [
    "leads.view_membership",
    *(f"leads.{verb}_lead" for verb in ("view", "add", "change", "delete")),
    *(f"timeline.view_{model}" for model in _ENTRIES),
]
_ADMINS = [
    *_MEMBERS,
    "leads.view_account",
    "leads.change_account",
    *(f"leads.{verb}_membership" for verb in ("add", "change", "delete")),
    *(f"leads.{verb}_apikey" for verb in ("view", "add", "change")),
    "leads.view_auditentry",
    *(f"timeline.{verb}_providerchannel" for verb in ("view", "add", "change")),
    *(f"timeline.{verb}_delivery" for verb in ("view", "change")),
]
READY_MADE = {Membership.Role.ADMIN: _ADMINS, Membership.Role.MEMBER: _MEMBERS}


def accounts_allowing(user: User, permission: str) -> set[int] | None:
    """Return the ids of the accounts in which the user has the permission; None means all."""
    if user.is_superuser:
        return None
    return {account for account, may in _permissions_of(user).items() if permission in may}


def may(user: User, permission: str, account_id: int | None = None) -> bool:
    """Tell whether the user has the permission in the account, or without one in any."""
    accounts = accounts_allowing(user, permission)
    if accounts is None:
        return True
    return bool(accounts) if account_id is None else account_id in accounts


def permission_for(verb: str, model: type[Model]) -> str:
    return f"{model._meta.app_label}.{verb}_{model._meta.model_name}"


def make_groups(app_config: AppConfig, **_kwargs: object) -> None:
    """Make the groups that are missing, after each `migrate`; what is there is left as it is."""
    for role, name in GROUP_OF.items():
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            group.permissions.set(_permissions(READY_MADE[role]))


def _permissions(names: Iterable[str]) -> Iterable[Permission]:
    wanted = Q()
    for name in names:
        app, codename = name.split(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    return Permission.objects.filter(wanted)


def _permissions_of(user: User) -> Mapping[int, frozenset[str]]:
    """Return account id → permissions; read once a request, whose user object is its own."""
    known: Mapping[int, frozenset[str]] | None = user.__dict__.get("_permissions_of_roles")
    if known is None:
        known = user.__dict__["_permissions_of_roles"] = _read_permissions(user)
    return known


def _read_permissions(user: User) -> Mapping[int, frozenset[str]]:
    if not user.is_active:
        return {}
    roles = dict(user.memberships.values_list("account_id", "role"))
    held: dict[str, set[str]] = {name: set() for name in GROUP_OF.values()}
    rows = Permission.objects.filter(
        group__name__in={GROUP_OF[Membership.Role(r)] for r in roles.values()}
    )
    for name, app, codename in rows.values_list(
        "group__name", "content_type__app_label", "codename"
    ):
        held[name].add(f"{app}.{codename}")
    return {account: frozenset(held[GROUP_OF[Membership.Role(r)]]) for account, r in roles.items()}
