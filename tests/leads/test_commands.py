"""The commands that make accounts and keys, and revoke them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from leads import keys
from leads.models import Account, ApiKey, Lead
from leads.services import revoke_api_key
from tests.conftest import ApiClient
from tests.factories import api_key
from tests.timeline.saved import Ran, run


def make_key(account: Account, *arguments: str) -> Ran:
    return run("create_api_key", "--account", account.name, "--name", "Website", *arguments)


def refused(ran: Ran) -> str:
    """Return the one line that a command failed with."""
    assert (ran.code, ran.out) == (1, "")
    (line,) = ran.err
    return line


# --- Accounts -----------------------------------------------------------------------------------


def test_an_account_is_made(db: None) -> None:
    ran = run("create_account", " Acme Solar ", "--region", "cl")
    assert ran == ("Made the account 'Acme Solar'.\n", [], 0)
    assert Account.objects.get().region == "CL"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["acme SOLAR"], "There is an account 'Acme Solar' already."),
        (["Other", "--region", "Chile"], "region: "),
        (["Other", "--region", "1!"], "region: "),
        ([" "], "name: This field cannot be blank."),
        (["x" * 201], "name: Ensure this value has at most 200 characters"),
        (["\udcff"], "'\\udcff' is not UTF-8."),
        (["a\0b"], "A name has no NUL character."),
    ],
)
def test_an_account_that_cannot_be_made_says_why(
    account: Account, arguments: list[str], reason: str
) -> None:
    assert refused(run("create_account", *arguments)).startswith(reason)
    assert Account.objects.count() == 1


# --- Keys ---------------------------------------------------------------------------------------


def test_a_key_is_all_that_is_printed_and_it_opens_the_account(lead: Lead) -> None:
    ran = make_key(lead.account)
    assert ran.code == 0
    key = ran.out.removesuffix("\n")
    assert keys.is_well_formed(key)
    assert key not in " ".join(ran.err)
    assert ApiClient(key).history(lead).status_code == 200


def test_a_key_is_made_as_asked(account: Account) -> None:
    make_key(account, "--scopes", "leads:read, history:read,", "--rate", "7", "--expires", "90d")
    made = ApiKey.objects.get()
    assert (made.name, made.scopes) == ("Website", ["history:read", "leads:read"])
    assert made.rate_per_minute == 7
    assert made.expires_at is not None
    assert abs(made.expires_at - timezone.now() - timedelta(days=90)) < timedelta(minutes=5)


def test_a_key_is_good_to_the_end_of_its_last_day_here(
    account: Account, settings: Settings
) -> None:
    settings.TIME_ZONE = "America/Santiago"
    ran = make_key(account, "--expires", "2047-01-31")
    assert ApiKey.objects.get().expires_at == datetime(2047, 2, 1, 3, 0, tzinfo=UTC)
    assert ran.err[0].endswith("It expires at 2047-02-01 00:00 -03.")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--scopes", "history:read,all"], "There is no scope 'all'. Scopes are history:read, "),
        (["--scopes", ","], "A key needs a scope."),
        (["--rate", "0"], "rate_per_minute: "),
        (["--rate", "-1"], "--rate must be a whole number of requests a minute, not '-1'."),
        (["--rate", "many"], "--rate must be a whole number"),
        (["--expires", "2020-01-31"], "--expires 2020-01-31 is over."),
        (["--expires", "0d"], "--expires 0d is over."),
        (["--expires", "2047-02-31"], "--expires must be a day, as 2027-01-31, or days, as 90d"),
        (["--expires", "9999999999d"], "--expires must be a day"),
        (["--expires", "9999-12-31"], "--expires must be a day"),
        (["--expires", "soon"], "--expires must be a day"),
        (["--name", " "], "name: This field cannot be blank."),
        (["--name", "x" * 101], "name: Ensure this value has at most 100 characters"),
        (["--account", "Nobody's"], 'There is no account "Nobody\'s". To make it: '),
    ],
)
def test_a_key_that_cannot_be_made_says_why(
    account: Account, arguments: list[str], reason: str
) -> None:
    assert refused(make_key(account, *arguments)).startswith(reason)
    assert not ApiKey.objects.exists()


# --- Revoking -----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["id", "beginning", "longer beginning", "as lists show it", "key"])
def test_a_key_is_revoked_by_what_names_it(lead: Lead, by: str) -> None:
    row, key = api_key(lead.account)
    named = {"id": str(row.id), "beginning": row.prefix, "as lists show it": f"{row.prefix}…"}
    named["longer beginning"] = row.prefix + "abc"
    ran = run("revoke_api_key", named.get(by, key))
    assert ran == (f"Revoked 'test' ({row.prefix}…) of 'Acme Solar'.\n", [], 0)
    assert ApiClient(key).history(lead).status_code == 401


def test_revoking_again_changes_nothing(account: Account) -> None:
    row, _ = api_key(account)
    revoke_api_key(row)
    ran = run("revoke_api_key", str(row.id))
    assert ran.out.startswith("There is nothing to do: 'test' (")
    assert ran.code == 0
    before = row.revoked_at
    row.refresh_from_db()
    assert row.revoked_at == before


def test_an_ambiguous_beginning_lists_who_is_meant(
    account: Account, other_account: Account
) -> None:
    rows = [api_key(account)[0], api_key(other_account)[0]]
    ApiKey.objects.update(prefix="nxr_live_abc123")
    ran = run("revoke_api_key", "nxr_live_abc")
    assert ran.code == 1
    assert ran.err[0] == "Several keys begin so. Give the id of one:"
    assert {line.split()[0] for line in ran.err[1:]} == {str(row.id) for row in rows}
    assert not ApiKey.objects.exclude(revoked_at=None).exists()
    assert run("revoke_api_key", "nxr_live_abc", "--account", "other ltd").code == 0
    assert ApiKey.objects.exclude(revoked_at=None).get() == rows[1]


@pytest.mark.parametrize(
    ("named", "reason"),
    [
        ("nxr_live_", "'nxr_live_' names no key: "),
        ("", "'' names no key: "),
        ("nxr_live_ÿ\udcff", "'nxr_live_ÿ\\udcff' names no key: "),
        ("nxr_live_zzzzzz", "There is no such key."),
        ("nxr_live_%%%%%%", "There is no such key."),
        ("018f0000-0000-7000-8000-000000000000", "There is no such key."),
    ],
)
def test_what_names_no_key_revokes_none(account: Account, named: str, reason: str) -> None:
    api_key(account)
    assert refused(run("revoke_api_key", named)).startswith(reason)
    assert not ApiKey.objects.exclude(revoked_at=None).exists()


def test_a_key_of_another_account_is_not_revoked_for_one(
    account: Account, other_account: Account
) -> None:
    row, _ = api_key(other_account)
    named = run("revoke_api_key", str(row.id), "--account", account.name)
    assert refused(named) == "There is no such key."


# --- A database out of order --------------------------------------------------------------------


def test_a_database_that_refuses_is_one_line(account: Account) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE leads_account RENAME TO gone")
    line = refused(run("create_account", "Other"))
    assert line.startswith('The database: relation "leads_account" does not exist')
