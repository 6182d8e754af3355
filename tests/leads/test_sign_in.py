"""The one door for people: by mail and password, with rates, a second step, and no sign-up."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client

from leads.models import Membership, User
from tests.factories import UserFactory

PASSWORD = "correct horse battery"


@pytest.fixture
def browser() -> Client:
    return Client(HTTP_HOST="localhost")


def sign_in(browser: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return browser.post("/accounts/login/", {"login": email, "password": password, **extra})


def is_signed_in(browser: Client) -> bool:
    return browser.get("/accounts/password/change/").status_code == 200


def test_a_member_signs_in_by_mail_in_any_case_and_lands_on_the_leads(
    browser: Client, owner: Membership
) -> None:
    answer = sign_in(browser, "Owner@ACME.example.com")
    assert (answer.status_code, answer["Location"]) == (302, "/leads/")
    assert browser.get("/leads/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/leads/", "/accounts/2fa/", "/admin/"])
def test_without_signing_in_there_is_only_the_door(browser: Client, db: None, path: str) -> None:
    answer = browser.get(path, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/")
    assert answer.status_code == 200


def test_signing_in_leads_to_where_one_was_going_but_never_elsewhere(
    browser: Client, owner: Membership
) -> None:
    assert sign_in(browser, owner.user.email, next="/leads/?q=ana")["Location"] == "/leads/?q=ana"
    browser.logout()
    answer = sign_in(browser, owner.user.email, next="https://evil.example.com/")
    assert answer["Location"] == "/leads/"


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(
    browser: Client, owner: Membership
) -> None:
    wrong = sign_in(browser, owner.user.email, "wrong")
    unknown = sign_in(browser, "nobody@example.com", "wrong")
    said = [
        re.findall(r'role="alert">.*?<span>(.*?)</span>', page.content.decode())
        for page in (wrong, unknown)
    ]
    assert said[0] == said[1] != []
    assert not is_signed_in(browser)


def test_attempts_at_one_address_are_limited(browser: Client, owner: Membership) -> None:
    for _ in range(5):
        sign_in(browser, owner.user.email, "wrong")
    answer = sign_in(browser, owner.user.email)
    assert not is_signed_in(browser)
    assert "Too many failed login attempts" in answer.content.decode()


def test_attempts_from_one_address_of_the_net_are_limited(browser: Client, db: None) -> None:
    answers = [sign_in(browser, f"{n}@example.com", "wrong").status_code for n in range(31)]
    assert answers[-1] == 429
    assert "Too many attempts" in sign_in(browser, "a@example.com").content.decode()


def test_somebody_switched_off_cannot_sign_in(browser: Client, owner: Membership) -> None:
    User.objects.filter(pk=owner.user_id).update(is_active=False)
    sign_in(browser, owner.user.email)
    assert not is_signed_in(browser)


def test_nobody_signs_up(browser: Client, db: None) -> None:
    assert "By invitation" in browser.get("/accounts/signup/").content.decode()
    browser.post("/accounts/signup/", {"email": "new@example.com", "password1": PASSWORD})
    assert not User.objects.exists()


def test_signing_out_takes_a_post(browser: Client, owner: Membership) -> None:
    sign_in(browser, owner.user.email)
    browser.get("/accounts/logout/")
    assert is_signed_in(browser)
    answer = browser.post("/accounts/logout/")
    assert answer["Location"] == "/accounts/login/"
    assert not is_signed_in(browser)


def test_a_forgotten_password_is_changed_by_a_link_that_works_once(
    browser: Client, owner: Membership
) -> None:
    browser.post("/accounts/password/reset/", {"email": owner.user.email})
    (letter,) = mail.outbox
    assert letter.to == [owner.user.email]
    (link,) = re.findall(r"http://localhost(/accounts/password/reset/key/\S+)", str(letter.body))
    form = browser.get(link)["Location"]
    answer = browser.post(
        form, {"password1": "another long phrase", "password2": "another long phrase"}
    )
    assert answer.status_code == 302
    assert sign_in(browser, owner.user.email, "another long phrase")["Location"] == "/leads/"
    browser.logout()
    assert "has been used" in Client(HTTP_HOST="localhost").get(link).content.decode()


def test_who_asks_for_an_unknown_address_learns_nothing_and_sends_no_mail(
    browser: Client, owner: Membership
) -> None:
    unknown = browser.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    known = browser.post("/accounts/password/reset/", {"email": owner.user.email})
    assert unknown["Location"] == known["Location"]
    assert [letter.to for letter in mail.outbox] == [[owner.user.email]]


def test_a_changed_password_ends_the_other_sessions(browser: Client, owner: Membership) -> None:
    elsewhere = Client(HTTP_HOST="localhost")
    sign_in(browser, owner.user.email)
    sign_in(elsewhere, owner.user.email)
    changed = {
        "oldpassword": PASSWORD,
        "password1": "another long phrase",
        "password2": "another long phrase",
    }
    assert browser.post("/accounts/password/change/", changed).status_code == 302
    assert is_signed_in(browser)
    assert not is_signed_in(elsewhere)


def test_the_session_is_another_one_after_signing_in(browser: Client, owner: Membership) -> None:
    browser.session.save()
    browser.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    before = browser.session.session_key
    sign_in(browser, owner.user.email)
    assert browser.session.session_key != before


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(
    browser: Client, owner: Membership, settings: Any
) -> None:
    settings.SESSION_COOKIE_SECURE = True
    sign_in(browser, owner.user.email)
    cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 14 * 24 * 3600


def test_a_session_is_renewed_by_use_but_not_written_at_every_click(
    browser: Client, owner: Membership, settings: Any
) -> None:
    sign_in(browser, owner.user.email)
    name = settings.SESSION_COOKIE_NAME
    assert name not in browser.get("/leads/").cookies
    session = browser.session
    session["renewed_on"] = "2026-01-01"
    session.save()
    assert name in browser.get("/leads/").cookies


def test_a_second_step_is_asked_of_who_has_one(browser: Client, owner: Membership) -> None:
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(owner.user, secret)
    assert sign_in(browser, owner.user.email)["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_signed_in(browser)
    counter = next(iter(yield_hotp_counters_from_time()))
    code = format_hotp_value(hotp_value(secret, counter))
    assert browser.post("/accounts/2fa/authenticate/", {"code": code})["Location"] == "/leads/"
    assert is_signed_in(browser)


def test_changing_how_one_signs_in_asks_for_the_password_again(
    browser: Client, owner: Membership
) -> None:
    sign_in(browser, owner.user.email)
    answer = browser.get("/accounts/2fa/totp/activate/")
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    answer = browser.post(answer["Location"], {"password": PASSWORD})
    assert browser.get("/accounts/2fa/totp/activate/").status_code == 200
    assert not Authenticator.objects.exists()


def test_the_admin_is_behind_the_same_door_and_for_staff(
    browser: Client, owner: Membership
) -> None:
    UserFactory.create(email="root@example.com", is_staff=True, is_superuser=True)
    assert browser.get("/admin/login/")["Location"].startswith("/accounts/login/")
    sign_in(browser, owner.user.email)
    assert browser.get("/admin/", follow=True).status_code == 403
    browser.logout()
    assert sign_in(browser, "root@example.com", next="/admin/")["Location"] == "/admin/"
    assert browser.get("/admin/").status_code == 200


def test_the_language_is_chosen_and_kept(browser: Client, db: None) -> None:
    assert 'lang="en"' in browser.get("/accounts/login/").content.decode()
    browser.post("/language/setlang/", {"language": "es", "next": "/accounts/login/"})
    page = browser.get("/accounts/login/").content.decode()
    assert 'lang="es"' in page
    assert "Iniciar sesión" in page


def test_single_sign_on_is_off_until_it_is_set_up(browser: Client, db: None) -> None:
    assert browser.get("/accounts/oidc/sso/login/").status_code == 404
    assert browser.get("/accounts/3rdparty/").status_code == 404
