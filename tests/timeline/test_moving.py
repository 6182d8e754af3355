"""Entries that staff move to another lead: once, with a trace on both, and nowhere else."""

import re
import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from leads import services
from leads.models import Account, Lead, Membership
from tests.conftest import ApiClient
from tests.factories import (
    ActivityDraftFactory,
    CallDraftFactory,
    LeadFactory,
    MessageDraftFactory,
)
from tests.timeline.test_pages import browser_of, entries_on, tell
from timeline import day_counts, live, moving
from timeline.entries import Channel, FullActivity, Kind
from timeline.glance import glance, last_touches
from timeline.history import FULL, read_page
from timeline.recording import Outcome, record
from timeline.wording import description_of, title_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def target(account: Account) -> Lead:
    return LeadFactory.create(account=account, first_name="Ana", last_name="Pérez")


@pytest.fixture
def message(lead: Lead) -> UUID:
    return tell(lead, MessageDraftFactory.build(lead_id=lead.pk, external_id="m"))[0]


def traces(lead: Lead) -> list[tuple[str, str, str]]:
    page = read_page(lead.account_id, lead.pk, limit=50, detail=FULL)
    return [
        (entry.title, entry.description, entry.actor_name)
        for entry in page.entries
        if isinstance(entry, FullActivity)
    ]


def spoken(lead: Lead) -> list[UUID]:
    page = read_page(lead.account_id, lead.pk, limit=50, detail=FULL)
    return [entry.id for entry in page.entries if not isinstance(entry, FullActivity)]


def address(lead: Lead, entry_id: UUID) -> str:
    return f"/leads/{lead.pk}/entries/{entry_id}/move/"


# --- What a move is -----------------------------------------------------------------------------

