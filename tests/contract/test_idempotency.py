"""`Idempotency-Key`: a request told again gets the same answer and writes nothing."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads import idempotency, services
from leads.idempotency import KEPT_FOR, Given, KeyReused, once
from leads.models import Account, KeptAnswer, Lead, Scope
from tests.conftest import ApiClient
from tests.contract.answers import compact
from tests.contract.test_write_history import message, record
from tests.factories import LeadFactory, api_key
from tests.timeline.told import kept

ANA = {"first_name": "Ana"}
REUSED = compact(
    {"error": "Conflict", "message": "This Idempotency-Key came before, with another request"}
)


def create(api: ApiClient, body: Any, key: str = "key-1", path: str = "") -> Any:
    return api.send("POST", path, body, Idempotency_Key=key)


def is_replay_of(again: Any, first: Any) -> bool:
    return bool(
        again.headers.get("Idempotency-Replayed") == "true"
        and again.status_code == first.status_code
        and again.content == first.content
        and again.headers["Content-Type"] == first.headers["Content-Type"] == "application/json"
    )


# --- Again ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [ANA, [ANA, {}, {"phone": "1"}], [{}]])
def test_the_same_again_is_the_same_answer_and_writes_nothing(
    full_api: ApiClient, body: Any
) -> None:
    first = create(full_api, body)
    assert "Idempotency-Replayed" not in first.headers
    there = set(Lead.objects.values_list("id"))
    for _ in range(3):
        assert is_replay_of(create(full_api, body), first)
    assert set(Lead.objects.values_list("id")) == there


def test_entries_are_told_once_too(full_api: ApiClient, lead: Lead) -> None:
    first = record(full_api, lead, message(), Idempotency_Key="key-1")
    assert first.status_code == 201
    again = record(full_api, lead, message(), Idempotency_Key="key-1")
    assert is_replay_of(again, first)
    # Without the key it is known by its external id, and that is another answer.
    assert record(full_api, lead, message()).json()["entry"]["outcome"] == "unchanged"


def test_an_answer_is_given_again_whatever_happened_since(full_api: ApiClient, lead: Lead) -> None:
    first = record(full_api, lead, message(), Idempotency_Key="key-1")
    services.delete_lead(lead)
    assert is_replay_of(record(full_api, lead, message(), Idempotency_Key="key-1"), first)


def test_another_body_or_address_under_the_key_is_a_conflict(
    full_api: ApiClient, lead: Lead
) -> None:
    create(full_api, ANA)
    others = [
        create(full_api, {"first_name": "Eva"}),
        create(full_api, json.dumps(ANA, indent=1).encode()),
        create(full_api, ANA, path=f"/{lead.id}/history"),
    ]
    for answer in others:
        assert (answer.status_code, answer.content) == (409, REUSED)
    assert Lead.objects.exclude(pk=lead.pk).count() == 1
    assert kept(lead) == []


def test_a_slash_at_the_end_is_the_same_address(full_api: ApiClient) -> None:
    first = create(full_api, ANA)
    assert is_replay_of(create(full_api, ANA, path="/"), first)


def test_the_key_belongs_to_the_account_not_to_the_api_key(
    full_api: ApiClient, account: Account, other_account: Account
) -> None:
    first = create(full_api, ANA)
    rotated = ApiClient(api_key(account, *Scope)[1])
    assert is_replay_of(create(rotated, ANA), first)
    strange = create(ApiClient(api_key(other_account, *Scope)[1]), ANA)
    assert strange.status_code == 201
    assert strange.json()["lead"]["id"] != first.json()["lead"]["id"]


def test_a_key_without_the_scope_is_given_no_answer(full_api: ApiClient, account: Account) -> None:
    create(full_api, ANA)
    reader = ApiClient(api_key(account, Scope.LEADS_READ)[1])
    assert create(reader, ANA).status_code == 403


def test_a_request_that_was_refused_is_not_remembered(
    full_api: ApiClient, other_lead: Lead
) -> None:
    refused = [
        create(full_api, {}),
        create(full_api, {**ANA, "id": str(other_lead.id)}),
        create(full_api, message(), path=f"/{uuid4()}/history"),
        create(full_api, b"nonsense"),
    ]
    assert [answer.status_code for answer in refused] == [400, 409, 404, 400]
    assert not KeptAnswer.objects.exists()
    assert create(full_api, ANA).status_code == 201


def test_without_a_key_nothing_is_remembered(full_api: ApiClient) -> None:
    ids = {full_api.send("POST", "", ANA).json()["lead"]["id"] for _ in range(2)}
    assert len(ids) == 2
    assert not KeptAnswer.objects.exists()


# --- Keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", " ", "a b", "a" * 256, "ключ", "a\tb", "é"])
def test_a_key_that_is_none_is_refused(full_api: ApiClient, key: str) -> None:
    answer = create(full_api, ANA, key)
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "Idempotency-Key must have 1 to 255 printable ASCII characters and no blanks"
    )
    assert not Lead.objects.exists()


@pytest.mark.parametrize("key", ["a", "a" * 255, '"quoted"', "~!@#$%^&*()_+{}|:<>?"])
def test_a_key_may_be_any_printable_text(full_api: ApiClient, key: str) -> None:
    first = create(full_api, ANA, key)
    assert first.status_code == 201
    assert is_replay_of(create(full_api, ANA, key), first)


# --- Time ----------------------------------------------------------------------------------------


def age(**ages: timedelta) -> None:
    for key, old in ages.items():
        KeptAnswer.objects.filter(key=key).update(created_at=timezone.now() - old)


def test_an_answer_is_kept_for_a_day_and_its_key_is_free_afterwards(full_api: ApiClient) -> None:
    first = create(full_api, ANA, "a")
    age(a=KEPT_FOR - timedelta(minutes=1))
    assert is_replay_of(create(full_api, ANA, "a"), first)
    age(a=KEPT_FOR + timedelta(minutes=1))
    second = create(full_api, {"first_name": "Eva"}, "a")
    assert second.status_code == 201
    assert is_replay_of(create(full_api, {"first_name": "Eva"}, "a"), second)


def test_old_answers_are_cleared_away_a_few_at_a_time(
    full_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "_CLEARED_AT_ONCE", 2)
    for key in "abcde":
        create(full_api, ANA, key)
    age(**{key: KEPT_FOR + timedelta(days=number) for number, key in enumerate("abc", start=1)})
    create(full_api, ANA, "f")
    # The oldest two.
    assert set(KeptAnswer.objects.values_list("key", flat=True)) == {"a", "d", "e", "f"}
    create(full_api, ANA, "f")
    assert KeptAnswer.objects.filter(key="a").exists()
    create(full_api, ANA, "g")
    assert not KeptAnswer.objects.filter(key="a").exists()


# --- Killed, and at once -------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_request_that_died_on_the_way_left_nothing_and_is_done_the_next_time(
    full_api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_args: Any) -> None:
        raise SystemExit

    # After the leads are written, before the answer is kept.
    monkeypatch.setattr("leads.api.writing._parts", die)
    with pytest.raises(SystemExit):
        create(full_api, ANA)
    assert not Lead.objects.exists()
    assert not KeptAnswer.objects.exists()
    monkeypatch.undo()
    assert create(full_api, ANA).status_code == 201
    assert Lead.objects.count() == 1


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all in a thread each, starting together; return what they return, in their order."""
    together = threading.Barrier(len(acts))
    answers: dict[int, Any] = {}

    def do(number: int) -> None:
        try:
            together.wait(timeout=10)
            answers[number] = acts[number]()
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return [answers[number] for number in range(len(acts))]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("body", [ANA, [ANA] * 50])
def test_twins_at_once_are_done_once_and_answered_alike(full_api: ApiClient, body: Any) -> None:
    for key in "abcde":
        twins = [ApiClient(full_api.key) for _ in range(3)]
        answers = at_once(*(partial(create, twin, body, key) for twin in twins))
        (first,) = [one for one in answers if "Idempotency-Replayed" not in one.headers]
        assert all(is_replay_of(one, first) for one in answers if one is not first)
    assert Lead.objects.count() == 5 * (len(body) if isinstance(body, list) else 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_under_one_key_one_is_a_conflict(full_api: ApiClient) -> None:
    answers = at_once(
        lambda: create(ApiClient(full_api.key), ANA),
        lambda: create(ApiClient(full_api.key), {"first_name": "Eva"}),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert Lead.objects.count() == 1


def wait_for_a_twin() -> None:
    """Return when another transaction waits for one to end."""
    waiting = (
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted)"
    )
    with connection.cursor() as cursor:
        for _ in range(100_000):
            cursor.execute(waiting)
            if cursor.fetchone() == (True,):
                return
    pytest.fail("nobody waits")


@pytest.mark.django_db(transaction=True)
def test_a_twin_waits_for_the_first_and_does_it_if_the_first_fails(account: Account) -> None:
    began = threading.Event()

    def fail() -> tuple[int, bytes]:
        began.set()
        wait_for_a_twin()
        raise RuntimeError

    def first() -> str:
        with pytest.raises(RuntimeError):
            once(account.pk, "k", b"d", fail)
        return "failed"

    def second() -> Given:
        began.wait(timeout=10)
        return once(account.pk, "k", b"d", lambda: (200, b"{}"))

    assert at_once(first, second) == ["failed", Given(200, b"{}", is_replayed=False)]


# --- Any course of things ------------------------------------------------------------------------


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from([b"1", b"2"]), st.booleans()), max_size=8
    )
)
def test_whatever_comes_a_key_is_done_once_with_its_first_request_that_worked(
    account: Account, requests: list[tuple[str, bytes, bool]]
) -> None:
    KeptAnswer.objects.all().delete()
    done: dict[str, tuple[bytes, bytes]] = {}
    leads = Lead.objects.count()
    for key, digest, works in requests:

        def act(works: bool = works) -> tuple[int, bytes]:
            lead = LeadFactory.create(account=account)
            if not works:
                raise ZeroDivisionError
            return 201, str(lead.id).encode()

        if key not in done and not works:
            with pytest.raises(ZeroDivisionError):
                once(account.pk, key, digest, act)
        elif key not in done:
            given_now = once(account.pk, key, digest, act)
            assert not given_now.is_replayed
            done[key] = digest, given_now.body
        elif done[key][0] == digest:
            assert once(account.pk, key, digest, act) == Given(201, done[key][1], is_replayed=True)
        else:
            with pytest.raises(KeyReused):
                once(account.pk, key, digest, act)
    assert Lead.objects.count() == leads + len(done)
