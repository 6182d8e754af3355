"""The dataset of the benchmark: what it is made of, and that it is whole or not there."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from leads.models import Account, Lead
from tests.bench.conftest import SCALE
from timeline import day_counts
from timeline.bench import dataset, filling
from timeline.bench.dataset import ORDINARY, Dataset, drafts_of, places_of
from timeline.bench.tidying import tidy
from timeline.models import MODEL_OF, Activity, AnyEntry, CallTranscript, CountedLead, Message
from timeline.recording import COLUMNS, Outcome, record_all

# At the scale that a run has if it is not told otherwise; no row is made of it.
FULL = dataset.sizes_of(1)


def rows_of(account: Account) -> Iterator[AnyEntry]:
    for model in MODEL_OF.values():
        yield from model._default_manager.filter(account=account)


def told(account: Account) -> list[dict[str, Any]]:
    """Return all that the rows say, but when and by which transaction they were written."""
    rows: list[dict[str, Any]] = []
    for model in MODEL_OF.values():
        of_kind: Any = model._default_manager.filter(account=account).order_by("pk")
        rows += of_kind.values()
    when = {"recorded_at": None, "changed_in": None}
    return [row | when for row in rows]


def test_a_full_dataset_has_a_lead_of_a_million_among_a_hundred_thousand() -> None:
    long, middle, *others = FULL
    assert (len(FULL), long, middle) == (100_000, 1_000_000, 10_000)
    assert min(others) == 10
    assert max(others) == 100
    assert 38 < sum(others) / len(others) < 42
    assert 4_900_000 < sum(FULL) < 5_100_000


def test_what_is_built_is_what_was_asked_for(data: Dataset) -> None:
    sizes = dataset.sizes_of(SCALE)
    numbers = Counter(row.lead_id for row in rows_of(data.account))
    assert [numbers[dataset.lead_id(data.account, n)] for n in range(len(sizes))] == sizes
    assert numbers.total() == data.entries == sum(sizes)
    assert numbers[data.long] == data.long_entries
    assert {numbers[lead] for lead in data.ordinary} == {ORDINARY}
    assert Lead.objects.filter(account=data.account).count() == data.leads == len(sizes)
    assert Lead.objects.get(phone_e164=data.phone).pk == data.ordinary[0]


def test_most_entries_are_messages_and_a_mail_is_rare(data: Dataset) -> None:
    numbers = Counter(type(row) for row in rows_of(data.account))
    shares = {model: number / data.entries for model, number in numbers.items()}
    assert shares == pytest.approx({Message: 0.7, CallTranscript: 0.1, Activity: 0.2}, abs=0.03)
    mails = Message.objects.filter(account=data.account, channel="email").count()
    assert 1 <= mails <= data.entries / 500


def test_entries_come_in_the_order_of_their_time_whoevers_they_are(data: Dataset) -> None:
    places = list(places_of(data.account, dataset.sizes_of(SCALE)))
    assert places == sorted(places, key=lambda place: place.at)
    of_one = [number for number, place in enumerate(places) if place.lead_id == data.ordinary[0]]
    assert of_one[-1] - of_one[0] > data.entries / 2


def test_the_rows_of_a_lead_are_scattered_over_the_table(data: Dataset) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT (ctid::text::point)[0]) FROM timeline_message"
            " WHERE lead_id = %s",
            [data.ordinary[0]],
        )
        rows, pages = cursor.fetchone()
    assert pages > 0.8 * rows


def test_rows_are_what_recording_makes_of_the_same_entries(data: Dataset) -> None:
    copied = told(data.account)
    drafts: list[Any] = [
        kind(**{name: getattr(row, name) for name in COLUMNS[kind]})
        for kind, model in MODEL_OF.items()
        for row in model._default_manager.filter(account=data.account)
    ]
    for model in MODEL_OF.values():
        model._default_manager.all().delete()
    record_all(data.account.pk, drafts)
    assert told(data.account) == copied


def test_the_same_scale_is_the_same_dataset(data: Dataset) -> None:
    def said(account: Account) -> list[dict[str, Any]]:
        rows = sorted(told(account), key=lambda row: str(row["external_id"]))
        leads = {dataset.lead_id(account, n): n for n in range(data.leads)}
        own = {"id": None, "account_id": None}
        return [row | own | {"lead_id": leads[row["lead_id"]]} for row in rows]

    Account.objects.filter(pk=data.account.pk).update(name="Another")
    again = dataset.build(SCALE)
    assert again.account != data.account
    assert said(again.account) == said(data.account)


def test_what_is_there_is_not_built_again(data: Dataset) -> None:
    heard: list[str] = []
    assert dataset.build(SCALE, heard.append) == data
    assert heard == []


def test_a_build_that_was_interrupted_counts_as_none(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    # One batch of several is there by then.
    monkeypatch.setattr(filling, "_BATCH", 3_000)
    monkeypatch.setattr(filling, "vacuum", interrupted)
    with pytest.raises(KeyboardInterrupt):
        dataset.build(SCALE)
    left = Account.objects.get()
    assert Message.objects.filter(account=left).exists()
    monkeypatch.undo()
    data = dataset.build(SCALE)
    assert Account.objects.get() == data.account != left
    assert sum(model._default_manager.count() for model in MODEL_OF.values()) == data.entries
    assert Lead.objects.count() == data.leads


def test_what_is_written_while_measuring_goes(data: Dataset) -> None:
    tidy(data)
    before = told(data.account)
    to_write = [*drafts_of(data, 20), *(replace(d, lead_id=data.long) for d in drafts_of(data, 5))]
    assert Outcome.CREATED in record_all(data.account.pk, to_write)
    assert len(told(data.account)) > len(before)
    tidy(data)
    assert told(data.account) == before
    assert CountedLead.objects.get().lead_id == data.long
    assert day_counts.differences(data.account.pk, data.long) == []
