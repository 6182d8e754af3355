"""Mails by the webhooks' door: into the timeline, with their files, once, and how far they got."""

from typing import Any

import pytest
from django.test import Client

from leads.models import Account, Lead, Membership
from tests.conftest import ApiClient
from tests.factories import ChannelFactory, LeadFactory
from tests.timeline.inbox import address_of
from tests.timeline.mails import mail
from tests.timeline.webhooks.mail_deliveries import (
    LINES,
    mailgun_event,
    mailgun_mail,
    postmark,
    ses,
)
from timeline.history import FULL, read_page
from timeline.inbox_models import Delivery, ProviderChannel
from timeline.models import Message
from timeline.webhooks.provider import Received

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(account: Account) -> Lead:
    return LeadFactory.create(account=account, email="Ana@Example.com")


def channel_of(account: Account, provider: str) -> ProviderChannel:
    line = LINES[provider]
    return ChannelFactory.create(
        account=account, provider=provider, address=line.address, secrets=dict(line.secrets)
    )


def deliver(channel: ProviderChannel, delivery: Received) -> Any:
    headers = {name.title(): value for name, value in delivery.headers.items()}
    content_type = headers.pop("Content-Type")
    client = Client(raise_request_exception=False)
    return client.post(
        address_of(channel), delivery.body, content_type=content_type, headers=headers
    )


def entries_of(lead: Lead) -> list[Any]:
    return read_page(lead.account_id, lead.pk, limit=9, detail=FULL).entries


def test_a_mail_is_in_the_timeline_of_who_wrote_it_with_its_files(
    account: Account, ana: Lead, owner: Membership, stranger_api: ApiClient
) -> None:
    files = {"attachment-1": ("../roof.html", "text/html", b"<script>alert(1)</script>")}
    assert deliver(channel_of(account, "mailgun"), mailgun_mail(files)).status_code == 200
    assert Delivery.objects.get().state == Delivery.State.DONE
    (entry,) = entries_of(ana)
    assert (entry.channel, entry.direction, entry.subject) == (
        "email",
        "inbound",
        "¿Cuánto cuesta?",
    )
    (file,) = entry.attachments
    assert (file["name"], file["type"], file["size"]) == (
        "roof.html",
        "application/octet-stream",
        25,
    )
    browser = Client(HTTP_HOST="localhost")
    browser.force_login(owner.user)
    assert f"/files/{file['file']}/" in browser.get(f"/leads/{ana.pk}/").content.decode()
    assert stranger_api.get(f"/api/public/files/{file['file']}").status_code == 404


def test_a_mail_delivered_twice_is_one(account: Account, ana: Lead) -> None:
    channel = channel_of(account, "postmark")
    for _ in range(2):
        assert deliver(channel, postmark("inbound.json")).status_code == 200
    assert len(entries_of(ana)) == 1


def test_a_mail_told_by_two_services_is_one(account: Account, ana: Lead) -> None:
    source = mail().decode()
    deliver(channel_of(account, "mailgun"), mailgun_mail(None, **{"body-mime": source}))
    raw = ses("received_sns.json")
    body = raw.body.replace(b"ses-1@example.com", b"1@example.com")
    deliver(channel_of(account, "amazon_ses"), raw._replace(body=body))
    assert len(entries_of(ana)) == 1


def test_how_far_a_mail_got_waits_for_it(account: Account, ana: Lead) -> None:
    channel = channel_of(account, "mailgun")
    deliver(channel, mailgun_event("opened.json"))
    deliver(channel, mailgun_event("delivered.json"))
    assert not Message.objects.exists()
    message_id = "<20130503182626.18666.16540@acme.example>"
    source = mail(From="sales@acme.example", To="ana@example.com", Message_ID=message_id)
    deliver(channel, mailgun_mail(None, **{"body-mime": source.decode()}))
    (entry,) = entries_of(ana)
    assert (entry.direction, entry.status) == ("outbound", "read")
    assert entry.delivered_at < entry.read_at


def test_a_wrong_password_is_refused_and_asked_for(account: Account) -> None:
    answer = deliver(channel_of(account, "amazon_ses"), ses("delivery.json", None))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Leadline"'
    assert Delivery.objects.get().state == Delivery.State.REFUSED


def test_no_password_is_asked_for_where_deliveries_are_signed(account: Account) -> None:
    answer = deliver(channel_of(account, "mailgun"), mailgun_event("opened.json", "key-2"))
    assert answer.status_code == 401
    assert "WWW-Authenticate" not in answer.headers


def test_what_is_no_delivery_is_set_aside_with_its_reason(account: Account) -> None:
    channel = channel_of(account, "postmark")
    body = b'{"RecordType": "Inbound"}'
    assert deliver(channel, postmark("inbound.json")._replace(body=body)).status_code == 200
    delivery = Delivery.objects.get()
    assert delivery.state == Delivery.State.SET_ASIDE
    assert "names no sender" in delivery.reason


def test_a_mail_reaches_no_lead_of_another_account(
    account: Account, other_account: Account
) -> None:
    other = LeadFactory.create(account=other_account, email="ana@example.com")
    deliver(channel_of(account, "postmark"), postmark("inbound.json"))
    assert entries_of(other) == []
    assert Message.objects.get().account == account
