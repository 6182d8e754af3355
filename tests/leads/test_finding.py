"""The lead list's one search box."""

import pytest
from django.db import connection

from leads.access import search_leads
from leads.expressions import Query
from leads.finding import lead_query
from leads.models import Account, Lead
from leads.services import add_leads
from tests.factories import LeadFactory


@pytest.fixture
def maria(account: Account) -> Lead:
    return LeadFactory.create(
        account=account,
        first_name="María José",
        last_name="Ñandú O'Higgins",
        company="Energía Solar SpA",
        email="Maria.Jose@Solar-Andes.example.com",
        phone="+56 9 1234 5678",
    )


@pytest.fixture(autouse=True)
def _somebody_else(account: Account, other_account: Account) -> None:
    LeadFactory.create(
        account=account, first_name="Bob", last_name="Stone", email="bob@x.org", phone="+4420"
    )
    LeadFactory.create(account=other_account, first_name="María", phone="+56 9 1234 5678")


@pytest.mark.parametrize(
    "typed",
    [
        "maria",
        "MAR",
        "jose ñan",
        "nandu",
        "higg",
        "energia solar",
        "spa",
        "maria.jose@solar-andes.example.com",
        "MARIA.JOSE@",
        "@solar-andes",
        "solar-andes.example",
        "+56 9 1234 5678",
        "+56912345678",
        "0056 9 1234 5678",
        "56 9 1234",
        "+56 (9) 1234-5678",
        "9 1234 5678",
        "(912) 345-678",
        "(9) 1234",
        "5678",
        "345678",
    ],
)
def test_a_lead_is_found_by(typed: str, account: Account, maria: Lead) -> None:
    assert list(search_leads(account.pk, typed)) == [maria]


@pytest.mark.parametrize(
    "typed", ["aria", "solar bob", "78", "@andes", "+57 9 1234 5678", "!!!", "o' | bob"]
)
def test_a_lead_is_not_found_by(typed: str, account: Account, maria: Lead) -> None:
    assert maria not in search_leads(account.pk, typed)


def test_nothing_typed_means_all_leads(account: Account, maria: Lead) -> None:
    assert search_leads(account.pk, "  ").count() == 2


def test_a_national_number_is_found_by_its_international_form(account: Account) -> None:
    lead = LeadFactory.create(account=account, first_name="Ana", phone="(2) 2345 6789")
    assert list(search_leads(account.pk, "+56 2 2345 6789")) == [lead]


def test_leads_added_in_bulk_are_found_too(account: Account) -> None:
    lead = Lead(first_name="Zoë", phone="+44 20 7946 0018")
    add_leads(account, [lead])
    assert list(search_leads(account.pk, "zoe")) == [lead]
    assert list(search_leads(account.pk, "0018")) == [lead]


def test_a_changed_lead_is_found_by_what_it_is_now(account: Account, maria: Lead) -> None:
    maria.first_name = "Carmen"
    maria.save(update_fields=["first_name"])
    assert list(search_leads(account.pk, "carmen")) == [maria]


def test_deleted_leads_are_not_found(account: Account, maria: Lead) -> None:
    Lead.objects.filter(pk=maria.pk).update(deleted_at=maria.created_at)
    assert not search_leads(account.pk, "maria").exists()


def test_the_index_serves_the_search(account: Account, maria: Lead) -> None:
    # Among a handful of leads any way is quick, and which is taken is a matter of luck: ask for the
    # words alone, and forbid to read the whole table.
    found = Lead.objects.filter(search=Query(lead_query("mar jos")))
    statement, parameters = found.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement}", parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "lead_search" in plan
