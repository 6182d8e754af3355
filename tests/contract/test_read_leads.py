"""`GET /api/public/leads` and `/leads/{id}`: filtered, paged, and nobody else's."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from leads import services
from leads.models import Account, Lead, Membership, Scope
from tests.conftest import ApiClient
from tests.contract.answers import NOT_FOUND
from tests.contract.test_openapi import validator
from tests.factories import START, LeadFactory, api_key

PATH = "/api/public/leads"


def listed(api: ApiClient, query: str = "") -> dict[str, Any]:
    answer = api.get(f"{PATH}{query}")
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    validator("LeadList").validate(body)
    return body


def names(body: dict[str, Any]) -> list[str]:
    return [lead["first_name"] for lead in body["leads"]]


@pytest.fixture
def leads(account: Account, other_account: Account) -> list[Lead]:
    """Ana, Ben and Cleo of the account, the last one the newest; and somebody else's."""
    LeadFactory.create(account=other_account, first_name="Strange", source="web")
    return [
        LeadFactory.create(
            account=account,
            first_name=name,
            source=source,
            status=status,
            company=company,
            created_at=START + timedelta(days=day),
        )
        for day, (name, source, status, company) in enumerate(
            [
                ("Ana", "web", "new", "Sol Ltda"),
                ("Ben", "api", "won", ""),
                ("Cleo", "web", "won", "Luna SpA"),
            ]
        )
    ]


# --- The list ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("leads")
def test_the_list_is_the_accounts_newest_first(full_api: ApiClient) -> None:
    body = listed(full_api)
    assert list(body) == ["success", "leads", "pagination"]
    assert names(body) == ["Cleo", "Ben", "Ana"]
    assert body["pagination"] == {"limit": 50, "next_cursor": None, "has_more": False}


@pytest.mark.usefixtures("leads")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?source=web", ["Cleo", "Ana"]),
        ("?source=WEB", []),
        ("?source=%20web", []),
        ("?source=", ["Cleo", "Ben", "Ana"]),
        ("?status=won", ["Cleo", "Ben"]),
        ("?status=", ["Cleo", "Ben", "Ana"]),
        ("?source=web&status=won", ["Cleo"]),
        ("?created_since=2026-01-11T08:00:00Z", ["Cleo", "Ben"]),
        ("?created_since=2026-01-11T05:00:00-03:00", ["Cleo", "Ben"]),
        ("?created_until=2026-01-11T08:00:00Z", ["Ana"]),
        ("?created_since=2026-01-11T08:00:00Z&created_until=2026-01-12T08:00:00Z", ["Ben"]),
        ("?created_since=&created_until=", ["Cleo", "Ben", "Ana"]),
        ("?search=lun", ["Cleo"]),
        ("?search=sol%20an", ["Ana"]),
        ("?search=nobody", []),
        ("?search=!!", []),
        ("?search=%20", ["Cleo", "Ben", "Ana"]),
        ("?search=strange", []),
        ("?unknown=1&order=sideways", ["Cleo", "Ben", "Ana"]),
    ],
)
def test_filters_keep_what_is_all_of_it(
    full_api: ApiClient, query: str, expected: list[str]
) -> None:
    assert names(listed(full_api, query)) == expected


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?status=sold", "status must be one of new, contacted, qualified, unqualified, won, lost"),
        ("?created_since=2026", "created_since must be an ISO 8601 time with its time zone"),
        ("?created_until=2026-01-10T08:00:00", "created_until must be an ISO 8601 time with its"),
        ("?created_until=0001-01-01T00:00:00Z", "created_until must be an ISO 8601 time with its"),
        ("?source=" + "a" * 101, "source is too long"),
        ("?search=" + "a" * 201, "search is too long"),
        ("?search=a%00b", "search contains a NUL character"),
        ("?source=a&source=b", "source must be given once"),
        ("?limit=0", "limit must be an integer between 1 and 200"),
        ("?limit=201", "limit must be an integer between 1 and 200"),
        ("?limit=ten", "limit must be an integer between 1 and 200"),
        ("?limit=" + "9" * 400, "limit must be an integer between 1 and 200"),
        ("?limit=1&limit=2", "limit must be given once"),
        ("?cursor=x", "cursor must be a next_cursor of this list"),
        ("?cursor=&cursor=", "cursor must be given once"),
    ],
)
def test_a_parameter_that_is_wrong_is_refused_by_name(
    full_api: ApiClient, query: str, said: str
) -> None:
    answer = full_api.get(f"{PATH}{query}")
    assert answer.status_code == 400
    assert answer.json()["error"] == "Invalid request"
    assert answer.json()["message"].startswith(said)


