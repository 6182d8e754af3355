"""Who asks: the user of a session along with their memberships, by one prepared statement."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from leads import prepared
from leads.models import Account, Membership, User
from leads.rows import columns_of, made_of, names_of

_USER, _MEMBERSHIP, _ACCOUNT = map(names_of, (User, Membership, Account))

_PERSON = f"""
    SELECT {columns_of("person", _USER)}, {columns_of("member", _MEMBERSHIP)},
        {columns_of("account", _ACCOUNT)}
    FROM leads_user person
    LEFT JOIN leads_membership member ON member.user_id = person.id
    LEFT JOIN leads_account account ON account.id = member.account_id
    WHERE person.id = %(user)s ORDER BY account.name, member.id
"""


class Backend(AuthenticationBackend):  # type: ignore[misc] # allauth is untyped
    """allauth's, which is Django's but for addresses in place of names."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the active user with `known_memberships`."""
        rows = prepared.fetch_all(_PERSON, {"user": int(user_id)})
        if not rows:
            return None
        user = made_of(User, _USER, rows[0][: len(_USER)])
        user.known_memberships = [
            _membership(user, row[len(_USER) :]) for row in rows if row[len(_USER)] is not None
        ]
        return user if self.user_can_authenticate(user) else None


def _membership(user: User, row: tuple[Any, ...]) -> Membership:
    membership = made_of(Membership, _MEMBERSHIP, row[: len(_MEMBERSHIP)])
    membership.user = user
    membership.account = made_of(Account, _ACCOUNT, row[len(_MEMBERSHIP) :])
    return membership
