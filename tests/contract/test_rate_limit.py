"""So many requests a minute: the headers, the refusal, and when all are back."""

from typing import Any

import pytest

from leads.models import Account, Lead
from tests.conftest import ApiClient
from tests.factories import api_key


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.time", clock)
    return clock


def limits(answer: Any) -> tuple[int, int, int]:
    return tuple(  # type: ignore[return-value] # three of them
        int(answer.headers[f"RateLimit-{name}"]) for name in ("Limit", "Remaining", "Reset")
    )


def test_every_counted_answer_says_what_is_left(account: Account, lead: Lead, clock: Clock) -> None:
    client = ApiClient(api_key(account, rate=5)[1])
    limit, remaining, reset = limits(client.history(lead))
    assert (limit, remaining) == (5, 4)
    assert 1 <= reset <= 60
    etag = client.history(lead).headers["ETag"]
    assert limits(client.history(lead, If_None_Match=etag)) == (5, 2, reset)
    assert limits(client.history(lead, "?limit=0")) == (5, 1, reset)
    assert limits(client.history("nonsense")) == (5, 0, reset)
    assert limits(client.history(lead)) == (5, 0, reset)


def test_one_request_too_many_is_told_when_to_come_back(
    account: Account, lead: Lead, clock: Clock
) -> None:
    client = ApiClient(api_key(account, rate=2)[1])
    assert [client.history(lead).status_code for _ in range(2)] == [200, 200]
    answer = client.history(lead)
    assert answer.status_code == 429
    seconds = answer.headers["Retry-After"]
    assert seconds == answer.headers["RateLimit-Reset"]
    assert answer.json() == {
        "error": "Too many requests",
        "message": f"Rate limit exceeded; try again in {seconds} seconds",
    }
    assert list(answer.json()) == ["error", "message"]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_who_waits_as_told_is_answered_and_a_second_earlier_is_not(
    account: Account, lead: Lead, clock: Clock
) -> None:
    client = ApiClient(api_key(account, rate=1)[1])
    client.history(lead)
    seconds = int(client.history(lead).headers["Retry-After"])
    clock.now += seconds - 1
    assert client.history(lead).status_code == 429
    clock.now += 1
    answer = client.history(lead)
    assert answer.status_code == 200
    assert limits(answer) == (1, 0, 60)


def test_seconds_until_the_reset_run_down_with_the_clock(
    account: Account, lead: Lead, clock: Clock
) -> None:
    client = ApiClient(api_key(account)[1])
    clock.now += limits(client.history(lead))[2]
    assert limits(client.history(lead)) == (600, 599, 60)
    clock.now += 59
    assert limits(client.history(lead)) == (600, 598, 1)


def test_each_key_counts_for_itself(account: Account, lead: Lead, clock: Clock) -> None:
    first, second = (ApiClient(api_key(account, rate=1)[1]) for _ in range(2))
    assert first.history(lead).status_code == 200
    assert first.history(lead).status_code == 429
    assert second.history(lead).status_code == 200


def test_the_default_is_the_installations(account: Account, lead: Lead, settings: Any) -> None:
    settings.RATE_PER_MINUTE = 3
    assert limits(ApiClient(api_key(account)[1]).history(lead))[0] == 3
    assert limits(ApiClient(api_key(account, rate=7)[1]).history(lead))[0] == 7


def test_a_change_of_a_keys_rate_holds_at_once(account: Account, lead: Lead) -> None:
    key, secret = api_key(account, rate=1)
    client = ApiClient(secret)
    client.history(lead)
    key.rate_per_minute = 10
    key.save()
    assert client.history(lead).status_code == 200


def test_who_has_no_valid_key_is_not_counted(anonymous_api: ApiClient, lead: Lead) -> None:
    assert not [name for name in anonymous_api.history(lead).headers if name.startswith("Rate")]
