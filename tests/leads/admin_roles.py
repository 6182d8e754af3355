"""Who knocks at the admin's doors, and what became of it."""

from typing import Any

from django.test import Client

from leads.models import Account, Membership, User
from tests.factories import MembershipFactory, UserFactory

SUPERUSER, ADMIN, MEMBER = "superuser", "admin of the account", "member of the account"
OTHER_ADMIN = "admin of another account"
NO_STAFF, NOBODY = "admin who is no staff", "nobody"
ROLES = (SUPERUSER, ADMIN, MEMBER, OTHER_ADMIN, NO_STAFF, NOBODY)


def client_of(role: str, account: Account, other: Account) -> Client:
    """Return a browser in which a person of this role is signed in."""
    client = Client()
    user = _user(role, account, other)
    if user is not None:
        client.force_login(user)
    return client


def _user(role: str, account: Account, other: Account) -> User | None:
    if role == NOBODY:
        return None
    if role == SUPERUSER:
        return UserFactory.create(is_staff=True, is_superuser=True)
    member: Membership = MembershipFactory.create(
        account=other if role == OTHER_ADMIN else account,
        role=Membership.Role.MEMBER if role == MEMBER else Membership.Role.ADMIN,
        user__is_staff=role != NO_STAFF,
    )
    return member.user


def staff(member: Membership) -> Client:
    """Return a browser in which the member is signed in, as staff."""
    User.objects.filter(pk=member.user_id).update(is_staff=True)
    member.user.refresh_from_db()
    client = Client()
    client.force_login(member.user)
    return client


def is_let_in(answer: Any) -> bool:
    """Tell whether the door opened: Django sends those whom it does not let in elsewhere."""
    if answer.status_code in {403, 404}:
        return False
    if answer.status_code == 302:
        return answer.url != "/admin/" and "login" not in answer.url
    assert answer.status_code == 200, answer.status_code
    return True
