"""Signing in, in a real browser: by password, passkey and keyboard, in Spanish, without scripts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from leads.models import Membership
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "correct horse battery"
LEADS = re.compile(r"/leads/$")


def fill_in(page: Page, member: Membership, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(member.user.email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    # With its scripts: a passkey's button does nothing without.
    page.wait_for_load_state()


def test_a_wrong_password_is_said_and_the_right_one_opens(visit: Visit, owner: Membership) -> None:
    page = visit(None, "/leads/")
    fill_in(page, owner, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("not correct")
    fill_in(page, owner)
    expect(page).to_have_url(LEADS)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Acme Solar")


def test_keyboard_alone_suffices(visit: Visit, owner: Membership) -> None:
    page = visit(None, "/accounts/login/")
    page.get_by_label("E-mail address").press_sequentially(owner.user.email)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(LEADS)


def test_without_scripts_one_signs_in_and_out(visit: Visit, owner: Membership) -> None:
    page = visit(None, "/accounts/login/", java_script_enabled=False)
    fill_in(page, owner)
    expect(page).to_have_url(LEADS)
    sign_out(page)
    page.goto("/leads/")
    expect(page).to_have_url(re.compile(r"/accounts/login/\?next=/leads/"))


def test_spanish_is_one_click_away_and_stays(visit: Visit, owner: Membership) -> None:
    page = visit(None, "/accounts/login/")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", name="Iniciar sesión")).to_be_visible()
    page.get_by_label("Correo electrónico").fill(owner.user.email)
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Iniciar sesión", exact=True).click()
    expect(page.get_by_text("Aún no hay leads")).to_be_visible()


def test_a_passkey_is_added_and_opens_without_a_password(visit: Visit, owner: Membership) -> None:
    page = visit(None, "/accounts/login/?next=/accounts/2fa/webauthn/add/")
    _plug_in_a_key(page)
    fill_in(page, owner)
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("Laptop")
    page.get_by_label("Passkey: sign in with it alone").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(LEADS)

    sign_out(page)
    fill_in(page, owner)
    expect(page.get_by_role("button", name="Use a passkey or security key")).to_be_visible()
    page.wait_for_load_state()
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page).to_have_url(LEADS)


def _plug_in_a_key(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": key})


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_at_the_door(
    visit: Visit, db: None, accessible: Callable[[Page], None], theme: str, width: int
) -> None:
    options = {"color_scheme": theme, "viewport": {"width": width, "height": 800}}
    page = visit(None, "/accounts/login/", **options)
    accessible(page)
    for place in ["password/reset/", "password/reset/done/", "signup/"]:
        page.goto(f"/accounts/{place}")
        accessible(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_about_signing_in(
    visit: Visit, owner: Membership, accessible: Callable[[Page], None], theme: str
) -> None:
    page = visit(None, "/accounts/login/?next=/accounts/2fa/totp/activate/", color_scheme=theme)
    fill_in(page, owner)
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    accessible(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_alt_text("QR code")).to_be_visible()
    accessible(page)
    for place in ["2fa/", "2fa/webauthn/", "2fa/webauthn/add/", "password/change/", "logout/"]:
        page.goto(f"/accounts/{place}")
        accessible(page)