KINDS: dict[str, tuple[Any, dict[str, Any], str]] = {
    "message": (MessageDraftFactory, {}, "Message"),
    "mail": (MessageDraftFactory, {"channel": Channel.EMAIL}, "E-mail"),
    "call": (CallDraftFactory, {}, "Call"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_moves_whole_and_both_leads_say_so(
    owner: Membership, lead: Lead, target: Lead, kind: str
) -> None:
    factory, fields, word = KINDS[kind]
    (entry_id,) = tell(lead, factory.build(lead_id=lead.pk, **fields))
    (before,) = read_page(lead.account_id, lead.pk, limit=1, detail=FULL).entries
    with translation.override("es"):
        assert moving.move(owner, entry_id, lead.pk, target.pk) == target
    assert (spoken(lead), spoken(target)) == ([], [entry_id])
    assert read_page(lead.account_id, target.pk, limit=1, detail=FULL).entries == [before]
    of = f"It is of {before.occurred_at:%Y-%m-%d %H:%M} UTC"
    assert traces(lead) == [(f"{word} moved to Ana Pérez", of, "Olivia Owner")]
    assert traces(target) == [(f"{word} moved here from {lead}", of, "Olivia Owner")]


def test_the_traces_read_in_spanish() -> None:
    title = title_of("entry_moved", "Call moved here from Ana", "es")
    assert title == "Llamada movida aquí desde Ana"
    description = description_of("entry_moved", "It is of 2026-01-10 08:00 UTC", "es")
    assert description.startswith("Es del 2026")


@pytest.mark.parametrize("draft", [ActivityDraftFactory])
def test_an_activity_stays(owner: Membership, lead: Lead, target: Lead, draft: Any) -> None:
    (activity,) = tell(lead, draft.build(lead_id=lead.pk))
    with pytest.raises(moving.Gone):
        moving.move(owner, activity, lead.pk, target.pk)
    assert browser_of(owner).get(address(lead, activity)).status_code == 404


def test_where_it_is_it_cannot_move(owner: Membership, lead: Lead, message: UUID) -> None:
    with pytest.raises(moving.SameLead):
        moving.move(owner, message, lead.pk, lead.pk)
    assert traces(lead) == []


def test_to_nobody_and_to_a_deleted_lead_nothing_moves(
    owner: Membership, lead: Lead, target: Lead, other_lead: Lead, message: UUID
) -> None:
    services.delete_lead(target)
    for to in (target.pk, other_lead.pk, uuid4()):
        with pytest.raises(Lead.DoesNotExist):
            moving.move(owner, message, lead.pk, to)
    services.restore_lead(target)
    services.delete_lead(lead)
    with pytest.raises(Lead.DoesNotExist):
        moving.move(owner, message, lead.pk, target.pk)
    assert spoken(target) == []


def test_a_stranger_moves_nothing(
    owner: Membership, stranger: Membership, lead: Lead, other_lead: Lead, message: UUID
) -> None:
    (theirs,) = tell(other_lead, MessageDraftFactory.build(lead_id=other_lead.pk))
    mine = LeadFactory.create(account=stranger.account)
    for pair in ((lead.pk, mine.pk), (other_lead.pk, lead.pk)):
        with pytest.raises(Lead.DoesNotExist):
            moving.move(stranger, message, *pair)
    # Another account's entry, named with leads of one's own.
    with pytest.raises(moving.Gone):
        moving.move(stranger, message, other_lead.pk, mine.pk)
    assert moving.whereabouts(stranger.account_id, message) is None
    assert (spoken(lead), spoken(other_lead)) == ([message], [theirs])


def test_told_again_a_moved_entry_is_known_and_stays(
    owner: Membership, lead: Lead, target: Lead
) -> None:
    draft = MessageDraftFactory.build(lead_id=lead.pk, external_id="m", status="sent")
    other = MessageDraftFactory.build(lead_id=lead.pk, external_id="n")
    entry_id, _ = tell(lead, draft, other)
    moving.move(owner, entry_id, lead.pk, target.pk)
    assert record(lead.account_id, draft) is Outcome.UNCHANGED
    read = MessageDraftFactory.build(
        lead_id=lead.pk,
        external_id="m",
        status="read",
        content=draft.content,
        occurred_at=draft.occurred_at,
    )
    assert record(lead.account_id, read) is Outcome.ADVANCED
    assert spoken(target) == [entry_id]


def test_what_is_at_a_glance_follows(owner: Membership, lead: Lead, target: Lead) -> None:
    now = timezone.now()
    (entry_id,) = tell(lead, MessageDraftFactory.build(lead_id=lead.pk, occurred_at=now))
    zone = timezone.get_current_timezone()

    def seen(of: Lead) -> tuple[Any, ...]:
        at_a_glance = glance(of.account_id, of.pk, now=now, zone=zone)
        counts = at_a_glance.counts[Channel.WHATSAPP]
        touch = last_touches(of.account_id, [of.pk]).get(of.pk)
        days = sum(day.entries for day in at_a_glance.days if day.channel == Channel.WHATSAPP)
        return at_a_glance.waiting_since, counts, days, touch and (touch.touch.id, touch.is_waiting)

    assert seen(lead) == (now, 1, 1, (entry_id, True))
    moving.move(owner, entry_id, lead.pk, target.pk)
    assert seen(lead) == (None, 0, 0, None)
    assert seen(target) == (now, 1, 1, (entry_id, True))


def test_counts_by_day_follow(owner: Membership, lead: Lead, target: Lead, message: UUID) -> None:
    for each in (lead, target):
        day_counts.count(each.account_id, each.pk)
    moving.move(owner, message, lead.pk, target.pk)
    assert day_counts.differences(lead.account_id, lead.pk) == []
    assert day_counts.differences(lead.account_id, target.pk) == []


def test_the_api_finds_it_where_it_is(
    owner: Membership, lead: Lead, target: Lead, message: UUID, api: ApiClient
) -> None:
    etag = api.history(lead).headers["ETag"]
    moving.move(owner, message, lead.pk, target.pk)
    kinds = [entry["type"] for entry in api.history(target).json()["history"]]
    assert kinds == [Kind.MESSAGE, Kind.ACTIVITY]
    assert api.history(lead, If_None_Match=etag).status_code == 200


# --- Open pages ---------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_open_pages_of_both_leads_are_told(
    owner: Membership, lead: Lead, target: Lead, message: UUID
) -> None:
    token = live.token()
    moving.move(owner, message, lead.pk, target.pk)
    old = live.changes_since(lead.account_id, lead.pk, token)
    new = live.changes_since(lead.account_id, target.pk, token)
    assert old is not None
    assert new is not None
    assert (old.gone, [type(entry) for entry in old.entries]) == ([message], [FullActivity])
    assert (new.gone, new.entries[0].id, len(new.entries)) == ([], message, 2)
    fragment = browser_of(owner).get(f"/leads/{lead.pk}/live/?channel=call&token={token}")
    assert f'data-gone="e-{message}"' in fragment.content.decode()
    # And back again, before the page asked.
    moving.move(owner, message, target.pk, lead.pk)
    back = live.changes_since(lead.account_id, lead.pk, token)
    assert back is not None
    assert (back.gone, message in {entry.id for entry in back.entries}) == ([], True)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_it_at_once_one_does(
    owner: Membership, colleague: Membership, lead: Lead, target: Lead, message: UUID
) -> None:
    other = LeadFactory.create(account=lead.account)
    together = threading.Barrier(2)
    results: list[object] = []

    def go(member: Membership, to: Lead) -> None:
        try:
            together.wait(timeout=10)
            results.append(moving.move(member, message, lead.pk, to.pk))
        except moving.Gone as gone:
            results.append(gone)
        finally:
            connection.close()

    movers = [
        threading.Thread(target=go, args=pair) for pair in ((owner, target), (colleague, other))
    ]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join(timeout=30)
    assert sorted(type(result).__name__ for result in results) == ["Gone", "Lead"]
    (moved_to,) = (result for result in results if isinstance(result, Lead))
    assert moving.whereabouts(lead.account_id, message) == moved_to
    assert len(traces(lead)) == 1


@pytest.mark.django_db(transaction=True)
def test_moves_in_opposite_ways_wait_for_each_other(
    owner: Membership, lead: Lead, target: Lead
) -> None:
    here = tell(lead, *MessageDraftFactory.build_batch(20, lead_id=lead.pk))
    there = tell(target, *MessageDraftFactory.build_batch(20, lead_id=target.pk))
    failures: list[Exception] = []

    def go(entries: list[UUID], one: Lead, other: Lead) -> None:
        try:
            for entry in entries:
                moving.move(owner, entry, one.pk, other.pk)
        except Exception as error:  # noqa: BLE001 - a thread's, told below
            failures.append(error)
        finally:
            connection.close()

    pairs = ((here, lead, target), (there, target, lead))
    movers = [threading.Thread(target=go, args=pair) for pair in pairs]
    for mover in movers:
        mover.start()
    for mover in movers:
        mover.join(timeout=60)
    assert failures == []
    assert (set(spoken(lead)), set(spoken(target))) == (set(there), set(here))


# --- The page -----------------------------------------------------------------------------------


@pytest.fixture
def browser(owner: Membership) -> Client:
    return browser_of(owner)


def test_an_entry_offers_to_be_moved_and_an_activity_does_not(
    browser: Client, lead: Lead, message: UUID
) -> None:
    tell(lead, CallDraftFactory.build(lead_id=lead.pk), ActivityDraftFactory.build(lead_id=lead.pk))
    page = browser.get(f"/leads/{lead.pk}/").content.decode()
    assert len(entries_on(page)) == 3
    assert page.count('class="entry-act"') == 2
    assert f'href="{address(lead, message)}"' in page


def test_the_page_offers_the_newest_leads_and_finds_any(
    browser: Client,
    lead: Lead,
    target: Lead,
    other_lead: Lead,
    message: UUID,
    django_assert_num_queries: Any,
) -> None:
    LeadFactory.create_batch(12, account=lead.account)
    # Session, user with memberships; the lead, the entry, the leads to choose from.
    with django_assert_num_queries(5):
        page = browser.get(address(lead, message)).content.decode()
    offered = re.findall(r'name="to" value="([0-9a-f-]{36})"', page)
    assert len(offered) == 10
    assert str(lead.pk) not in offered
    assert str(other_lead.pk) not in offered
    assert "There are more" in page
    assert entries_on(page) == [str(message)]
    with django_assert_num_queries(5):
        part = browser.get(
            f"{address(lead, message)}?q=per%20ana", headers={"HX-Request": "true"}
        ).content.decode()
    assert "<html" not in part
    assert re.findall(r'name="to" value="([0-9a-f-]{36})"', part) == [str(target.pk)]
    assert "No lead matches" in browser.get(f"{address(lead, message)}?q=zzz").content.decode()


def test_it_is_moved_by_a_form_and_the_page_says_so(
    browser: Client, lead: Lead, target: Lead, message: UUID, django_assert_num_queries: Any
) -> None:
    # Session, user with memberships, the lead, the target. A transaction's two; both leads, the
    # message, its new lead, whether these are counted by day. For each of two traces its lead, its
    # actor, whether the lead is counted, the row; the last answers no message.
    with django_assert_num_queries(18):
        answer = browser.post(address(lead, message), {"to": str(target.pk)}, follow=False)
    assert (answer.status_code, answer["Location"]) == (302, f"/leads/{lead.pk}/")
    assert "Moved to Ana Pérez." in browser.get(answer["Location"]).content.decode()
    assert spoken(target) == [message]


def test_who_comes_second_is_told_where_it_is(
    browser: Client, colleague: Membership, lead: Lead, target: Lead, message: UUID
) -> None:
    other = LeadFactory.create(account=lead.account)
    moving.move(colleague, message, lead.pk, target.pk)
    answer = browser.post(address(lead, message), {"to": str(other.pk)}, follow=True)
    assert "Somebody moved it meanwhile, to Ana Pérez." in answer.content.decode()
    answer = browser.get(address(lead, message), follow=True)
    assert "Somebody moved it meanwhile, to Ana Pérez." in answer.content.decode()
    assert spoken(target) == [message]
    # Its old address leads to where it is.
    moved = browser.get(f"/leads/{lead.pk}/entries/{message}/")
    assert moved["Location"] == f"/leads/{target.pk}/?at={message}#e-{message}"


def test_what_is_no_lead_to_choose(
    browser: Client, lead: Lead, target: Lead, other_lead: Lead, message: UUID
) -> None:
    services.delete_lead(target)
    for to in ("", "x", str(uuid4()), str(other_lead.pk), str(target.pk)):
        assert browser.post(address(lead, message), {"to": to}).status_code == 404
    same = browser.post(address(lead, message), {"to": str(lead.pk)}, follow=True)
    assert "already" in same.content.decode()
    services.restore_lead(target)
    assert browser.post(address(lead, uuid4()), {"to": str(target.pk)}).status_code == 404
    assert browser.get(address(lead, uuid4())).status_code == 404
    assert spoken(lead) == [message]


def test_a_stranger_finds_no_page_and_nobody_moves_without_signing_in(
    stranger: Membership, lead: Lead, other_lead: Lead, message: UUID
) -> None:
    theirs = browser_of(stranger)
    mine = LeadFactory.create(account=stranger.account)
    for of in (lead, other_lead):
        assert theirs.get(address(of, message)).status_code == 404
        assert theirs.post(address(of, message), {"to": str(mine.pk)}).status_code == 404
    anonymous = Client().post(address(lead, message), {"to": str(other_lead.pk)})
    assert anonymous["Location"].startswith("/accounts/login/")
    assert spoken(lead) == [message]
    assert spoken(other_lead) == []
