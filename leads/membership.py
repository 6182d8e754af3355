"""Which account's leads a signed-in person looks at: by membership, looked up at every request."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from leads.models import Membership, User

P = ParamSpec("P")

_CHOSEN = "account"


class MemberRequest(HttpRequest):
    """A request of a signed-in person, who is a member of the account it is about."""

    user: User
    htmx: HtmxDetails
    membership: Membership
    # All of the person's, by name, for the menu that switches between them.
    memberships: list[Membership]


MemberView = Callable[Concatenate[MemberRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def memberships_of(user: User) -> list[Membership]:
    """Return the person's memberships with their accounts, by the account's name."""
    if user.known_memberships is not None:
        return user.known_memberships
    return list(user.memberships.select_related("account").order_by("account__name", "id"))


def current_membership(
    request: HttpRequest, memberships: list[Membership] | None = None
) -> Membership | None:
    """Return the membership in the account that was chosen, else in the first by name, else None.

    A choice counts while the person is a member: nothing is kept in the session but its number.
    """
    if memberships is None:
        memberships = memberships_of(request.user)  # type: ignore[arg-type] # signed in
    chosen = request.session.get(_CHOSEN)
    of_choice = (member for member in memberships if member.account_id == chosen)
    return next(of_choice, memberships[0] if memberships else None)


def is_chosen(session: Mapping[str, object], account_id: int, memberships: int) -> bool:
    """Tell whether it is clear from the session that its person is in the account just now.

    `account_id` is one of their accounts, `memberships` the number of all of them.
    """
    return memberships == 1 or session.get(_CHOSEN) == account_id


def choose_account(request: HttpRequest, account_id: int) -> bool:
    """Remember the account for this session; tell whether the person is a member of it."""
    mine = any(
        member.account_id == account_id
        for member in memberships_of(request.user)  # type: ignore[arg-type] # signed in
    )
    if mine:
        request.session[_CHOSEN] = account_id
    return mine


def member_required(view: MemberView[P]) -> View[P]:
    """Ask for a sign-in and a membership, and hand the view both: see `MemberRequest`.

    Who is signed in without an account is told so, with status 403.
    """

    @login_required
    @wraps(view)
    def wrapped(request: MemberRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        request.memberships = memberships_of(request.user)
        membership = current_membership(request, request.memberships)
        if membership is None:
            return render(request, "leads/no_account.html", status=403)
        request.membership = membership
        # Every part that is written by this person knows who, without asking again.
        membership.user = request.user
        return view(request, *args, **kwargs)

    return wrapped  # type: ignore[return-value] # what comes in is an HttpRequest until it is checked
