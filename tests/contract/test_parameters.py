"""What the documented endpoint makes of bad query parameters: a 400 that helps, never a guess."""

import pytest

from leads.models import Lead
from tests.conftest import ApiClient
from tests.contract.answers import compact

LIMIT = "limit must be an integer between 1 and 200"
OFFSET = "offset must be an integer between 0 and 1000000000000000000"
CHANNEL = "channel must be a comma-separated list of call, whatsapp, email"

NO_INTEGERS = [
    "",
    "-1",
    "-0",
    "abc",
    "5.0",
    "5,0",
    "1e1",
    "0x5",
    "1_0",
    "+5",  # a blank and 5, as queries are read
    "%2B5",
    "%205",
    "5%20",
    "5%0A",
    "5%00",
    "%D9%A5",  # the Arabic-Indic digit five
    "%EF%BC%95",  # the fullwidth digit five
    "%C2%B2",  # superscript two
    "%FF",
    "null",
    "true",
    "[5]",
    "9" * 19,
    "9" * 21,
    "9" * 400,
    "9" * 5_000,
    "0" * 400 + "5",
    "-" + "9" * 400,
]


def refused(answer: object, message: str) -> None:
    assert answer.status_code == 400  # type: ignore[attr-defined] # of Django's test client
    expected = compact({"error": "Invalid request", "message": message})
    assert answer.content == expected  # type: ignore[attr-defined] # as above


@pytest.mark.parametrize("value", [*NO_INTEGERS, "0", "00", "201", "1000"])
def test_a_limit_outside_its_range_or_no_integer_is_refused(
    api: ApiClient, lead: Lead, value: str
) -> None:
    refused(api.history(lead, f"?limit={value}"), LIMIT)


@pytest.mark.parametrize("value", [*NO_INTEGERS, "1000000000000000001"])
def test_an_offset_below_zero_or_no_integer_is_refused(
    api: ApiClient, lead: Lead, value: str
) -> None:
    refused(api.history(lead, f"?offset={value}"), OFFSET)


@pytest.mark.parametrize(
    "value",
    [
        "sms",
        "system",
        "Call",
        "CALL",
        "WhatsApp",
        ",",
        "call,",
        ",call",
        "call,,email",
        "call;email",
        "call%20email",
        "call|email",
        "call%00",
        "*",
        "all",
        "null",
        "[]",
        "%FF",
        "ｃａｌｌ",
        "x" * 5_000,
    ],
)
def test_a_channel_that_does_not_exist_is_refused(api: ApiClient, lead: Lead, value: str) -> None:
    refused(api.history(lead, f"?channel={value}"), CHANNEL)


def test_a_known_channel_does_not_make_up_for_an_unknown_one(api: ApiClient, lead: Lead) -> None:
    refused(api.history(lead, "?channel=call,sms"), CHANNEL)


@pytest.mark.parametrize(
    ("name", "value"), [("limit", "5"), ("offset", "0"), ("channel", "call"), ("channel", "")]
)
def test_a_parameter_given_twice_is_refused_even_with_the_same_value(
    api: ApiClient, lead: Lead, name: str, value: str
) -> None:
    refused(api.history(lead, f"?{name}={value}&{name}={value}"), f"{name} must be given once")


@pytest.mark.parametrize(
    "query", ["?page=2", "?Limit=0", "?LIMIT=abc", "?channel[]=sms", "?x=1&x=2", "?&&", "?=1"]
)
def test_an_unknown_parameter_is_ignored(api: ApiClient, lead: Lead, query: str) -> None:
    assert api.history(lead, query).content == api.history(lead).content


def test_a_thousand_parameters_too_many_are_refused_and_not_our_mistake(
    api: ApiClient, lead: Lead
) -> None:
    answer = api.history(lead, "?" + "x=1&" * 1_001)
    assert answer.status_code == 400
    assert answer.json()["error"] == "Invalid request"


@pytest.mark.parametrize("value", ["1", "200", "007"])
def test_limits_within_the_range_are_taken(api: ApiClient, lead: Lead, value: str) -> None:
    assert api.history(lead, f"?limit={value}").json()["pagination"]["limit"] == int(value)
