"""What the server answers is what Django would, whichever way it goes."""

import psycopg
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from config.handler import Handler
from leads.models import Account, ApiKey, Lead
from tests.config.asking import Sent, ask
from tests.factories import api_key

# As in a server: Django closes connections between requests, which no test's transaction bears.
pytestmark = pytest.mark.django_db(transaction=True)

# Another one in every answer, or after a second: the order of the directives, for one.
_OWN = {"RateLimit-Remaining", "RateLimit-Reset", "Content-Security-Policy"}


def shared(answer: Sent) -> Sent:
    headers = {name: value for name, value in answer.headers.items() if name not in _OWN}
    return answer._replace(headers=headers)


@pytest.fixture
def key(account: Account) -> tuple[ApiKey, str]:
    return api_key(account)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/public/leads/{lead}/history"),
        ("GET", "/api/public/leads/{lead}/history?limit=1&view=full"),
        ("GET", "/api/public/leads/{lead}/history?limit=0"),
        ("HEAD", "/api/public/leads/{lead}/history"),
        ("POST", "/api/public/leads/{lead}/history"),
        ("GET", "/api/public/leads/nobody/history"),
        ("GET", "/api/public/leads/{lead}"),
        ("GET", "/api/public/leads"),
        ("GET", "/api/public/nothing"),
        ("GET", "/api/webhooks/nothing"),
        ("GET", "/api/schema"),
        ("GET", "/leads/"),
    ],
)
def test_the_answer_is_djangos(lead: Lead, key: tuple[ApiKey, str], method: str, path: str) -> None:
    asked = path.format(lead=lead.pk)
    ours = ask(Handler(), asked, method, x_api_key=key[1])
    djangos = ask(WSGIHandler(), asked, method, x_api_key=key[1])
    assert shared(ours) == shared(djangos)
    assert ours.status < "500"


def test_what_is_unchanged_has_no_body(lead: Lead, key: tuple[ApiKey, str]) -> None:
    path = f"/api/public/leads/{lead.pk}/history"
    whole = ask(Handler(), path, x_api_key=key[1])
    assert whole.status == "200 OK"
    etag = whole.headers["ETag"]
    again = ask(Handler(), path, x_api_key=key[1], if_none_match=etag)
    assert (again.status, again.body) == ("304 Not Modified", b"")
    assert again.headers["ETag"] == etag


def test_a_read_is_noted_once_it_is_out(lead: Lead, key: tuple[ApiKey, str]) -> None:
    ask(Handler(), f"/api/public/leads/{lead.pk}/history", x_api_key=key[1])
    key[0].refresh_from_db()
    assert key[0].last_used_from == "203.0.113.7"


def test_a_read_replaces_a_connection_that_was_lost(lead: Lead, key: tuple[ApiKey, str]) -> None:
    path = f"/api/public/leads/{lead.pk}/history"
    application = Handler()
    before = ask(application, path, x_api_key=key[1])
    pid = connection.connection.info.backend_pid
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    after = ask(application, path, x_api_key=key[1])
    assert shared(after) == shared(before)
