"""API keys as text: their form, their checksum, and that none is kept anywhere."""

import hashlib
import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from leads import keys, services
from leads.models import Account, ApiKey, Membership, Scope
from tests.factories import api_key


def test_a_key_is_its_prefix_at_least_32_random_base62_characters_and_a_checksum() -> None:
    assert re.fullmatch(r"nxr_live_[0-9A-Za-z]{46}", keys.make())


def test_no_two_keys_are_alike() -> None:
    assert len({keys.make() for _ in range(1_000)}) == 1_000


def test_every_key_made_is_well_formed() -> None:
    assert all(keys.is_well_formed(keys.make()) for _ in range(1_000))


def test_a_typo_anywhere_is_noticed() -> None:
    key = keys.make()
    for place in range(len(key)):
        other = "x" if key[place] != "x" else "y"
        assert not keys.is_well_formed(key[:place] + other + key[place + 1 :])


def test_two_neighbours_changing_places_are_noticed() -> None:
    key = keys.make()
    for place in range(len(keys.PREFIX), len(key) - 1):
        swapped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
        assert swapped == key or not keys.is_well_formed(swapped)


def test_a_key_is_well_formed_to_the_letter_or_not_at_all() -> None:
    key = keys.make()
    changed = [
        f"{key}\n",
        f" {key}",
        f"{key} ",
        key[:-1],
        f"{key}0",
        key[1:],
        key.replace("_", "-"),
    ]
    assert not any(keys.is_well_formed(other) for other in ["", *changed])


def test_the_digest_is_the_keys_sha_256() -> None:
    key = keys.make()
    assert keys.digest(key) == hashlib.sha256(key.encode()).digest()


def test_what_is_visible_of_a_key_leaves_it_as_hard_to_guess() -> None:
    key = keys.make()
    visible = keys.visible_part(key)
    assert key.startswith(visible)
    assert len(key) - len(visible) - 6 >= 32  # without the checksum, which guards nothing


# --- Made, revoked, rotated ----------------------------------------------------------------------


def test_the_key_itself_is_in_no_column(account: Account) -> None:
    row, key = api_key(account)
    row.refresh_from_db()
    body = key.removeprefix(keys.PREFIX)
    for field in ApiKey._meta.concrete_fields:
        value = getattr(row, field.attname)
        assert body not in str(value)
        if isinstance(value, bytes | memoryview):
            assert body.encode() not in bytes(value)
    assert body not in str(row) + repr(row)


def test_a_key_remembers_who_made_it_for_what(account: Account, owner: Membership) -> None:
    expires = timezone.now() + timedelta(days=1)
    row, key = services.create_api_key(
        account,
        " CRM ",
        [Scope.LEADS_WRITE, Scope.HISTORY_READ, Scope.HISTORY_READ],
        rate_per_minute=5,
        expires_at=expires,
        created_by=owner.user,
    )
    row.refresh_from_db()
    assert (row.name, row.account, row.created_by) == ("CRM", account, owner.user)
    assert row.scopes == ["history:read", "leads:write"]
    assert (row.rate_per_minute, row.expires_at) == (5, expires)
    assert row.prefix == keys.visible_part(key)
    assert row.is_active()


@pytest.mark.parametrize(
    ("name", "scopes", "rate"),
    [
        ("", ["history:read"], None),
        (" ", ["history:read"], None),
        ("x" * 101, ["history:read"], None),
        ("CRM", [], None),
        ("CRM", ["history:delete"], None),
        ("CRM", ["history:read"], 0),
        ("CRM", ["history:read"], -1),
        ("CRM", ["history:read"], 1_000_001),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(
    account: Account, name: str, scopes: list[str], rate: int | None
) -> None:
    with pytest.raises(ValidationError):
        services.create_api_key(account, name, scopes, rate_per_minute=rate)
    assert not ApiKey.objects.exists()


def test_a_key_revoked_again_keeps_the_time_it_was_revoked_first(account: Account) -> None:
    row, _ = api_key(account)
    services.revoke_api_key(row)
    first = row.revoked_at
    assert first is not None
    services.revoke_api_key(row)
    row.refresh_from_db()
    assert row.revoked_at == first
    assert not row.is_active()


def test_a_keys_successor_may_do_the_same(account: Account, owner: Membership) -> None:
    row, key = api_key(account, Scope.LEADS_READ, Scope.LEADS_WRITE, rate=7)
    successor, new_key = services.rotate_api_key(row, timedelta(hours=1), created_by=owner.user)
    assert new_key != key
    assert (successor.account, successor.name) == (account, row.name)
    assert (successor.scopes, successor.rate_per_minute) == (row.scopes, 7)
    assert successor.created_by == owner.user


@pytest.mark.parametrize(("days_left", "grace", "expected"), [(None, 1, 1), (10, 1, 1), (1, 10, 1)])
def test_a_rotated_key_never_lives_longer_than_before(
    account: Account, days_left: int | None, grace: int, expected: int
) -> None:
    now = timezone.now()
    row, _ = api_key(account, expires_at=days_left and now + timedelta(days=days_left))  # type: ignore[arg-type] # None or a time
    services.rotate_api_key(row, timedelta(days=grace))
    row.refresh_from_db()
    assert row.expires_at is not None
    assert abs(row.expires_at - now - timedelta(days=expected)) < timedelta(minutes=1)


def test_without_grace_a_rotated_key_is_invalid_at_once(account: Account) -> None:
    row, _ = api_key(account)
    services.rotate_api_key(row, timedelta())
    row.refresh_from_db()
    assert not row.is_active()
