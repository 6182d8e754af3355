"""Where providers deliver: what is taken, what is refused, and what is kept of either."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client, RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from leads.models import Account, Lead
from tests.factories import ChannelFactory, LeadFactory
from tests.timeline.inbox import address_of, delivery, message, signature, status
from timeline import inbox
from timeline.api.webhooks import webhook
from timeline.checks import InvalidEntry
from timeline.entries import AnyDraft, Channel
from timeline.history import read_page
from timeline.inbox_models import Delivery, EntryReport, ProviderChannel
from timeline.models import Message
from timeline.webhooks import PROVIDERS
from timeline.webhooks.provider import Received

pytestmark = pytest.mark.django_db

State = Delivery.State


@pytest.fixture
def channel(account: Account) -> ProviderChannel:
    return ChannelFactory.create(account=account)


def deliver(channel: ProviderChannel, body: bytes, **headers: str) -> Any:
    headers.setdefault("X-Hub-Signature-256", signature(body))
    client = Client(raise_request_exception=False)
    return client.post(address_of(channel), body, content_type="application/json", headers=headers)


def test_a_message_is_acknowledged_and_in_the_timeline(
    channel: ProviderChannel, lead: Lead
) -> None:
    answer = deliver(channel, delivery(messages=[message("a", 1)]))
    assert (answer.status_code, answer.content) == (200, b'{"success":true}')
    (entry,) = read_page(lead.account_id, lead.id, limit=9).entries
    assert entry.channel == Channel.WHATSAPP
    stored = Delivery.objects.get()
    assert (stored.state, stored.reason, stored.attempts) == (State.DONE, "", 1)
    report = EntryReport.objects.get()
    assert report.delivery == stored
    assert report.matched_by == "phone"


def test_a_delivery_is_two_statements_before_it_is_acknowledged(
    channel: ProviderChannel,
    lead: Lead,
    rf: RequestFactory,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    body = delivery(messages=[message("a", 1)])
    headers = {"X-Hub-Signature-256": signature(body)}
    request = rf.post("/", body, content_type="application/json", headers=headers)
    with django_assert_num_queries(2):
        answer = webhook(request, channel.token)
    assert (answer.status_code, Delivery.objects.get().state) == (200, State.WAITING)


def test_the_provider_finds_its_way(channel: ProviderChannel) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "let me in", "hub.challenge": "<b>1</b>"}
    answer = Client().get(address_of(channel), query)
    assert (answer.status_code, answer.content) == (200, b"<b>1</b>")
    assert answer.headers["Content-Type"].startswith("text/plain")
    refused = Client().get(address_of(channel), query | {"hub.verify_token": "guess"})
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_slash_at_the_end_changes_nothing(channel: ProviderChannel, slash: str) -> None:
    body = delivery(messages=[message("a", 1)])
    answer = Client().post(
        address_of(channel) + slash,
        body,
        content_type="application/json",
        headers={"X-Hub-Signature-256": signature(body)},
    )
    assert answer.status_code == 200


class TestRefused:
    @pytest.mark.parametrize("given_signature", ["", "sha256=", "sha256=00", "x" * 5_000])
    def test_without_its_signature(self, channel: ProviderChannel, given_signature: str) -> None:
        body = delivery(messages=[message("a", 1)])
        answer = deliver(channel, body, **{"X-Hub-Signature-256": given_signature})
        assert answer.status_code == 401
        assert set(answer.json()) == {"error", "message"}
        stored = Delivery.objects.get()
        assert stored.state == State.REFUSED
        assert not inbox.process(stored.pk)
        assert not inbox.replay(Delivery.objects.all())
        assert not Message.objects.exists()

    def test_another_channel_s_secret(self, channel: ProviderChannel) -> None:
        body = delivery(messages=[message("a", 1)])
        answer = deliver(channel, body, **{"X-Hub-Signature-256": signature(body, "other")})
        assert answer.status_code == 401

    def test_an_unknown_or_inactive_channel(self, channel: ProviderChannel) -> None:
        answer = Client().post("/api/webhooks/" + "a" * 32, b"{}", content_type="text/plain")
        assert answer.status_code == 404
        channel.is_active = False
        channel.save()
        known = deliver(channel, delivery(messages=[message("a", 1)]))
        assert known.status_code == 404
        assert known.content == answer.content
        assert not Delivery.objects.exists()

    def test_other_methods(self, channel: ProviderChannel) -> None:
        answer = Client().put(address_of(channel), b"{}")
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, POST"

    def test_what_is_too_large_is_not_kept(
        self, channel: ProviderChannel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(PROVIDERS["whatsapp"], "max_body", 1_000)
        answer = deliver(channel, b"x" * 1_001)
        assert answer.status_code == 413
        assert not Delivery.objects.exists()

    def test_what_is_kept_of_the_refused_is_bounded(
        self, channel: ProviderChannel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(inbox, "REFUSED_KEPT", 3)
        for number in range(6):
            body = str(number).encode() * 20_000
            deliver(channel, body, **{"X-Hub-Signature-256": "sha256=00"})
        kept = [bytes(each.body) for each in Delivery.objects.order_by("id")]
        assert [body[:1] for body in kept] == [b"3", b"4", b"5"]
        assert all(len(body) == 10_000 for body in kept)

    def test_headers_of_the_refused_are_bounded(self, channel: ProviderChannel) -> None:
        headers = {f"X-{number}": "x" * 5_000 for number in range(80)}
        deliver(channel, b"{}", **headers, **{"X-Hub-Signature-256": "sha256=00"})
        kept = Delivery.objects.get().headers
        assert len(kept) <= 50
        assert max(map(len, kept.values())) == 500


def test_what_proves_the_sender_is_not_kept(channel: ProviderChannel) -> None:
    body = delivery(messages=[message("a", 1)])
    deliver(channel, body, Authorization="Basic c2VjcmV0", Cookie="secret=1")
    headers = Delivery.objects.get().headers
    assert headers["x-hub-signature-256"] == signature(body)
    assert not {"authorization", "cookie"} & set(headers)


def test_a_stranger_s_lead_of_the_same_phone_is_not_touched(
    channel: ProviderChannel, other_lead: Lead
) -> None:
    deliver(channel, delivery(messages=[message("a", 1)]))
    made = Message.objects.get().lead
    assert made.account_id == channel.account_id
    assert made != other_lead
    assert made.source == "whatsapp"
    assert made.first_name == "Ana"


def test_who_is_unknown_where_no_lead_may_be_made_is_set_aside(account: Account) -> None:
    channel = ChannelFactory.create(account=account, creates_leads=False)
    deliver(channel, delivery(messages=[message("a", 1), message("b", 2)]))
    stored = Delivery.objects.get()
    assert stored.state == State.SET_ASIDE
    assert stored.reason.startswith("2 of unknown people")
    lead = LeadFactory.create(account=account)
    assert inbox.replay(Delivery.objects.all()) == 1
    inbox.process_due(9)
    assert Delivery.objects.get().state == State.DONE
    assert Message.objects.filter(lead=lead).count() == 2


def test_a_status_waits_for_its_message(channel: ProviderChannel, lead: Lead) -> None:
    deliver(channel, delivery(statuses=[status("a", "read", 5), status("a", "delivered", 4)]))
    assert Delivery.objects.get().state == State.DONE
    assert not Message.objects.exists()
    deliver(channel, delivery(messages=[message("a", 1)]))
    stored = Message.objects.get()
    assert stored.status == "read"
    assert stored.delivered_at
    assert stored.read_at
    assert stored.delivered_at < stored.read_at


def test_what_we_fail_on_is_tried_again_and_comes_out_right(
    channel: ProviderChannel, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("timeline.inbox.tell", lambda *_args, **_kwargs: 1 / 0)
        answer = deliver(channel, delivery(messages=[message("a", 1)]))
    assert answer.status_code == 200
    stored = Delivery.objects.get()
    assert stored.state == State.FAILED
    assert stored.reason == "ZeroDivisionError: division by zero"
    assert stored.next_attempt_at
    assert stored.next_attempt_at > stored.received_at
    assert inbox.process_due(9) == 0
    inbox.replay(Delivery.objects.all())
    assert inbox.process_due(9) == 1
    assert Delivery.objects.get().state == State.DONE
    assert Message.objects.count() == 1
    assert not inbox.process(stored.pk)


def test_an_entry_that_cannot_be_recorded_keeps_no_other_out(
    channel: ProviderChannel, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(draft: AnyDraft) -> None:
        if draft.external_id == "wamid.b":
            raise InvalidEntry("content", "is not to our liking")

    with monkeypatch.context() as patch:
        patch.setattr("timeline.refusals.check", check)
        deliver(channel, delivery(messages=[message(name, 1) for name in "abc"]))
    stored = Delivery.objects.get()
    assert stored.state == State.SET_ASIDE
    assert stored.reason == "wamid.b: content is not to our liking"
    kept = Message.objects.order_by("external_id").values_list("external_id", flat=True)
    assert list(kept) == ["wamid.a", "wamid.c"]
    assert inbox.replay(Delivery.objects.all()) == 1
    assert inbox.process_due(9) == 1
    assert Delivery.objects.get().state == State.DONE
    assert Message.objects.count() == 3


def test_what_a_crash_left_behind_is_processed_along_with_the_next(
    channel: ProviderChannel, lead: Lead
) -> None:
    body = delivery(messages=[message("a", 1)])
    inbox.receive(channel, Received("https://x.example/", {}, body, channel.created_at))
    deliver(channel, delivery(messages=[message("b", 2)]))
    assert Message.objects.count() == 2


def test_an_entry_stays_where_it_was_moved_to(channel: ProviderChannel, lead: Lead) -> None:
    deliver(channel, delivery(messages=[message("a", 1)]))
    elsewhere = LeadFactory.create(account=channel.account)
    Message.objects.update(lead=elsewhere)
    deliver(channel, delivery(statuses=[status("a", "read", 5)]))
    deliver(channel, delivery(messages=[message("a", 1)]))
    stored = Message.objects.get()
    assert stored.lead == elsewhere
    assert stored.status == "read"


@given(body=st.binary(max_size=300) | st.just(b"[" * 100_000), header=st.text(max_size=80))
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_nothing_that_is_sent_is_our_error(
    channel: ProviderChannel, body: bytes, header: str
) -> None:
    signed = deliver(channel, body)
    assert signed.status_code == 200
    assert Delivery.objects.latest("id").state in {State.DONE, State.SET_ASIDE}
    header = "".join(each for each in header if each.isprintable() and each.isascii())
    assert deliver(channel, body, **{"X-Hub-Signature-256": header}).status_code == 401


class TestPruning:
    def test_old_bodies_go_and_entries_stay(
        self, channel: ProviderChannel, lead: Lead, settings: Any
    ) -> None:
        deliver(channel, delivery(messages=[message("a", 1)]))
        deliver(channel, b"{}", **{"X-Hub-Signature-256": "sha256=00"})
        assert inbox.prune(9) == 0
        old = channel.created_at.replace(year=channel.created_at.year - 1)
        Delivery.objects.update(received_at=old)
        assert inbox.prune(9) == 2
        assert Message.objects.count() == EntryReport.objects.count() == 1
        assert EntryReport.objects.get().delivery is None

    def test_what_was_refused_goes_within_days(self, channel: ProviderChannel) -> None:
        deliver(channel, b"{}", **{"X-Hub-Signature-256": "sha256=00"})
        deliver(channel, b"[]", **{"X-Hub-Signature-256": "sha256=00"})
        first = Delivery.objects.earliest("id")
        Delivery.objects.filter(pk=first.pk).update(
            received_at=first.received_at - timedelta(days=8)
        )
        assert inbox.prune(9) == 1
        assert not Delivery.objects.filter(pk=first.pk).exists()

    def test_old_ones_go_without_a_worker(
        self, channel: ProviderChannel, lead: Lead, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        deliver(channel, delivery(messages=[message("a", 1)]))
        Delivery.objects.update(received_at=channel.created_at.replace(year=2020))
        monkeypatch.setattr("timeline.api.webhooks._BETWEEN_PRUNINGS", 1)
        deliver(channel, delivery(messages=[message("b", 2)]))
        assert Delivery.objects.count() == 1

    def test_what_is_still_to_be_done_stays(self, channel: ProviderChannel) -> None:
        old = channel.created_at.replace(year=channel.created_at.year - 1)
        inbox.receive(channel, Received("https://x.example/", {}, b"{}", old))
        assert inbox.prune(9) == 0


def test_the_worker_processes_what_waits(channel: ProviderChannel, lead: Lead) -> None:
    for number in range(3):
        body = delivery(messages=[message(str(number), number)])
        inbox.receive(channel, Received("https://x.example/", {}, body, channel.created_at))
    output = StringIO()
    call_command("process_inbox", "--once", stdout=output)
    assert output.getvalue() == "Processed 3 deliveries.\n"
    assert Message.objects.filter(lead=lead).count() == 3
