"""Writers of the same leads at the same time."""

import threading
from uuid import UUID

import pytest
from django.db import IntegrityError, connection

from leads import services
from leads.models import Account, Lead
from tests.factories import AccountFactory

pytestmark = pytest.mark.django_db(transaction=True)


def leads(count: int) -> list[Lead]:
    return [Lead(id=UUID(int=number), first_name=str(number)) for number in range(1, count + 1)]


def test_leads_that_come_together_in_opposite_orders_are_added_once(account: Account) -> None:
    accounts = [account, AccountFactory.create(), AccountFactory.create()]
    together = threading.Barrier(len(accounts))
    added: list[tuple[int, set[UUID]]] = []

    def add(number: int) -> None:
        try:
            mine = leads(300)[:: -1 if number % 2 else 1][number * 20 :]
            together.wait(timeout=10)
            added.append((accounts[number].pk, services.add_leads(accounts[number], mine)))
        finally:
            connection.close()

    threads = [threading.Thread(target=add, args=(number,)) for number in range(len(accounts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(added) == 3
    # Everybody is told of their own, and of nobody else's.
    for account_id, ids in added:
        assert ids == set(Lead.objects.filter(account_id=account_id).values_list("id", flat=True))
    assert sum(len(ids) for _, ids in added) == Lead.objects.count() == 300


def test_what_is_wrong_with_a_lead_is_no_race(account: Account) -> None:
    with pytest.raises(IntegrityError):
        services.add_leads(account, [Lead(first_name="a", status="sold")])
    assert not Lead.objects.exists()
