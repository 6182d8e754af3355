"""What is asked, in turns: the floor, the product's endpoint and pages, the usual view."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.urls import reverse

from leads.models import Membership, User
from leads.sessions import SessionStore
from timeline import live
from timeline.api.parameters import next_cursor
from timeline.bench import floor, measure, usual
from timeline.bench.dataset import Dataset
from timeline.bench.measure import Application, Candidate
from timeline.drawn import forget
from timeline.history import KEYS, position_of, read_page

# Of the candidates, those whose statements are worth looking at.
PLANNED = (
    "endpoint",
    "long lead",
    "long lead, offset at 90 %",
    "long lead, cursor at 90 %",
    "long lead, a rare channel",
)


def candidates_of(data: Dataset, key: str, cookie: str) -> list[Candidate]:
    """Return all candidates, for a key of the dataset's account and a member's cookie."""
    headers = {"X-API-Key": key}
    product = measure.product()
    first = Candidate("endpoint", product, history_of(data.ordinary[0]), headers=headers)
    etag = measure.ask(first)["ETag"]
    deep = data.long_entries * 9 // 10
    whole = first._replace(name="long lead", path=history_of(data.long))
    middle = history_of(data.middle)
    usual_view = first._replace(name="usual view", application=usual.application)
    page = reverse("lead", args=[data.ordinary[0]])
    shown = Candidate("lead page", product, page, headers={"Cookie": cookie}, share=0.5)
    anew = shown._replace(name="lead page, drawn anew", application=_forgetting(product))
    return [
        first._replace(name="floor", application=floor.application),
        first,
        first._replace(name="304", headers={**headers, "If-None-Match": etag}, expect="304"),
        whole,
        whole._replace(name="long lead, offset 1,000", query="offset=1000"),
        whole._replace(name="long lead, offset at 90 %", query=f"offset={deep}"),
        whole._replace(name="long lead, cursor at 90 %", query=_cursor(data, deep)),
        whole._replace(name="long lead, a rare channel", query="channel=email"),
        whole._replace(name="middle lead, offset 1,000", path=middle, query="offset=1000"),
        shown,
        anew,
        shown._replace(
            name="idle poll",
            path=reverse("lead-live", args=[data.ordinary[0]]),
            # As the page has it; nothing changes from here on.
            query=urlencode({"token": live.token()}),
            headers={"Cookie": cookie, "HX-Request": "true"},
            expect="204",
            share=1,
        ),
        usual_view,
        usual_view._replace(
            name="usual view, middle lead, offset 1,000",
            path=middle,
            query="offset=1000",
            share=0.01,
        ),
    ]


def _forgetting(product: Application) -> Application:
    def application(*asked: Any) -> Iterable[bytes]:
        forget()
        return product(*asked)

    return application


def history_of(lead_id: object) -> str:
    return f"/api/public/leads/{lead_id}/history"


def _cursor(data: Dataset, offset: int) -> str:
    (entry,) = read_page(data.account.pk, data.long, limit=1, offset=offset, detail=KEYS).entries
    cursor = next_cursor(data.long, position_of(entry), newest_first=False)
    return urlencode({"cursor": cursor})


@contextmanager
def signed_in(data: Dataset) -> Iterator[str]:
    """Make a member of the account, who is gone afterwards; give the cookies of their browser."""
    email = f"bench-{data.account.pk}@example.com"
    User.objects.filter(email=email).delete()
    user = User.objects.create_user(email, name="Bench")
    request = HttpRequest()
    request.session = SessionStore()
    try:
        Membership.objects.create(account=data.account, user=user)
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        request.session.save()
        # As a browser has them that was here before.
        yield (
            f"{settings.SESSION_COOKIE_NAME}={request.session.session_key};"
            f" {settings.CSRF_COOKIE_NAME}={request.META['CSRF_COOKIE']}"
        )
    finally:
        request.session.delete()
        user.delete()
