"""Single sign-on by OpenID Connect: off without settings, and for the users there are."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import clear_url_caches

import config.urls
import leads.urls
from leads.models import Membership, User
from leads.sign_in import SingleSignOnAdapter

ISSUER = "https://id.example.com"
ENVIRONMENT = {
    "LEADLINE_OIDC_ISSUER": f"{ISSUER}/",
    "LEADLINE_OIDC_NAME": "Example ID",
    "LEADLINE_OIDC_CLIENT_ID": "leadline",
    "LEADLINE_OIDC_CLIENT_SECRET": "secret",
}


def boot(script: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with the settings that the environment makes."""
    return subprocess.run(
        [sys.executable, "-c", f"from config import settings\n{script}"],
        env={**os.environ, **environment},
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


class Issuer:
    """What the issuer answers; `person` is who signed in there."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {"sub": "42"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def get(self, url: str, **_: Any) -> "Answer":
        if url.startswith(f"{ISSUER}/.well-known/"):
            names = ("authorization", "token", "userinfo")
            return Answer({f"{name}_endpoint": f"{ISSUER}/{name}" for name in names})
        return Answer(self.person)

    def request(self, *_: Any, **__: Any) -> "Answer":
        return Answer({"access_token": "token"})


class Answer:
    status_code = 200
    headers: dict[str, str] = {"content-type": "application/json"}  # noqa: RUF012 - never changed

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def json(self) -> dict[str, Any]:
        return self.content

    def raise_for_status(self) -> None:
        pass


@pytest.fixture
def issuer(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    """Switch single sign-on on, with an issuer of our own."""
    answer = boot("print(repr(settings.SOCIALACCOUNT_PROVIDERS))", **ENVIRONMENT)
    settings.SOCIALACCOUNT_PROVIDERS = eval(answer.stdout)
    settings.OIDC_ISSUER = ISSUER
    issuer = Issuer()
    monkeypatch.setattr(SingleSignOnAdapter, "get_requests_session", lambda _: issuer)
    _read_urls_anew()
    yield issuer
    settings.OIDC_ISSUER = ""
    _read_urls_anew()


def _read_urls_anew() -> None:
    importlib.reload(leads.urls)
    importlib.reload(config.urls)
    clear_url_caches()


def sign_in(browser: Client) -> Any:
    """Go to the issuer and come back with what it says."""
    away = browser.post("/accounts/oidc/sso/login/?process=login")
    asked = parse_qs(urlsplit(away["Location"]).query)
    assert away["Location"].startswith(f"{ISSUER}/authorization?")
    assert asked["code_challenge_method"] == ["S256"]
    back = {"code": "code", "state": asked["state"][0]}
    return browser.get("/accounts/oidc/sso/login/callback/", back, follow=True)


@pytest.fixture
def browser() -> Client:
    return Client(HTTP_HOST="localhost")


def test_the_door_offers_it_by_name(browser: Client, issuer: Issuer, db: None) -> None:
    assert "Sign in with Example ID" in browser.get("/accounts/login/").content.decode()


def test_a_user_of_the_house_with_a_verified_address_is_let_in(
    browser: Client, issuer: Issuer, owner: Membership
) -> None:
    issuer.person |= {"email": "Owner@acme.example.com", "email_verified": True}
    assert sign_in(browser).redirect_chain[-1][0] == "/leads/"
    assert browser.get("/leads/").status_code == 200


@pytest.mark.parametrize("verified", [{"email_verified": False}, {}])
def test_an_address_that_the_issuer_has_not_verified_opens_nothing(
    browser: Client, issuer: Issuer, owner: Membership, verified: dict[str, bool]
) -> None:
    issuer.person |= {"email": owner.user.email, **verified}
    sign_in(browser)
    assert browser.get("/leads/").status_code == 302


def test_who_is_no_user_yet_is_not_made_one(browser: Client, issuer: Issuer, db: None) -> None:
    issuer.person |= {"email": "new@example.com", "email_verified": True}
    assert "By invitation" in sign_in(browser).content.decode()
    assert not User.objects.exists()


def test_its_settings_are_checked_and_the_policy_lets_the_form_go_there() -> None:
    policy = boot("print(settings.CONTENT_SECURITY_POLICY)", **ENVIRONMENT)
    assert f"'form-action': [\"'self'\", '{ISSUER}']" in policy.stdout
    plain = boot("", **{**ENVIRONMENT, "LEADLINE_OIDC_ISSUER": "http://id.example.com"})
    assert "LEADLINE_OIDC_ISSUER" in plain.stderr
    nameless = {name: value for name, value in ENVIRONMENT.items() if "CLIENT_ID" not in name}
    assert "OIDC_CLIENT_ID" in boot("", **nameless).stderr
