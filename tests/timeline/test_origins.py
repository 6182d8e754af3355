"""Why an entry is here: said where its address is opened, to who may read the lead."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from leads.models import Account, Lead, LeadIdentity, Membership
from tests.factories import ChannelFactory, LeadFactory, MessageDraftFactory
from tests.leads.admin_roles import staff
from tests.timeline.inbox import delivery, message, received, status
from tests.timeline.told import tell
from timeline import inbox
from timeline.inbox_models import Delivery, ProviderChannel
from timeline.models import Message
from timeline.origins import origins_of, origins_of_entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def channel(account: Account) -> ProviderChannel:
    return ChannelFactory.create(account=account, name="Sales Santiago")


def deliver(channel: ProviderChannel, body: bytes) -> Delivery:
    stored = inbox.receive(channel, received(body))
    inbox.process(stored.pk)
    return stored


def page(member: Membership, entry: Message) -> str:
    browser = Client()
    browser.force_login(member.user)
    return browser.get(f"/leads/{entry.lead_id}/?at={entry.pk}").content.decode()


def test_an_entry_says_where_it_came_in_and_what_its_lead_was_found_by(
    channel: ProviderChannel, lead: Lead, owner: Membership, colleague: Membership
) -> None:
    deliver(channel, delivery(statuses=[status("a", "read", 5)]))
    deliver(channel, delivery(messages=[message("a", 1), message("b", 2)]))
    entry = Message.objects.get(external_id="wamid.a")
    for member in (owner, colleague):
        shown = page(member, entry)
        assert shown.count("Why is this here?") == 1
        assert "It came in on “Sales Santiago”" in shown
        assert "The lead was found by: phone." in shown
        assert "2 reports tell of it." in shown
    whole = reverse("lead-entry-whole", args=[lead.pk, entry.pk])
    browser = Client()
    browser.force_login(owner.user)
    assert "Why is this here?" in browser.get(whole).content.decode()
    assert "Why is this here?" not in browser.get(f"/leads/{lead.pk}/").content.decode()


def test_what_our_own_people_wrote_says_nothing_of_the_kind(lead: Lead, owner: Membership) -> None:
    tell(lead, MessageDraftFactory.build(lead_id=lead.pk))
    assert "Why is this here?" not in page(owner, Message.objects.get())


def test_what_is_told_outlives_its_delivery(
    channel: ProviderChannel, lead: Lead, owner: Membership
) -> None:
    deliver(channel, delivery(messages=[message("a", 1)]))
    Delivery.objects.all().delete()
    shown = page(owner, Message.objects.get())
    assert "It was told by “whatsapp”." in shown
    assert "The lead was found by: phone." in shown


def test_in_the_admin_an_entry_leads_to_its_deliveries_who_may_see_them(
    channel: ProviderChannel, lead: Lead, owner: Membership, colleague: Membership
) -> None:
    stored = deliver(channel, delivery(messages=[message("a", 1)]))
    url = reverse("admin:timeline_message_change", args=[Message.objects.get().pk])
    shown = staff(owner).get(url).content.decode()
    address = reverse("admin:timeline_delivery_change", args=[stored.pk])
    assert address in shown
    assert "Sales Santiago · message · phone" in shown
    to_a_member = staff(colleague).get(url).content.decode()
    assert "Sales Santiago · message · phone" in to_a_member
    assert address not in to_a_member


def test_another_accounts_entry_has_no_origins_here(
    channel: ProviderChannel, lead: Lead, other_account: Account
) -> None:
    deliver(channel, delivery(messages=[message("a", 1)]))
    entry = Message.objects.get()
    assert len(origins_of_entry(entry.account_id, entry.pk)) == 1
    assert origins_of_entry(other_account.pk, entry.pk) == []
    assert origins_of(other_account.pk, entry.source, entry.external_id) == []


def test_origins_take_two_statements(
    channel: ProviderChannel, lead: Lead, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    deliver(channel, delivery(messages=[message("a", 1)], statuses=[status("a", "read", 5)]))
    entry = Message.objects.get()
    with django_assert_num_queries(2):
        first, *others = origins_of_entry(entry.account_id, entry.pk)
    assert first.matched_by == "phone"
    assert len(others) == 1


class TestMatching:
    """Which lead it was, and what the entry says of that."""

    def test_of_several_the_newest_is_taken_and_it_is_said(
        self, channel: ProviderChannel, lead: Lead, account: Account
    ) -> None:
        newest = LeadFactory.create(account=account, created_at=lead.created_at.replace(year=2027))
        deleted = LeadFactory.create(account=account, created_at=lead.created_at.replace(year=2028))
        Lead.objects.filter(pk=deleted.pk).update(deleted_at=deleted.created_at)
        deliver(channel, delivery(messages=[message("a", 1)]))
        entry = Message.objects.get()
        assert entry.lead == newest
        (origin,) = origins_of_entry(entry.account_id, entry.pk)
        assert origin.matched == "phone, newest of 2 leads"

    def test_who_was_matched_once_is_known_by_their_id_then(
        self, channel: ProviderChannel, lead: Lead
    ) -> None:
        deliver(channel, delivery(messages=[message("a", 1)]))
        Lead.objects.filter(pk=lead.pk).update(phone="+34 600 111 222", phone_e164="+34600111222")
        deliver(channel, delivery(messages=[message("b", 2)]))
        entry = Message.objects.get(external_id="wamid.b")
        assert entry.lead == lead
        (origin,) = origins_of_entry(entry.account_id, entry.pk)
        assert origin.matched == "the provider's id"
        assert LeadIdentity.objects.filter(lead=lead).exists()

    def test_a_lead_that_was_made_says_so(self, channel: ProviderChannel) -> None:
        deliver(channel, delivery(messages=[message("a", 1)]))
        entry = Message.objects.get()
        (origin,) = origins_of_entry(entry.account_id, entry.pk)
        assert origin.matched == "nothing: made a new lead"
