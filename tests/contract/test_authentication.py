"""Who may ask: the key, its scopes, and in which order all is checked."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from leads import keys, services
from leads.models import Account, ApiKey, Lead, Scope
from tests.conftest import ApiClient
from tests.contract.answers import INVALID_KEY, MISSING_KEY, compact
from tests.factories import api_key


def unknown_key() -> str:
    return keys.make()


def history_with(key: str | None, lead: Lead) -> Any:
    return ApiClient(key).history(lead)


# --- 401 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [None, "", " "])
def test_without_a_key_the_answer_asks_for_one(lead: Lead, key: str | None) -> None:
    answer = history_with(key, lead)
    assert (answer.status_code, answer.content) == (401, MISSING_KEY)


@pytest.mark.parametrize(
    "key",
    [
        "nonsense",
        "nxr_live_your_api_key",
        "nxr_live_" + "a" * 46,
        "nxr_test_" + "a" * 46,
        "ключ",
        "a" * 5_000,
        "Bearer x",
        "null",
    ],
)
def test_a_malformed_key_is_not_valid(lead: Lead, key: str) -> None:
    answer = history_with(key, lead)
    assert (answer.status_code, answer.content) == (401, INVALID_KEY)


def test_malformed_unknown_revoked_and_expired_keys_cannot_be_told_apart(
    account: Account, lead: Lead
) -> None:
    revoked, revoked_secret = api_key(account)
    services.revoke_api_key(revoked)
    expired_secret = api_key(account, expires_at=timezone.now() - timedelta(seconds=1))[1]
    answers = [
        history_with(key, lead)
        for key in ("nonsense", unknown_key(), revoked_secret, expired_secret)
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.content for answer in answers} == {INVALID_KEY}
    differing = {"X-Request-Id"}
    headers = [
        {name: value for name, value in answer.headers.items() if name not in differing}
        for answer in answers
    ]
    assert all(one == headers[0] for one in headers)


def test_unknown_revoked_and_expired_keys_take_the_same_work(
    account: Account, lead: Lead, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    revoked, revoked_secret = api_key(account)
    services.revoke_api_key(revoked)
    expired_secret = api_key(account, expires_at=timezone.now() - timedelta(seconds=1))[1]
    for key in (unknown_key(), revoked_secret, expired_secret):
        # 1. what the key opens: nothing
        with django_assert_num_queries(1):
            history_with(key, lead)


def test_a_typo_is_refused_without_a_statement(
    account: Account, lead: Lead, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    key = api_key(account)[1]
    typo = key[:-10] + ("a" if key[-10] != "a" else "b") + key[-9:]
    with django_assert_num_queries(0):
        assert history_with(typo, lead).content == INVALID_KEY


def test_a_401_says_which_credentials_are_missing(anonymous_api: ApiClient, lead: Lead) -> None:
    assert anonymous_api.history(lead).headers["WWW-Authenticate"] == "ApiKey"


def test_a_key_is_invalid_from_the_moment_it_is_revoked(account: Account, lead: Lead) -> None:
    key, secret = api_key(account)
    client = ApiClient(secret)
    assert client.history(lead).status_code == 200
    services.revoke_api_key(key)
    assert client.history(lead).status_code == 401


def test_a_key_is_invalid_from_the_moment_it_expires(account: Account, lead: Lead) -> None:
    key, secret = api_key(account, expires_at=timezone.now() + timedelta(hours=1))
    client = ApiClient(secret)
    assert client.history(lead).status_code == 200
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.history(lead).status_code == 401


def test_a_rotated_key_lives_on_for_its_grace_period_beside_its_successor(
    account: Account, lead: Lead
) -> None:
    key, secret = api_key(account)
    successor = services.rotate_api_key(key, timedelta(hours=1))[1]
    assert history_with(secret, lead).status_code == 200
    assert history_with(successor, lead).status_code == 200
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert history_with(secret, lead).status_code == 401
    assert history_with(successor, lead).status_code == 200


def test_blanks_around_a_key_do_no_harm(account: Account, lead: Lead) -> None:
    assert history_with(f"  {api_key(account)[1]} ", lead).status_code == 200


@pytest.mark.parametrize("name", ["Authorization", "api_key"])
def test_a_key_elsewhere_is_no_key(account: Account, lead: Lead, name: str) -> None:
    secret = api_key(account)[1]
    client = ApiClient(None)
    assert client.history(lead, f"?{name}={secret}").content == MISSING_KEY
    assert client.history(lead, **{name: secret}).content == MISSING_KEY


# --- 403 -----------------------------------------------------------------------------------------


def test_a_key_without_the_scope_is_told_which_one_it_lacks(account: Account, lead: Lead) -> None:
    others = [scope for scope in Scope if scope != Scope.HISTORY_READ]
    answer = history_with(api_key(account, *others)[1], lead)
    assert answer.status_code == 403
    assert answer.content == compact(
        {"error": "Forbidden", "message": "This API key lacks the scope history:read"}
    )


def test_one_scope_among_others_is_enough(account: Account, lead: Lead) -> None:
    assert history_with(api_key(account, *Scope)[1], lead).status_code == 200


# --- Last used -----------------------------------------------------------------------------------


def test_a_keys_use_is_noted_at_most_once_a_minute(
    account: Account, lead: Lead, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    key, secret = api_key(account)
    client = ApiClient(secret)
    client.history(lead)
    key.refresh_from_db()
    assert key.last_used_at is not None
    # The key, the lead and its page; and no note.
    with django_assert_num_queries(1):
        client.history(lead)


def test_a_keys_use_is_noted_again_a_minute_later(
    account: Account, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret = api_key(account)
    client = ApiClient(secret)
    now = 1_800_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    client.history(lead)
    key.refresh_from_db()
    first = key.last_used_at
    now += 61
    client.history(lead)
    key.refresh_from_db()
    assert first is not None
    assert key.last_used_at is not None
    assert key.last_used_at > first


def test_a_refused_key_is_not_noted_as_used(account: Account, lead: Lead) -> None:
    key, secret = api_key(account)
    services.revoke_api_key(key)
    history_with(secret, lead)
    key.refresh_from_db()
    assert key.last_used_at is None


@pytest.mark.parametrize("error", [DatabaseError, RuntimeError])
def test_a_note_that_fails_is_not_in_the_way_of_the_answer(
    account: Account,
    lead: Lead,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise error("the database is read-only")

    key, secret = api_key(account)
    monkeypatch.setattr("django.db.models.query.QuerySet.update", fail)
    assert history_with(secret, lead).status_code == 200
    monkeypatch.undo()
    key.refresh_from_db()
    assert key.last_used_at is None


# --- Keys are secrets ----------------------------------------------------------------------------


def test_no_answer_and_no_log_line_holds_the_key(
    account: Account,
    lead: Lead,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key, secret = api_key(account)
    client = ApiClient(secret)
    answers = [client.history(lead), client.history(lead, "?limit=0"), client.history(uuid4())]
    monkeypatch.setattr("timeline.api.views.read_keyed", lambda *_, **__: 1 / 0)
    with caplog.at_level(0):
        answers.append(client.history(lead))
    monkeypatch.undo()
    services.revoke_api_key(key)
    answers.append(client.history(lead))
    assert [answer.status_code for answer in answers] == [200, 400, 404, 500, 401]
    for answer in answers:
        assert secret not in answer.content.decode() + str(answer.headers)
    assert secret not in caplog.text
