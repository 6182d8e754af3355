"""The doors to other people's data: what is not the account's is not there."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from leads import access, keys, services
from leads.backends import Backend
from leads.membership import memberships_of
from leads.models import Account, Lead, Membership, Scope, User
from tests.factories import START, LeadFactory, MembershipFactory, UserFactory, api_key


def grant_of(key: str) -> access.Grant | None:
    return access.grant_of(keys.digest(key))


# --- Keys ----------------------------------------------------------------------------------------


def test_a_key_opens_its_own_account(account: Account, other_account: Account) -> None:
    for one in (account, other_account):
        row, key = api_key(one, Scope.LEADS_READ, rate=7)
        grant = grant_of(key)
        assert grant is not None
        assert (grant.key_id, grant.account_id) == (row.pk, one.pk)
        assert (grant.scopes, grant.rate_per_minute) == (["leads:read"], 7)


def test_a_key_of_the_default_rate_says_none(account: Account) -> None:
    grant = grant_of(api_key(account)[1])
    assert grant is not None
    assert grant.rate_per_minute is None
    assert grant.last_used_at is None


def test_unknown_revoked_and_expired_keys_open_nothing(account: Account) -> None:
    row, revoked = api_key(account)
    services.revoke_api_key(row)
    expired = api_key(account, expires_at=timezone.now() - timedelta(seconds=1))[1]
    for key in (keys.make(), revoked, expired, "", "ключ"):
        assert grant_of(key) is None


def test_a_key_opens_until_it_expires(account: Account) -> None:
    assert grant_of(api_key(account, expires_at=timezone.now() + timedelta(hours=1))[1])


def test_an_accounts_keys_go_with_it(account: Account) -> None:
    key = api_key(account)[1]
    account.delete()
    assert grant_of(key) is None


# --- Leads ---------------------------------------------------------------------------------------


def test_a_lead_is_there_for_its_own_account_alone(
    account: Account, other_account: Account, lead: Lead
) -> None:
    card = access.lead_card(account.pk, lead.pk)
    assert card is not None
    assert (card.id, card.first_name, card.last_name) == (
        lead.pk,
        lead.first_name,
        lead.last_name,
    )
    assert (card.phone, card.email, card.source) == (lead.phone, lead.email, lead.source)
    assert card.created_at == START
    assert access.lead_card(other_account.pk, lead.pk) is None


def test_a_lead_that_is_deleted_or_never_was_is_not_there(account: Account, lead: Lead) -> None:
    services.delete_lead(lead)
    assert access.lead_card(account.pk, lead.pk) is None
    assert access.lead_card(account.pk, uuid4()) is None


def test_a_card_is_one_statement(
    account: Account, lead: Lead, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # 1. the lead
    with django_assert_num_queries(1):
        access.lead_card(account.pk, lead.pk)


def test_the_leads_of_an_account_are_its_own_that_are_not_deleted(
    account: Account, other_lead: Lead
) -> None:
    here, deleted = LeadFactory.create_batch(2, account=account)
    services.delete_lead(deleted)
    assert list(access.leads_of(account.pk)) == [here]
    services.restore_lead(deleted)
    assert set(access.leads_of(account.pk)) == {here, deleted}


@pytest.mark.parametrize("text", ["maria", "Núñez", "+56912345678", "@example.com", ""])
def test_no_search_finds_what_is_another_accounts(
    account: Account, lead: Lead, other_lead: Lead, text: str
) -> None:
    assert list(access.search_leads(account.pk, text)) == [lead]


# --- People --------------------------------------------------------------------------------------


def accounts_of(user: User) -> list[Account]:
    """Return the accounts that a page lets the person see, whichever way they were read."""
    read_along = Backend().get_user(user.pk)
    assert read_along is not None
    memberships = memberships_of(user)
    assert memberships_of(read_along) == memberships
    return [membership.account for membership in memberships]


def test_people_see_the_accounts_they_are_members_of(
    account: Account, owner: Membership, colleague: Membership, stranger: Membership
) -> None:
    assert accounts_of(owner.user) == [account]
    assert accounts_of(colleague.user) == [account]
    assert accounts_of(stranger.user) == [stranger.account]
    assert accounts_of(UserFactory.create()) == []


def test_somebody_of_two_accounts_sees_both_by_name(
    account: Account, other_account: Account
) -> None:
    both = MembershipFactory.create(account=other_account).user
    MembershipFactory.create(account=account, user=both)
    assert accounts_of(both) == [account, other_account]