def test_pages_follow_each_other_without_repeating_or_skipping(
    full_api: ApiClient, account: Account
) -> None:
    # Ties in time, and a lead that comes between the pages.
    expected = [
        LeadFactory.create(account=account, created_at=START + timedelta(days=number // 3)).id
        for number in range(7)
    ]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        body = listed(full_api, f"?limit=2&cursor={cursor}")
        seen += [lead["id"] for lead in body["leads"]]
        cursor = body["pagination"]["next_cursor"]
        assert body["pagination"]["has_more"] is (cursor is not None)
        LeadFactory.create(account=account, created_at=START + timedelta(days=100))
    newest = Lead.objects.filter(id__in=expected).order_by("-created_at", "-id")
    assert seen == [str(lead.id) for lead in newest]


def test_behind_the_last_lead_is_an_empty_page(full_api: ApiClient, leads: list[Lead]) -> None:
    cursor = listed(full_api, "?limit=2")["pagination"]["next_cursor"]
    services.delete_lead(leads[0])
    body = listed(full_api, f"?limit=2&cursor={cursor}")
    assert body["leads"] == []
    assert body["pagination"] == {"limit": 2, "next_cursor": None, "has_more": False}


@pytest.mark.usefixtures("leads")
def test_a_cursor_that_was_tampered_with_is_refused(full_api: ApiClient) -> None:
    cursor = listed(full_api, "?limit=1")["pagination"]["next_cursor"]
    answer = full_api.get(f"{PATH}?cursor={cursor[:-1]}{'a' if cursor[-1] != 'a' else 'b'}")
    assert answer.status_code == 400


@pytest.mark.usefixtures("leads")
def test_anothers_cursor_opens_nothing_of_theirs(
    full_api: ApiClient, other_account: Account
) -> None:
    strange = ApiClient(api_key(other_account, *Scope)[1])
    cursor = listed(full_api, "?limit=1")["pagination"]["next_cursor"]
    assert set(names(listed(strange, f"?cursor={cursor}"))) <= {"Strange"}


def test_a_list_is_two_statements_however_long(
    full_api: ApiClient,
    account: Account,
    colleague: Membership,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    full_api.get(PATH)
    LeadFactory.create_batch(60, account=account, owner=colleague)
    # 1. what the key opens  2. the page, with its owners
    with django_assert_num_queries(2):
        assert len(listed(full_api, "?limit=50")["leads"]) == 50


# --- One -----------------------------------------------------------------------------------------


def test_a_lead_has_its_documented_keys_first_and_its_owners_address(
    full_api: ApiClient, lead: Lead, colleague: Membership
) -> None:
    Lead.objects.filter(pk=lead.pk).update(owner=colleague, metadata={"n": 2**70, "á": "ñ"})
    answer = full_api.get(f"{PATH}/{lead.id}")
    assert answer.status_code == 200
    body = answer.json()
    validator("LeadAnswer").validate(body)
    history_keys = list(full_api.history(lead).json()["lead"])
    assert list(body["lead"])[:7] == history_keys
    assert body["lead"]["owner"] == colleague.user.email
    assert body["lead"]["metadata"] == {"n": 2**70, "á": "ñ"}
    assert "ñ".encode() in answer.content


def test_a_slash_at_the_end_makes_no_difference(full_api: ApiClient, lead: Lead) -> None:
    for path in (PATH, f"{PATH}/{lead.id}"):
        assert full_api.get(f"{path}/").content == full_api.get(path).content


def test_head_has_no_body(full_api: ApiClient, lead: Lead) -> None:
    for path in (PATH, f"{PATH}/{lead.id}"):
        answer = full_api.request("HEAD", path)
        assert (answer.status_code, answer.content) == (200, b"")


def test_a_lead_is_two_statements(
    full_api: ApiClient, lead: Lead, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    full_api.get(PATH)
    # 1. what the key opens  2. the lead, with its owner
    with django_assert_num_queries(2):
        full_api.get(f"{PATH}/{lead.id}")


def test_every_lead_that_is_not_there_is_the_same_404(
    full_api: ApiClient, lead: Lead, other_lead: Lead
) -> None:
    services.delete_lead(lead)
    for missing in (lead.id, other_lead.id, uuid4(), "nonsense", "a/b", "%00", "%F0%9F%99%82"):
        answer = full_api.get(f"{PATH}/{missing}")
        assert (answer.status_code, answer.content) == (404, NOT_FOUND)


@pytest.mark.parametrize("path", ["", "/x"])
def test_a_key_without_the_scope_is_told_so_before_anything_else(
    account: Account, path: str
) -> None:
    others = [scope for scope in Scope if scope != Scope.LEADS_READ]
    answer = ApiClient(api_key(account, *others)[1]).get(f"{PATH}{path}?limit=0")
    assert answer.status_code == 403
    assert answer.json()["message"] == "This API key lacks the scope leads:read"
