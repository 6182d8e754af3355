"""That the drill would see what is lost and what is doubled; `make drill` is the drill itself."""

import threading
from itertools import islice
from pathlib import Path

import pytest

from leads.models import Account
from tests.drill.clients import Client
from tests.drill.facts import SENDERS, Fact, Seen, body_of, deliveries, expected
from tests.drill.run import report
from tests.drill.tally import Tally, doubled_leads, seen_in, tally
from tests.drill.victims import Database, Killer
from tests.factories import ChannelFactory, LeadFactory
from tests.timeline.inbox import received
from timeline import inbox
from timeline.models import Message


def told() -> list[tuple[Fact, ...]]:
    return list(islice(deliveries(seed=1, client=0), 40))


@pytest.fixture
def found(account: Account) -> list[Seen]:
    """What is in the timelines once all is delivered."""
    LeadFactory.create(account=account, phone=f"+{SENDERS[0]}")
    channel = ChannelFactory.create(account=account)
    for each in told():
        inbox.process(inbox.receive(channel, received(body_of(each))).pk)
    return list(seen_in(account))


def test_what_is_delivered_is_neither_lost_nor_doubled(found: list[Seen], account: Account) -> None:
    facts = {fact for each in told() for fact in each}
    assert tally(facts, found) == Tally(lost=0, doubled=0)
    assert doubled_leads(account) == 0
    assert sorted(found) == sorted(expected(facts).values())


def test_an_entry_that_is_missing_is_lost_with_all_that_was_told_of_it(found: list[Seen]) -> None:
    facts = {fact for each in told() for fact in each}
    (gone,) = [seen for seen in found if seen.content.startswith("Hola 0-2 ")]
    assert len(gone.reached) == 3
    assert tally(facts, [seen for seen in found if seen != gone]).lost == 4


def test_a_status_that_is_missing_or_a_wrong_lead_is_lost(found: list[Seen]) -> None:
    facts = {fact for each in told() for fact in each}
    (whole,) = [seen for seen in found if seen.content.startswith("Hola 0-2 ")]
    others = [seen for seen in found if seen != whole]
    assert tally(facts, [*others, whole._replace(reached=whole.reached[:2])]).lost == 1
    assert tally(facts, [*others, whole._replace(phone="56900000000")]).lost == 1


def test_an_entry_twice_or_of_nothing_told_is_doubled(found: list[Seen]) -> None:
    facts = {fact for each in told() for fact in each}
    assert tally(facts, [*found, found[0]]).doubled == 1
    assert tally(facts, [*found, found[0]._replace(content="Never told")]).doubled == 1


def test_a_lead_made_twice_is_doubled(account: Account) -> None:
    for _ in range(3):
        LeadFactory.create(account=account, phone="+56912340099")
    assert doubled_leads(account) == 2


def test_a_message_whose_status_its_times_belie_is_lost(
    found: list[Seen], account: Account
) -> None:
    facts = {fact for each in told() for fact in each}
    Message.objects.filter(status="read").update(status="sent")
    wrong = Message.objects.filter(status="sent", read_at__isnull=False).count()
    assert wrong
    assert tally(facts, list(seen_in(account))).lost >= wrong


@pytest.mark.parametrize(("killed", "status"), [({"server": 1}, 0), ({}, 1)])
def test_a_drill_that_killed_nothing_proves_nothing(
    account: Account, tmp_path: Path, killed: dict[str, int], status: int
) -> None:
    channel = ChannelFactory.create(account=account)
    client = Client(0, seed=1, path="/", ports=[1], stop=threading.Event())
    for each in told():
        inbox.process(inbox.receive(channel, received(body_of(each))).pk)
        client.facts.update(each)
    killer = Killer([], Database(tmp_path), seed=1)
    killer.killed.update(killed)
    assert report(account, [client], killer, replayed=0) == status


def test_clients_deliver_the_same_for_a_seed_and_not_for_another() -> None:
    def first(seed: int, client: int) -> list[tuple[Fact, ...]]:
        return list(islice(deliveries(seed, client), 30))

    assert first(1, 0) == first(1, 0)
    assert first(1, 0) != first(2, 0)
    names = [{fact.name for each in first(1, client) for fact in each} for client in (0, 1)]
    assert not names[0] & names[1]
