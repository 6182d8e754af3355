"""What the database itself refuses, whoever writes: accounts, people, leads, keys."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from leads import services
from leads.models import Account, ApiKey, Lead, Membership, User
from tests.factories import (
    START,
    AccountFactory,
    LeadFactory,
    MembershipFactory,
    UserFactory,
    api_key,
)


def refused(statement: str, *values: Any) -> None:
    """Run the statement past Django, expecting the database to refuse it."""
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


# --- Accounts and people -------------------------------------------------------------------------


def test_two_accounts_cannot_differ_by_case_alone(account: Account) -> None:
    with pytest.raises(ValidationError):
        services.create_account("ACME SOLAR")
    refused(
        "INSERT INTO leads_account (name, region, created_at) VALUES (%s, '', now())", "acme solar"
    )


@pytest.mark.parametrize("region", ["cl", "C", "C1", " C", "ÑÑ"])
def test_an_accounts_region_is_two_capital_letters(account: Account, region: str) -> None:
    refused("UPDATE leads_account SET region = %s", region)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "region"), [("", ""), ("Acme", "CHL"), ("x" * 201, "")])
def test_an_account_that_makes_no_sense_is_not_made(name: str, region: str) -> None:
    with pytest.raises(ValidationError):
        services.create_account(name, region)


@pytest.mark.django_db
def test_an_accounts_name_and_region_are_tidied() -> None:
    account = services.create_account(" Acme ", "cl")
    assert (account.name, account.region) == ("Acme", "CL")


@pytest.mark.django_db
def test_people_are_told_apart_by_mail_without_regard_to_case() -> None:
    UserFactory.create(email="Olivia@Example.com")
    assert User.objects.get_by_natural_key("OLIVIA@example.COM").email == "olivia@example.com"
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory.create(email="olivia@EXAMPLE.com")
    refused("UPDATE leads_user SET email = %s", "Olivia@example.com")


def test_a_person_is_in_an_account_once(owner: Membership) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory.create(account=owner.account, user=owner.user)


def test_a_role_is_admin_or_member(owner: Membership) -> None:
    refused("UPDATE leads_membership SET role = %s", "owner")


# --- Leads ---------------------------------------------------------------------------------------


def test_a_lead_gets_an_id_unless_an_import_gives_one(account: Account) -> None:
    given = uuid4()
    assert LeadFactory.create(account=account, id=given).pk == given
    made = LeadFactory.create(account=account).pk
    assert isinstance(made, UUID)
    assert made.version == 7


def test_a_leads_owner_is_a_member_of_its_account(
    lead: Lead, owner: Membership, stranger: Membership
) -> None:
    lead.owner = owner
    lead.save()
    refused("UPDATE leads_lead SET owner_id = %s WHERE id = %s", stranger.pk, lead.pk)


def test_a_lead_cannot_move_to_another_account_and_keep_its_owner(
    lead: Lead, owner: Membership, other_account: Account
) -> None:
    lead.owner = owner
    lead.save()
    refused("UPDATE leads_lead SET account_id = %s WHERE id = %s", other_account.pk, lead.pk)


def test_a_lead_outlives_its_owners_membership_whoever_ends_it(
    lead: Lead, owner: Membership, colleague: Membership
) -> None:
    lead.owner = owner
    lead.save()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM leads_membership WHERE id = %s", [owner.pk])
    lead = Lead.objects.get()
    assert lead.owner is None
    Lead.objects.update(owner=colleague)
    colleague.delete()
    assert Lead.objects.get().owner is None


def test_a_leads_status_is_one_of_the_known(lead: Lead) -> None:
    refused("UPDATE leads_lead SET status = %s", "sold")


@pytest.mark.parametrize("phone", ["56912345678", "+056912345", "+", "+5691234567890123", "+56 9"])
def test_a_phone_is_e164_or_empty(lead: Lead, phone: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE leads_lead SET phone_e164 = %s", [phone])


@pytest.mark.parametrize(
    ("region", "phone", "e164"),
    [
        ("CL", "9 1234 5678", "+56912345678"),
        ("CL", "+56 9 1234 5678", "+56912345678"),
        ("CL", "+44 20 7946 0958", "+442079460958"),
        ("", "+44 20 7946 0958", "+442079460958"),
        ("", "020 7946 0958", ""),
        ("GB", "020 7946 0958 ext. 5", "+442079460958"),
        ("CL", "call me", ""),
        ("CL", "", ""),
        ("CL", "+٥٦٩١٢٣٤٥٦٧٨", "+56912345678"),
        ("CL", "+1", ""),
        ("CL", "9" * 50, ""),
        # libphonenumber takes these for possible; E.164 ends at 15 digits.
        ("DE", "+49 30 1234567890123", ""),
        ("JP", "+81 01234567890123456", ""),
    ],
)
def test_a_phone_is_kept_as_given_and_found_as_e164(
    db: None, region: str, phone: str, e164: str
) -> None:
    lead = LeadFactory.create(account=AccountFactory.create(region=region), phone=phone)
    lead.refresh_from_db()
    assert (lead.phone, lead.phone_e164) == (phone, e164)


def test_a_changed_phone_is_found_as_the_new_one(lead: Lead) -> None:
    lead.phone = "+44 20 7946 0958"
    lead.save(update_fields=["phone"])
    lead.refresh_from_db()
    assert lead.phone_e164 == "+442079460958"


def test_when_a_lead_was_created_may_be_said_and_when_it_changed_is_noted(lead: Lead) -> None:
    assert lead.created_at == START
    before = lead.updated_at
    lead.first_name = "Ana"
    lead.save(update_fields=["first_name"])
    lead.refresh_from_db()
    assert lead.updated_at > before
    assert lead.created_at == START


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"first_name": "Ana", "last_name": "Díaz"}, "Ana Díaz"),
        ({"first_name": "", "last_name": "Díaz"}, "Díaz"),
        ({"first_name": "", "last_name": "", "email": "ana@example.com"}, "ana@example.com"),
        ({"first_name": "", "last_name": "", "email": "", "phone": "+56"}, "+56"),
    ],
)
def test_a_lead_is_called_by_what_is_known_of_it(
    account: Account, fields: dict[str, str], name: str
) -> None:
    assert str(LeadFactory.build(account=account, **fields)) == name


# --- Leads from an import ------------------------------------------------------------------------


def test_leads_that_are_new_are_added_with_all_that_is_derived(account: Account) -> None:
    leads = LeadFactory.build_batch(2, phone="9 8765 4321")
    assert services.add_leads(account, leads) == {lead.pk for lead in leads}
    for lead in Lead.objects.all():
        assert (lead.account, lead.phone_e164) == (account, "+56987654321")


def test_a_lead_that_is_there_is_left_as_it_is(account: Account, lead: Lead) -> None:
    again = LeadFactory.build(id=lead.pk, first_name="Somebody else")
    new = LeadFactory.build()
    assert services.add_leads(account, [again, new]) == {new.pk}
    lead.refresh_from_db()
    assert lead.first_name == "María José"


def test_a_lead_of_another_account_is_neither_taken_nor_changed(
    account: Account, other_lead: Lead
) -> None:
    taken = LeadFactory.build(id=other_lead.pk)
    assert services.add_leads(account, [taken]) == set()
    other_lead.refresh_from_db()
    assert other_lead.account != account
    assert not Lead.objects.filter(account=account).exists()


# --- Keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0, -1, 1_000_001])
def test_a_keys_rate_is_within_reason(account: Account, rate: int) -> None:
    api_key(account)
    refused("UPDATE leads_apikey SET rate_per_minute = %s", rate)


def test_a_keys_scopes_are_known_ones(account: Account) -> None:
    api_key(account)
    refused("UPDATE leads_apikey SET scopes = %s::varchar[]", ["history:read", "history:delete"])


def test_two_keys_cannot_have_one_digest(account: Account) -> None:
    first, _ = api_key(account)
    second, _ = api_key(account)
    refused(
        "UPDATE leads_apikey SET digest = (SELECT digest FROM leads_apikey WHERE id = %s)"
        " WHERE id = %s",
        first.pk,
        second.pk,
    )


def test_a_key_outlives_the_person_who_made_it(account: Account, owner: Membership) -> None:
    row, _ = services.create_api_key(account, "CRM", created_by=owner.user)
    owner.user.delete()
    assert ApiKey.objects.get(pk=row.pk).created_by is None
