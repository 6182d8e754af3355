"""The lead list's filters: each alone, together, and what is none of them."""

from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from django.utils import timezone

from leads.access import leads_of, members_of, sources_of
from leads.filters import LeadFilter
from leads.models import Account, Lead, Membership
from tests.factories import LeadFactory


def filtered(reader: Membership, query: str) -> LeadFilter:
    account_id = reader.account_id
    return LeadFilter(
        QueryDict(query),
        leads_of(account_id),
        reader=reader,
        colleagues=members_of(account_id),
        sources=sources_of(account_id),
    )


def found(reader: Membership, query: str) -> set[str]:
    return {lead.first_name for lead in filtered(reader, query).qs}


@pytest.fixture
def leads(owner: Membership, colleague: Membership) -> None:
    def add(name: str, status: str, source: str, member: Membership | None, day: int) -> None:
        LeadFactory.create(
            account=owner.account,
            first_name=name,
            status=status,
            source=source,
            owner=member,
            created_at=datetime(2026, 3, day, 2, 30, tzinfo=UTC),
        )

    add("Ana", Lead.Status.NEW, "api", owner, 1)
    add("Ben", Lead.Status.WON, "import", colleague, 2)
    add("Col", Lead.Status.WON, "api", None, 3)


@pytest.mark.usefixtures("leads")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"Ana", "Ben", "Col"}),
        ("status=&owner=&source=&created_after=&created_before=", {"Ana", "Ben", "Col"}),
        ("status=won", {"Ben", "Col"}),
        ("source=api", {"Ana", "Col"}),
        ("owner=none", {"Col"}),
        ("created_after=2026-03-02", {"Ben", "Col"}),
        ("created_before=2026-03-02", {"Ana", "Ben"}),
        ("created_after=2026-03-02&created_before=2026-03-02", {"Ben"}),
        ("status=won&source=api", {"Col"}),
        ("status=lost", set()),
    ],
)
def test_filters_narrow_the_list_and_combine(
    owner: Membership, query: str, names: set[str]
) -> None:
    assert found(owner, query) == names


@pytest.mark.usefixtures("leads")
def test_the_owner_is_a_member_of_the_account(owner: Membership, colleague: Membership) -> None:
    assert found(owner, f"owner={owner.pk}") == {"Ana"}
    assert found(owner, f"owner={colleague.pk}") == {"Ben"}


@pytest.mark.usefixtures("leads")
def test_days_are_those_of_the_readers_time_zone(owner: Membership) -> None:
    with timezone.override("America/Santiago"):
        assert found(owner, "created_before=2026-03-01") == {"Ana", "Ben"}


@pytest.mark.usefixtures("leads")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=bogus", "status"),
        ("owner=bogus", "owner"),
        ("source=fair", "source"),
        ("created_after=soon", "created"),
    ],
)
def test_what_is_no_filter_filters_nothing_and_is_said(
    owner: Membership, query: str, field: str
) -> None:
    assert found(owner, query) == {"Ana", "Ben", "Col"}
    assert set(filtered(owner, query).form.errors) == {field}


@pytest.mark.usefixtures("leads")
def test_a_member_of_another_account_is_no_owner_to_ask_for(
    owner: Membership, stranger: Membership
) -> None:
    assert set(filtered(owner, f"owner={stranger.pk}").form.errors) == {"owner"}


@pytest.mark.usefixtures("leads")
def test_the_reader_is_offered_first_as_me(owner: Membership, colleague: Membership) -> None:
    offered = [str(label) for _, label in filtered(owner, "").form.fields["owner"].choices]
    assert offered == ["Owner", "Me", "Carlos Colleague", "Nobody"]


@pytest.mark.usefixtures("leads")
def test_sources_are_those_of_the_accounts_leads_each_once(
    account: Account, other_account: Account
) -> None:
    LeadFactory.create(account=account, source="")
    LeadFactory.create(account=other_account, source="fair")
    assert sources_of(account.pk) == ["api", "import"]
    assert sources_of(0) == []
