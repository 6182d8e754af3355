"""Bodies: JSON, of bounded size, understood or refused in words; whatever comes, never a 500."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.api.bodies import MAX_BODY
from leads.models import Account, Lead
from tests.conftest import ApiClient
from tests.contract.page import EXAMPLE, record_example
from tests.contract.test_write_history import activity, call, message
from tests.timeline.told import kept

ID = EXAMPLE["lead"]["id"]
# Every operation that takes a body; {entry} is the example's call.
DOORS = [
    ("POST", ""),
    ("PATCH", f"/{ID}"),
    ("POST", f"/{ID}/history"),
    ("PATCH", f"/{ID}/history/{{entry}}"),
]


@pytest.fixture
def entry(account: Account) -> UUID:
    found: UUID = kept(record_example(account))[3].id
    return found


def send(api: ApiClient, door: tuple[str, str], entry: UUID, body: Any, **headers: str) -> Any:
    method, path = door
    return api.send(method, path.format(entry=entry), body, **headers)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "The body is no JSON: Expecting value (line 1, column 1)"),
        (b" ", "The body is no JSON: Expecting value"),
        (b"{", "The body is no JSON: Expecting property name"),
        (b"{} {}", "The body is no JSON: Extra data (line 1, column 4)"),
        (b'{"a": 1,}', "The body is no JSON"),
        (b"\xff\xfe{}", "The body is not UTF-8"),
        (b'{"a": "\xc3"}', "The body is not UTF-8"),
        ("\ufeff{}".encode(), "The body is no JSON"),
        (b'{"a": "\0"}', "The body is no JSON: Invalid control character"),
        (b'{"a": NaN}', "The body is no sound JSON: NaN is no JSON"),
        (b'{"a": -Infinity}', "The body is no sound JSON: -Infinity is no JSON"),
        (b'{"a": 1e999}', "The body is no sound JSON: the number 1e999 is too large"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "The body is no sound JSON: a number has 5,000 digits"),
        (b'{"a": 1, "a": 2}', "The body is no sound JSON: the key 'a' is given twice"),
        (b"[" * 100_000, "The body is nested too deeply"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "The body is nested too deeply"),
    ],
)
def test_what_is_no_json_is_refused_in_words(
    full_api: ApiClient, entry: UUID, door: tuple[str, str], body: bytes, said: str
) -> None:
    answer = send(full_api, door, entry, body, Content_Type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"] == "Invalid request"
    assert answer.json()["message"].startswith(said)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": ""},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Type": "multipart/form-data; boundary=x"},
        {"Content_Type": "application/json; charset=latin-1"},
        {"Content_Type": "application/jsonp"},
        {"Content_Encoding": "gzip"},
    ],
)
def test_what_says_it_is_no_json_is_415(
    full_api: ApiClient, entry: UUID, door: tuple[str, str], headers: dict[str, str]
) -> None:
    answer = send(full_api, door, entry, {"first_name": "Ana"}, **headers)
    assert answer.status_code == 415
    assert answer.json() == {
        "error": "Unsupported media type",
        "message": "Content-Type must be application/json, in UTF-8",
    }


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json;charset=utf-8",
        'Application/JSON; charset="UTF-8"',
        "application/json; v=1",
    ],
)
def test_json_may_say_so_in_other_words(full_api: ApiClient, content_type: str) -> None:
    answer = full_api.send("POST", "", {"first_name": "Ana"}, Content_Type=content_type)
    assert answer.status_code == 201


@pytest.mark.parametrize("door", DOORS)
def test_a_body_that_is_too_large_is_413(
    full_api: ApiClient, entry: UUID, door: tuple[str, str]
) -> None:
    answer = send(full_api, door, entry, b" " * (MAX_BODY + 1))
    assert answer.status_code == 413
    assert answer.json() == {
        "error": "Too large",
        "message": "A body may have at most 10,000,000 bytes",
    }


def test_a_body_as_large_as_allowed_is_read(full_api: ApiClient) -> None:
    raw = json.dumps({"first_name": "Ana"}).encode().ljust(MAX_BODY)
    assert full_api.send("POST", "", raw).status_code == 201


@pytest.mark.parametrize("length", ["nonsense", "-1", "9" * 30, ""])
def test_a_length_that_is_none_does_no_harm(full_api: ApiClient, length: str) -> None:
    answer = full_api.send("POST", "", {"first_name": "Ana"}, Content_Length=length)
    assert answer.status_code in {201, 400, 413}


def test_a_body_in_chunks_is_refused_in_words(full_api: ApiClient) -> None:
    answer = full_api.send("POST", "", {"first_name": "Ana"}, Transfer_Encoding="chunked")
    assert answer.status_code == 400
    assert answer.json()["message"] == "A body needs a Content-Length; one in chunks is not read"


@pytest.mark.parametrize("path", ["", f"/{ID}/history"])
@pytest.mark.parametrize("count", [0, 1_001])
def test_a_list_has_one_to_a_thousand_items(
    full_api: ApiClient, entry: UUID, path: str, count: int
) -> None:
    answer = full_api.send("POST", path, [{}] * count)
    assert answer.status_code == 400
    assert answer.json()["message"] == "A list must have between 1 and 1,000 items"


@pytest.mark.parametrize("door", DOORS)
def test_key_and_rate_and_scope_come_before_the_body(
    api: ApiClient, anonymous_api: ApiClient, entry: UUID, door: tuple[str, str]
) -> None:
    assert send(anonymous_api, door, entry, b"nonsense").status_code == 401
    assert send(api, door, entry, b"nonsense").status_code == 403


# --- Anything ------------------------------------------------------------------------------------

_texts = st.text(max_size=20) | st.sampled_from(["", "\0", "\ud800", "a" * 5_000, "2026-01-10"])
_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**31, 2**63, 2**64, -1, 10**30])
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=8,
)
_NAMES = sorted(
    {*message(), *call(), *activity(), "first_name", "phone", "email", "status", "metadata", "id"}
    | {"created_at", "attachments", "transcript", "recipients", "buttons", "read_at", "summary"}
    | {"duration_seconds", "call_successful", "reaction", "source", "company", "owner"}
)
_objects = st.dictionaries(st.sampled_from(_NAMES) | _texts, _values, max_size=6)
_changed = st.builds(
    lambda base, changes: {**base, **changes},
    st.sampled_from([message(), call(), activity(), {"first_name": "Ana"}]),
    _objects,
)
_bodies = (
    _values
    | _objects
    | _changed
    | st.lists(_changed | _values, max_size=4)
    | st.binary(max_size=30)
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(door=st.sampled_from(DOORS), body=_bodies)
def test_whatever_comes_is_taken_or_refused_and_never_a_failure(
    full_api: ApiClient, account: Account, door: tuple[str, str], body: Any
) -> None:
    if not Lead.objects.filter(pk=ID).exists():
        record_example(account)
    call_id = next(one.id for one in kept(Lead.objects.get(pk=ID)) if hasattr(one, "turns"))
    answer = send(full_api, door, call_id, body)
    assert answer.status_code in {200, 201, 400, 409}, answer.content
    assert answer.headers["Content-Type"] == "application/json"
    json.loads(answer.content)
    # And what was taken can be read.
    assert full_api.history(ID).status_code == 200
    assert full_api.get("/api/public/leads").status_code == 200
