"""Leads that are not there for you, and in which order all is checked."""

from uuid import uuid4

import pytest

from leads import services
from leads.models import Account, Lead
from tests.conftest import ApiClient
from tests.contract.answers import INVALID_KEY, MISSING_KEY, NOT_FOUND
from tests.factories import api_key

# --- 404 -----------------------------------------------------------------------------------------


def test_a_lead_that_is_not_there_for_you_is_one_and_the_same_404(
    api: ApiClient, account: Account, lead: Lead, other_lead: Lead
) -> None:
    services.delete_lead(lead)
    no_uuid = "not-a-uuid"
    for lead_id in (uuid4(), no_uuid, lead.id, other_lead.id):
        answer = api.history(lead_id)
        assert (answer.status_code, answer.content) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    "lead_id",
    [
        "1",
        "550e8400e29b41d4a716446655440000",
        "{550e8400-e29b-41d4-a716-446655440000}",
        "urn:uuid:550e8400-e29b-41d4-a716-446655440000",
        "550e8400-e29b-41d4-a716-44665544000",
        "550e8400-e29b-41d4-a716-4466554400000",
        "550e8400-e29b-41d4-a716-44665544000g",
        "%D9%A550e8400-e29b-41d4-a716-446655440000",
        "550e8400-e29b-41d4-a716-446655440000%0A",
        "550e8400-e29b-41d4-a716-446655440000%00",
        "",
        "%20",
        "%FF",
        "..",
        "a%2Fb",
        "a%0Ab",
        "x" * 3_000,
        "null",
    ],
)
def test_what_is_no_uuid_is_a_lead_that_does_not_exist(api: ApiClient, lead_id: str) -> None:
    answer = api.history(lead_id)
    assert (answer.status_code, answer.content) == (404, NOT_FOUND)


def test_a_lead_comes_back_when_it_is_restored(api: ApiClient, lead: Lead) -> None:
    before = api.history(lead).content
    services.delete_lead(lead)
    assert api.history(lead).status_code == 404
    services.restore_lead(lead)
    assert api.history(lead).content == before


# --- The order of checks -------------------------------------------------------------------------


def test_a_bad_key_is_answered_before_bad_parameters_and_unknown_leads() -> None:
    for key, body in ((None, MISSING_KEY), ("nonsense", INVALID_KEY)):
        answer = ApiClient(key).history(uuid4(), "?limit=0")
        assert (answer.status_code, answer.content) == (401, body)


def test_an_exceeded_rate_is_answered_before_bad_parameters_and_unknown_leads(
    account: Account, lead: Lead
) -> None:
    client = ApiClient(api_key(account, rate=1)[1])
    client.history(lead)
    assert client.history(lead, "?limit=0").status_code == 429
    assert client.history(uuid4()).status_code == 429


def test_bad_parameters_are_answered_before_an_unknown_lead(
    api: ApiClient, other_lead: Lead
) -> None:
    for lead_id in (uuid4(), "nonsense", other_lead.id):
        assert api.history(lead_id, "?limit=0").status_code == 400


def test_bad_requests_and_unknown_leads_count_against_the_rate(account: Account) -> None:
    client = ApiClient(api_key(account, rate=2)[1])
    assert client.history(uuid4(), "?limit=0").status_code == 400
    assert client.history(uuid4()).status_code == 404
    assert client.history(uuid4()).status_code == 429
