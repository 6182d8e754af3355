"""Whatever providers do, repeat or delay: one and the same timeline."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leads.models import Account, Lead, LeadIdentity
from tests.factories import ChannelFactory
from tests.timeline.inbox import delivery, message, received, status
from tests.timeline.webhooks.deliveries import names, payload
from timeline import inbox
from timeline.fold import fold
from timeline.history import FULL, read_page
from timeline.inbox_models import Delivery, EntryReport, ProviderChannel
from timeline.models import Activity, CallTranscript, Message
from timeline.reports import Report
from timeline.webhooks import PROVIDERS
from timeline.webhooks.provider import Line, Received

bounded = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

NAMES = ["a", "b", "c"]
SENDERS = ["56912345678", "34600111222"]


def _of(name: str) -> str:
    return SENDERS[NAMES.index(name) % 2]


# All that may be told of three messages of two people; the same fact always reads the same.
FACTS: list[tuple[str, dict[str, Any]]] = [
    *(("messages", message(name, n, _of(name))) for n, name in enumerate(NAMES)),
    *(
        ("statuses", status(name, state, minute))
        for name in NAMES
        for minute, state in enumerate(["sent", "delivered", "read", "failed"], 5)
        if state != "failed" or name == "c"
    ),
    *(
        (
            "messages",
            message(
                f"reaction {emoji}",
                minute,
                _of("a"),
                type="reaction",
                reaction={"message_id": "wamid.a", "emoji": emoji},
            ),
        )
        for minute, emoji in enumerate(["👍", "❤️", ""], 10)
    ),
    *(
        (
            "messages",
            message(
                f"edit {minute}",
                minute,
                _of("b"),
                type="edit",
                edit={
                    "original_message_id": "wamid.b",
                    "message": {"type": "text", "text": {"body": f"Edited {minute}"}},
                },
            ),
        )
        for minute in (20, 21)
    ),
    (
        "messages",
        message("revoke", 30, _of("c"), type="revoke", revoke={"original_message_id": "wamid.c"}),
    ),
]


def body_of(facts: Sequence[tuple[str, dict[str, Any]]]) -> bytes:
    return delivery(
        messages=[fact for kind, fact in facts if kind == "messages"],
        statuses=[fact for kind, fact in facts if kind == "statuses"],
    )


@st.composite
def deliveries(draw: st.DrawFn) -> list[bytes]:
    """Draw all facts at least once, in any order, cut into any deliveries, some sent again."""
    again = draw(st.lists(st.sampled_from(range(len(FACTS))), max_size=8))
    order = draw(st.permutations([*range(len(FACTS)), *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order) - 1), max_size=8)))
    bodies = [
        body_of([FACTS[number] for number in order[begin:end]])
        for begin, end in zip([0, *cuts], [*cuts, len(order)], strict=True)
    ]
    return bodies + draw(st.lists(st.sampled_from(bodies), max_size=2))


def timeline(account: Account) -> list[Any]:
    """Return all entries of all leads of the account, with whose they are."""
    return [
        (lead.phone, page.entries)
        for lead in Lead.objects.filter(account=account).order_by("phone")
        for page in [read_page(account.pk, lead.pk, limit=200, detail=FULL)]
    ]


def take(channel: ProviderChannel, bodies: Sequence[bytes]) -> list[int]:
    return [inbox.receive(channel, received(body)).pk for body in bodies]


def forget(account: Account) -> None:
    for model in (Message, CallTranscript, Activity, EntryReport, LeadIdentity, Delivery):
        model.objects.all().delete()
    Lead.objects.filter(account=account).delete()


@pytest.mark.django_db
@given(bodies=deliveries())
@bounded
def test_order_repetition_and_cuts_change_nothing(account: Account, bodies: list[bytes]) -> None:
    forget(account)
    channel = ChannelFactory.create(account=account)
    for each in take(channel, [body_of(FACTS)]):
        inbox.process(each)
    expected = timeline(account)
    assert [len(entries) for _, entries in expected] == [1, 2]
    forget(account)
    for each in take(channel, bodies):
        assert inbox.process(each)
    assert timeline(account) == expected
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.DONE}


@pytest.mark.django_db(transaction=True)
@given(bodies=deliveries(), processors=st.integers(2, 4))
@settings(bounded, max_examples=8)
def test_parallel_processors_change_nothing(
    account: Account, bodies: list[bytes], processors: int
) -> None:
    forget(account)
    channel = ChannelFactory.create(account=account)
    for each in take(channel, [body_of(FACTS)]):
        inbox.process(each)
    expected = timeline(account)
    forget(account)
    ids = take(channel, bodies)
    # Each goes through all of them, from another place on: they meet at every delivery.
    at_once(*(partial(process_all, ids[n:] + ids[:n]) for n in range(processors)))
    assert timeline(account) == expected
    assert set(Delivery.objects.values_list("state", "attempts")) == {(Delivery.State.DONE, 1)}


FORM = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8"}

# Every sample of every provider, on a channel each.
SAMPLES = {
    "whatsapp": ("106540352242922", {}),
    "retell": ("", {}),
    "twilio": ("+15550783881", FORM),
}


@pytest.mark.django_db
@given(data=st.data())
@settings(bounded, max_examples=6, phases=[Phase.generate])  # some forty deliveries shrink slowly
def test_the_samples_make_one_timeline_in_whatever_order_they_come(
    account: Account, data: st.DataObject
) -> None:
    channels = {
        name: ChannelFactory.create(account=account, provider=name, address=address)
        for name, (address, _) in SAMPLES.items()
    }
    told = [
        (channels[provider], received(payload(provider, name))._replace(headers=headers))
        for provider, (_, headers) in SAMPLES.items()
        for name in names(provider)
    ]
    forget(account)
    take_and_process(told)
    expected = by_lead(account)
    again = data.draw(st.lists(st.sampled_from(told), max_size=5))
    forget(account)
    take_and_process(data.draw(st.permutations(told + again)))
    assert by_lead(account) == expected


def by_lead(account: Account) -> list[Any]:
    """Return the entries of each lead. By which number it is known, who changes theirs may do."""
    leads = [entries for _phone, entries in timeline(account) if entries]
    return sorted(leads, key=lambda entries: [entry.id for entry in entries])


def take_and_process(told: Sequence[tuple[ProviderChannel, Received]]) -> None:
    for channel, each in told:
        inbox.process(inbox.receive(channel, each).pk)


def process_all(ids: Sequence[int]) -> None:
    for each in ids:
        inbox.process(each)


def at_once(*jobs: Callable[[], Any]) -> None:
    together = threading.Barrier(len(jobs))
    errors: list[Exception] = []

    def run(job: Callable[[], Any]) -> None:
        try:
            together.wait(timeout=10)
            job()
        except Exception as error:  # noqa: BLE001 - told below, in the test's own thread
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not errors


def reports() -> list[Report]:
    body = body_of([fact for fact in FACTS if "wamid.c" in str(fact)])
    line = Line("106540352242922", {})
    return PROVIDERS["whatsapp"].read(received(body), line).reports


@given(order=st.permutations(reports()), again=st.lists(st.sampled_from(reports())))
def test_an_entry_is_the_same_fold_of_its_reports(order: list[Report], again: list[Report]) -> None:
    assert fold([*order, *again]) == fold(reports())


def test_nothing_is_made_of_what_nothing_founded() -> None:
    assert fold([report for report in reports() if report.kind is None]) is None
    assert fold([]) is None
