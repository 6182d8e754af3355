"""Entries counted by day: a deep offset begins at the same entry with them as without."""

import threading
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from leads.models import Account, Lead, Scope
from tests.conftest import ApiClient
from tests.factories import (
    START,
    ActivityDraftFactory,
    CallDraftFactory,
    LeadFactory,
    MessageDraftFactory,
    api_key,
)
from timeline import day_counts, history
from timeline.entries import EVERYTHING, AnyDraft, Channel, Filter, Kind
from timeline.history import KEYS, read_page
from timeline.models import CountedLead, DayCount, Message
from timeline.recording import Result, record_all

pytestmark = pytest.mark.django_db

ONLY = [
    EVERYTHING,
    Filter(channels=frozenset({Channel.WHATSAPP})),
    Filter(channels=frozenset({Channel.CALL, Channel.EMAIL})),
    Filter(kinds=frozenset({Kind.ACTIVITY, Kind.CALL})),
    Filter(kinds=frozenset({Kind.MESSAGE}), channels=frozenset({Channel.EMAIL})),
]


@pytest.fixture(autouse=True)
def _every_offset_is_deep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "DEEP", 1)


def drafts(lead: Lead, first: int, number: int) -> list[AnyDraft]:
    """Make entries of all kinds and channels, seven hours apart, some of them at one moment."""
    made: list[AnyDraft] = []
    for n in range(first, first + number):
        common: dict[str, Any] = {
            "lead_id": lead.id,
            "occurred_at": START + timedelta(hours=7 * (n // 2)),
            "external_id": str(n),
        }
        if n % 5 == 0:
            made.append(CallDraftFactory.build(**common))
        elif n % 5 == 1:
            made.append(ActivityDraftFactory.build(**common, channel=list(Channel)[n % 4]))
        else:
            channel = (Channel.WHATSAPP, Channel.EMAIL)[n % 2]
            made.append(MessageDraftFactory.build(**common, channel=channel))
    return made


def everything(lead: Lead, only: Filter, *, newest_first: bool) -> list[Any]:
    page = read_page(
        lead.account_id, lead.id, limit=200, only=only, newest_first=newest_first, detail=KEYS
    )
    assert not page.has_more
    return list(page.entries)


def holds_at_every_offset(lead: Lead) -> None:
    for only in ONLY:
        for newest_first in (False, True):
            whole = everything(lead, only, newest_first=newest_first)
            for offset in range(1, len(whole) + 3):
                page = read_page(
                    lead.account_id,
                    lead.id,
                    limit=3,
                    offset=offset,
                    only=only,
                    newest_first=newest_first,
                    detail=KEYS,
                )
                assert page.entries == whole[offset : offset + 3]
                assert page.has_more == (len(whole) > offset + 3)


def test_a_lead_that_is_not_counted_is_paged_by_offset(account: Account, lead: Lead) -> None:
    record_all(account.pk, drafts(lead, 0, 40))
    assert not DayCount.objects.exists()
    holds_at_every_offset(lead)


def test_a_counted_lead_is_paged_alike_whatever_comes_later(account: Account, lead: Lead) -> None:
    record_all(account.pk, drafts(lead, 10, 30))
    day_counts.tend(account.pk, lead.pk)
    holds_at_every_offset(lead)
    # Later days, days before all others, days in between; and what is there already.
    for more in (drafts(lead, 40, 10), drafts(lead, 0, 10), drafts(lead, 10, 5)):
        record_all(account.pk, more)
        assert not day_counts.differences(account.pk, lead.pk)
    holds_at_every_offset(lead)


def width_of(lead: Lead) -> int:
    return CountedLead.objects.get(lead=lead).width


def test_many_days_are_counted_several_as_one(
    account: Account, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day_counts, "MOST", 4)
    record_all(account.pk, drafts(lead, 0, 4))
    day_counts.tend(account.pk, lead.pk)
    assert width_of(lead) == 1
    # Nine days of entries: three times as many as are to be added up.
    record_all(account.pk, drafts(lead, 4, 56))
    assert DayCount.objects.values("day").distinct().count() == 9
    day_counts.tend(account.pk, lead.pk)
    assert width_of(lead) == 4
    assert DayCount.objects.values("day").distinct().count() == 3
    holds_at_every_offset(lead)
    # Those who write later know.
    record_all(account.pk, drafts(lead, 60, 10))
    assert DayCount.objects.values("day").distinct().count() <= 4
    assert not day_counts.differences(account.pk, lead.pk)
    holds_at_every_offset(lead)


def test_a_lead_is_counted_anew_only_when_there_are_twice_as_many_days(
    account: Account, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day_counts, "MOST", 4)
    day_counts.tend(account.pk, lead.pk)
    for day in range(8):
        at = START + timedelta(days=day)
        record_all(account.pk, [MessageDraftFactory.build(lead_id=lead.pk, occurred_at=at)])
        day_counts.tend(account.pk, lead.pk)
        assert width_of(lead) == 1
    at = START + timedelta(days=8)
    record_all(account.pk, [MessageDraftFactory.build(lead_id=lead.pk, occurred_at=at)])
    day_counts.tend(account.pk, lead.pk)
    assert width_of(lead) == 4


def test_days_without_entries_do_not_widen(
    account: Account, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day_counts, "MOST", 4)
    record_all(account.pk, drafts(lead, 0, 10))
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)
    record_all(account.pk, [MessageDraftFactory.build(lead_id=lead.pk, occurred_at=long_ago)])
    day_counts.tend(account.pk, lead.pk)
    assert width_of(lead) == 1


def test_the_first_and_the_last_days_that_there_are(
    account: Account, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day_counts, "MOST", 2)
    for day in (datetime(1, 1, 2), datetime(1, 1, 3), datetime(9999, 12, 29)):  # noqa: DTZ001 - days
        for at in (day, day + timedelta(days=1)):
            draft = MessageDraftFactory.build(lead_id=lead.pk, occurred_at=at.replace(tzinfo=UTC))
            record_all(account.pk, [draft])
    day_counts.tend(account.pk, lead.pk)
    assert width_of(lead) == 4
    assert not day_counts.differences(account.pk, lead.pk)
    holds_at_every_offset(lead)


def test_parts_are_added_up_and_nothing_is_lost(account: Account, lead: Lead) -> None:
    day_counts.tend(account.pk, lead.pk)
    for number in range(20):
        record_all(account.pk, drafts(lead, number // 10, 1))
        message = MessageDraftFactory.build(lead_id=lead.pk, occurred_at=START)
        record_all(account.pk, [message])
    assert DayCount.objects.count() == 22
    day_counts.tend(account.pk, lead.pk)
    assert DayCount.objects.count() == 3
    assert not day_counts.differences(account.pk, lead.pk)
    holds_at_every_offset(lead)


def test_a_filter_of_another_sort_is_walked_to(account: Account, lead: Lead) -> None:
    record_all(account.pk, drafts(lead, 0, 30))
    day_counts.tend(account.pk, lead.pk)
    only = Filter(since=START + timedelta(days=1))
    whole = everything(lead, only, newest_first=False)
    page = read_page(account.pk, lead.id, limit=2, offset=5, only=only, detail=KEYS)
    assert page.entries == whole[5:7]


def test_only_the_account_s_own_lead_is_counted(
    account: Account, lead: Lead, other_account: Account
) -> None:
    record_all(account.pk, drafts(lead, 0, 3))
    day_counts.tend(other_account.pk, lead.pk)
    assert not CountedLead.objects.exists()
    assert not DayCount.objects.exists()


def test_writers_to_counted_leads_need_no_more_statements(
    account: Account, lead: Lead, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    counted = LeadFactory.create(account=account)
    day_counts.tend(account.pk, counted.pk)
    for number, each in enumerate((lead, counted)):
        with django_assert_num_queries(3):  # the lead, whether it is counted, the row
            record_all(account.pk, drafts(each, number, 1))
    assert DayCount.objects.get().lead == counted


def test_a_deleted_lead_takes_its_counts_along(account: Account, lead: Lead) -> None:
    record_all(account.pk, drafts(lead, 0, 3))
    day_counts.tend(account.pk, lead.pk)
    lead.delete()
    assert not CountedLead.objects.exists()
    assert not DayCount.objects.exists()


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("count_days", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_proves_and_mends(account: Account, lead: Lead) -> None:
    record_all(account.pk, drafts(lead, 0, 10))
    day_counts.tend(account.pk, lead.pk)
    assert run() == "The counts of 1 lead are right.\n"
    Message.objects.filter(external_id="2").delete()  # behind the back of the write path
    with pytest.raises(CommandError, match="counts of 1 lead are wrong"):
        run()
    assert f"{lead.pk}: 1 counts are wrong; from 2026-01-10 on " in run("--repair")
    assert run() == "The counts of 1 lead are right.\n"
    holds_at_every_offset(lead)


def test_the_command_knows_widths(
    account: Account, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day_counts, "MOST", 1)
    record_all(account.pk, drafts(lead, 0, 10))
    day_counts.tend(account.pk, lead.pk)
    assert width_of(lead) > 1
    assert run() == "The counts of 1 lead are right.\n"
    CountedLead.objects.update(width=1)  # its parts remain
    with pytest.raises(CommandError, match="counts of 1 lead are wrong"):
        run()
    run("--repair")
    assert run() == "The counts of 1 lead are right.\n"


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_writers_counting_and_adding_up(self, account: Account, lead: Lead) -> None:
        """Whoever comes first: counts and entries agree in the end."""
        threads = [
            *(at_once(record_one_by_one, account, lead, 100 * n) for n in range(3)),
            *(at_once(tend_often, account, lead) for _ in range(2)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert Message.objects.count() == 60
        assert CountedLead.objects.count() == 1
        assert not day_counts.differences(account.pk, lead.pk)

    def test_widening_as_well(
        self, account: Account, lead: Lead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every other tending counts anew, ever wider."""
        monkeypatch.setattr(day_counts, "MOST", 1)
        self.test_writers_counting_and_adding_up(account, lead)
        day_counts.tend(account.pk, lead.pk)
        assert width_of(lead) > 1
        assert not day_counts.differences(account.pk, lead.pk)

    def test_who_writes_while_days_are_widened_waits_and_knows(
        self, account: Account, lead: Lead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record_all(account.pk, drafts(lead, 0, 40))
        day_counts.tend(account.pk, lead.pk)
        monkeypatch.setattr(day_counts, "MOST", 1)
        writer = at_once(record_one_by_one, account, lead, 100)
        with transaction.atomic():
            day_counts.tend(account.pk, lead.pk)
            writer.start()
            until_one_waits()
        writer.join(timeout=60)
        assert width_of(lead) > 1
        assert not day_counts.differences(account.pk, lead.pk)
        holds_at_every_offset(lead)

    def test_who_widens_waits_for_those_who_write_by_the_old_width(
        self, account: Account, lead: Lead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        record_all(account.pk, drafts(lead, 0, 40))
        day_counts.tend(account.pk, lead.pk)
        monkeypatch.setattr(day_counts, "MOST", 1)
        tender = at_once(day_counts.tend, account.pk, lead.pk)
        with transaction.atomic():
            record_all(account.pk, drafts(lead, 40, 10))
            tender.start()
            until_one_waits()
        tender.join(timeout=60)
        assert width_of(lead) > 1
        assert not day_counts.differences(account.pk, lead.pk)
        holds_at_every_offset(lead)

    def test_who_adds_up_holds_nothing_that_who_widens_needs(
        self, account: Account, lead: Lead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        day_counts.tend(account.pk, lead.pk)
        for number in range(10):  # parts of one day
            at = START + timedelta(minutes=number)
            record_all(account.pk, [MessageDraftFactory.build(lead_id=lead.pk, occurred_at=at)])
        tender = at_once(day_counts.tend, account.pk, lead.pk)
        with transaction.atomic():
            Lead.objects.select_for_update().get(pk=lead.pk)
            tender.start()
            until_one_waits()
            day_counts.count(account.pk, lead.pk)
        tender.join(timeout=60)
        assert DayCount.objects.get().entries == 10

    def test_who_deletes_the_lead_leaves_what_is_being_counted(
        self, account: Account, lead: Lead
    ) -> None:
        day_counts.tend(account.pk, lead.pk)
        failed: list[Exception] = []
        deleter = at_once(fail_into, failed, lead.delete)
        with transaction.atomic():
            record_all(account.pk, drafts(lead, 0, 3))
            deleter.start()
            until_one_waits()
        deleter.join(timeout=60)
        assert [type(error) for error in failed] == [IntegrityError]
        assert not day_counts.differences(account.pk, lead.pk)

    def test_who_writes_between_the_statements_of_a_deletion_leaves_no_count(
        self, account: Account, lead: Lead
    ) -> None:
        day_counts.tend(account.pk, lead.pk)

        def write_behind(execute: Any, sql: str, *rest: Any) -> Any:
            result = execute(sql, *rest)
            if sql.startswith('DELETE FROM "timeline_daycount"'):
                writer = at_once(record_all, account.pk, drafts(lead, 0, 3))
                writer.start()
                writer.join(timeout=60)
            return result

        with connection.execute_wrapper(write_behind), pytest.raises(IntegrityError):
            lead.delete()
        assert DayCount.objects.exists()
        assert not day_counts.differences(account.pk, lead.pk)

    def test_nothing_is_counted_on_a_lead_that_is_being_deleted(
        self, account: Account, lead: Lead
    ) -> None:
        day_counts.tend(account.pk, lead.pk)
        results: list[Result] = []
        writer = at_once(lambda: results.extend(record_all(account.pk, drafts(lead, 0, 3))))
        with transaction.atomic():
            Lead.objects.get(pk=lead.pk).delete()
            writer.start()
            until_one_waits()
        writer.join(timeout=60)
        assert list(map(str, results)) == 3 * ["lead_id is no lead of the account"]
        assert not DayCount.objects.exists()


def fail_into(failed: list[Exception], do: Any, *arguments: Any) -> None:
    try:
        do(*arguments)
    except IntegrityError as error:
        failed.append(error)


def until_one_waits() -> None:
    """Return once a connection waits for what this one's transaction has locked."""
    with connection.cursor() as cursor:
        for _ in range(100_000):
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
                " AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            if cursor.fetchone() == (True,):
                return
    pytest.fail("Nobody waits.")


def at_once(do: Any, *arguments: Any) -> threading.Thread:
    def run() -> None:
        try:
            do(*arguments)
        finally:
            connection.close()

    return threading.Thread(target=run)


def record_one_by_one(account: Account, lead: Lead, first: int) -> None:
    for number in range(first, first + 20):
        at = START + timedelta(hours=number)
        draft = MessageDraftFactory.build(
            lead_id=lead.pk, occurred_at=at, external_id=f"at once {number}"
        )
        record_all(account.pk, [draft])


def tend_often(account: Account, lead: Lead) -> None:
    for _ in range(15):
        day_counts.tend(account.pk, lead.pk)


# --- Who has them counted ------------------------------------------------------------------------


def counted(lead: Lead) -> bool:
    return CountedLead.objects.filter(lead=lead).exists()


def test_a_deep_page_has_the_lead_counted_from_then_on(api: ApiClient, lead: Lead) -> None:
    record_all(lead.account_id, drafts(lead, 0, 30))
    first = api.history(lead, "?offset=20&limit=5")
    assert counted(lead)
    assert day_counts.differences(lead.account_id, lead.id) == []
    again = api.history(lead, "?offset=20&limit=5", If_None_Match='"another"')
    assert again.content == first.content
    assert len(again.json()["history"]) == 5


@pytest.mark.parametrize(
    "query", ["", "?limit=200", "?offset=30", "?offset=1000000000000", "?offset=20&q=hola"]
)
def test_no_other_page_has(api: ApiClient, lead: Lead, query: str) -> None:
    record_all(lead.account_id, drafts(lead, 0, 30))
    assert api.history(lead, query).status_code == 200
    assert not counted(lead)


def test_who_may_not_read_the_history_has_nothing_counted(
    account: Account, stranger_api: ApiClient, lead: Lead
) -> None:
    record_all(lead.account_id, drafts(lead, 0, 30))
    elsewhere = ApiClient(api_key(account, Scope.LEADS_READ)[1])
    assert stranger_api.history(lead, "?offset=20").status_code == 404
    assert elsewhere.history(lead, "?offset=20").status_code == 403
    assert not counted(lead)


def test_a_lead_is_tended_once_a_minute_at_most(
    api: ApiClient, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_all(lead.account_id, drafts(lead, 0, 30))
    tended: list[Any] = []
    monkeypatch.setattr(day_counts, "tend", lambda *whose: tended.append(whose))
    for offset in (5, 10, 15):
        api.history(lead, f"?offset={offset}")
    assert tended == [(lead.account_id, lead.pk)]
