"""Channels in the admin: secrets go in and never come out, and one sees how each does."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from leads.audit_models import AuditEntry
from leads.models import Account, Lead, Membership
from leads.roles import GROUP_OF, READY_MADE
from tests.factories import ChannelFactory
from tests.leads.admin_roles import staff
from tests.timeline.inbox import address_of, delivery, message, signature
from timeline.channel_health import COUNTED, Count, failing, health_of
from timeline.inbox_models import Delivery, ProviderChannel
from timeline.models import Message

State = Delivery.State
ADD = "admin:timeline_providerchannel_add"


@pytest.fixture
def browser(owner: Membership) -> Client:
    return staff(owner)


@pytest.fixture
def channel(account: Account) -> ProviderChannel:
    return ChannelFactory.create(account=account)


def page_of(channel: ProviderChannel, name: str = "change") -> str:
    return reverse(f"admin:timeline_providerchannel_{name}", args=[channel.pk])


def form(channel: ProviderChannel, **more: str) -> dict[str, str]:
    return {
        "name": channel.name,
        "address": channel.address,
        "is_active": "on",
        "creates_leads": "on",
        **more,
    }


def deliver(channel: ProviderChannel, body: bytes, secret: str = "shhh") -> int:
    headers = {"X-Hub-Signature-256": signature(body, secret)}
    answer = Client().post(address_of(channel), body, "application/json", headers=headers)
    return answer.status_code


# --- Made, and given secrets ---------------------------------------------------------------------


def test_a_channel_is_made_and_works_once_its_secrets_are_in(
    browser: Client, account: Account, lead: Lead
) -> None:
    data = {"account": account.pk, "provider": "whatsapp", "name": "Sales", "creates_leads": "on"}
    answer = browser.post(reverse(ADD), data)
    channel = ProviderChannel.objects.get()
    assert answer.headers["Location"] == page_of(channel)
    page = browser.get(page_of(channel)).content.decode()
    assert address_of(channel) in page
    assert "Phone number ID" in page
    assert "App secret" in page
    body = delivery(messages=[message("a", 1)])
    assert deliver(channel, body) == 401
    told = form(channel, address="106540352242922", secret_app_secret="shhh")
    assert browser.post(page_of(channel), told).status_code == 302
    assert deliver(channel, body) == 200
    assert Message.objects.get().lead == lead


def test_secrets_are_shown_nowhere(browser: Client, channel: ProviderChannel) -> None:
    answer = browser.post(page_of(channel), form(channel, secret_app_secret="n3w-s3cret", name=""))
    assert answer.status_code == 200, "the form has a mistake in it"
    assert "n3w-s3cret" not in answer.content.decode()
    browser.post(page_of(channel), form(channel, secret_app_secret="n3w-s3cret"))
    pages = [page_of(channel, name) for name in ("change", "history", "check")]
    pages.append(reverse("admin:timeline_providerchannel_changelist"))
    shown = "".join(browser.get(page).content.decode() for page in pages)
    told = repr(
        [
            *LogEntry.objects.values_list("object_repr", "change_message"),
            *AuditEntry.objects.values_list("target", "detail"),
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM timeline_providerchannel")
        (kept,) = cursor.fetchone()
    for secret in ("n3w-s3cret", "let me in"):
        assert secret not in shown + told + kept
    assert "secret_app_secret" in told or "App secret" in told
    assert AuditEntry.objects.filter(action="channel_changed").exists()


def test_a_secret_that_nothing_is_put_in_for_stays(
    browser: Client, channel: ProviderChannel
) -> None:
    browser.post(page_of(channel), form(channel, name="Another name"))
    browser.post(page_of(channel), form(channel, secret_verify_token="another"))
    channel.refresh_from_db()
    assert channel.secrets["app_secret"] == "shhh"
    assert channel.secrets["verify_token"] == "another"


def test_a_secret_that_need_not_be_is_removed(browser: Client, account: Account) -> None:
    secrets = {"auth_token": "one", "shared_key": "two"}
    channel = ChannelFactory.create(account=account, provider="twilio", secrets=secrets)
    browser.post(page_of(channel), form(channel, remove_shared_key="on"))
    channel.refresh_from_db()
    assert channel.secrets == {"auth_token": "one", "shared_key": ""}
    assert "remove_shared_key" not in browser.get(page_of(channel)).content.decode()


def test_account_and_provider_are_fixed(
    browser: Client, channel: ProviderChannel, other_account: Account
) -> None:
    told = form(channel, account=str(other_account.pk), provider="retell", token="x" * 32)
    browser.post(page_of(channel), told)
    again = ProviderChannel.objects.get()
    assert (again.account_id, again.provider, again.token) == (
        channel.account_id,
        channel.provider,
        channel.token,
    )


class TestAnotherKey:
    """Secrets that no key of ours decrypts."""

    @pytest.fixture(autouse=True)
    def _another_key(self, channel: ProviderChannel, settings: Any) -> Iterator[None]:
        kept = settings.SECRET_KEY
        settings.SECRET_KEY = "another " * 8
        yield
        settings.SECRET_KEY = kept
        channel.refresh_from_db()
        assert channel.secrets["app_secret"] == "shhh"

    def test_are_still_there_when_the_key_is_back(
        self, browser: Client, channel: ProviderChannel, settings: Any, owner: Membership
    ) -> None:
        assert deliver(channel, b"{}") == 401
        browser.force_login(owner.user)
        page = browser.get(page_of(channel, "check")).content.decode()
        assert "cannot be decrypted" in page
        browser.post(page_of(channel), form(channel, name="Renamed"))
        channel.refresh_from_db()
        assert channel.name == "Renamed"
        assert channel.secrets == {}


def test_a_key_in_front_encrypts_and_the_former_still_decrypts(
    channel: ProviderChannel, settings: Any
) -> None:
    settings.ENCRYPTION_KEYS = ["a new key of thirty-two characters", "x" * 32]
    channel.refresh_from_db()
    assert channel.secrets["app_secret"] == "shhh"
    channel.save()
    settings.SECRET_KEY = "another " * 8
    settings.ENCRYPTION_KEYS = ["y" * 32, "a new key of thirty-two characters"]
    channel.refresh_from_db()
    assert channel.secrets["app_secret"] == "shhh"


# --- Tried ---------------------------------------------------------------------------------------


def test_a_test_says_what_is_missing(browser: Client, account: Account) -> None:
    channel = ChannelFactory.create(account=account, secrets={"app_secret": "shhh"})
    page = browser.get(page_of(channel, "check")).content.decode()
    assert "App secret is set." in page
    assert "Verify token is missing." in page
    assert "A delivery without a signature is refused." in page
    assert "Nothing was delivered yet." in page
    assert "Deliver a test" not in page
    assert not Delivery.objects.exists()


def test_a_test_delivery_goes_all_the_way(browser: Client, channel: ProviderChannel) -> None:
    assert "Deliver a test" in browser.get(page_of(channel, "check")).content.decode()
    page = browser.post(page_of(channel, "check")).content.decode()
    assert "A signed test delivery was stored and processed." in page
    assert Delivery.objects.get().state == State.DONE
    assert not Message.objects.exists()


def test_a_test_of_what_we_fail_on_says_so(
    browser: Client, channel: ProviderChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timeline.inbox.tell", lambda *_args, **_kwargs: 1 / 0)
    page = browser.post(page_of(channel, "check")).content.decode()
    assert "The test delivery failed: ZeroDivisionError" in page


def test_a_test_says_what_went_wrong_lately_and_leads_to_it(
    browser: Client, channel: ProviderChannel, account: Account
) -> None:
    fill(channel, "failed", 2, days=0)
    fill(channel, "refused", COUNTED + 1, days=0)
    fill(channel, "set_aside", 3, days=2)
    fill(ChannelFactory.create(account=account), "set_aside", 4, days=0)
    page = browser.get(page_of(channel, "check")).content.decode()
    of_channel = f"{reverse('admin:timeline_delivery_changelist')}?channel__id__exact={channel.pk}"
    for state, text in (
        ("failed", "Failed in the last 24 hours: 2"),
        ("refused", "Refused in the last 24 hours: 1,000+"),
    ):
        assert f'href="{of_channel}&amp;state__exact={state}">{text}</a>' in page
    assert "Set aside" not in page


def test_a_test_says_that_nothing_went_wrong_lately(
    browser: Client, channel: ProviderChannel
) -> None:
    fill(channel, "failed", 2, days=2)
    fill(channel, "done", 2, days=0)
    page = browser.get(page_of(channel, "check")).content.decode()
    assert "Nothing failed, was set aside or was refused in the last 24 hours." in page


def test_a_test_delivery_that_fails_counts_at_once(
    browser: Client, channel: ProviderChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timeline.inbox.tell", lambda *_args, **_kwargs: 1 / 0)
    page = browser.post(page_of(channel, "check")).content.decode()
    assert "Failed in the last 24 hours: 1<" in page


def test_who_delivered_a_test_is_in_the_audit_trail(
    browser: Client, channel: ProviderChannel, owner: Membership
) -> None:
    browser.get(page_of(channel, "check"))
    assert not AuditEntry.objects.filter(action="channel_tested").exists(), "looked at, not tested"
    browser.post(page_of(channel, "check"))
    told = AuditEntry.objects.get(action="channel_tested")
    assert (told.user, told.account) == (owner.user, channel.account)
    assert (told.target_id, told.target) == (str(channel.pk), channel.name)


def test_a_test_that_cannot_be_made_is_not_told_of(browser: Client, account: Account) -> None:
    channel = ChannelFactory.create(account=account, secrets={})
    browser.post(page_of(channel, "check"))
    assert not AuditEntry.objects.filter(action="channel_tested").exists()


# --- Watched -------------------------------------------------------------------------------------


def fill(channel: ProviderChannel, state: str, number: int, *, days: int) -> None:
    at = timezone.now() - timedelta(days=days)
    Delivery.objects.bulk_create(
        Delivery(
            account_id=channel.account_id,
            channel=channel,
            received_at=at,
            url="https://x.example/",
            headers={},
            body=b"{}",
            state=state,
        )
        for _ in range(number)
    )


def test_a_channels_health_is_that_of_its_deliveries_alone(
    channel: ProviderChannel, account: Account
) -> None:
    other = ChannelFactory.create(account=account)
    fill(channel, "failed", 2, days=40)
    fill(channel, "failed", 3, days=9)
    fill(channel, "set_aside", 4, days=9)
    fill(channel, "done", 5, days=2)
    fill(channel, "failed", 1, days=0)
    fill(other, "refused", 2, days=0)
    health = health_of([channel.pk, other.pk])
    mine = health[channel.pk]
    assert (mine.failed, mine.set_aside, mine.refused) == (Count(1, 4), Count(0, 4), Count())
    assert mine.last_at == Delivery.objects.get(channel=channel, pk=max_pk(channel)).received_at
    assert mine.is_failing
    assert health[other.pk].last_at is None, "what is refused was not delivered"
    assert health[other.pk].refused == Count(2, 2)


def max_pk(channel: ProviderChannel) -> int:
    latest = Delivery.objects.filter(channel=channel).latest("pk")
    return latest.pk


def test_what_is_counted_of_a_channel_is_bounded(channel: ProviderChannel) -> None:
    fill(channel, "failed", COUNTED + 5, days=0)
    assert health_of([channel.pk])[channel.pk].failed == Count(COUNTED, COUNTED)


def test_who_fails_is_on_the_front_page_of_their_account(
    browser: Client, channel: ProviderChannel, account: Account, stranger: Membership
) -> None:
    well = ChannelFactory.create(account=account, name="All is well here")
    fill(well, "failed", 1, days=3)
    fill(channel, "failed", 2, days=0)
    front = browser.get(reverse("admin:index")).content.decode()
    assert channel.name in front
    assert "2 failed and 0 refused in the last 24 hours" in front
    assert well.name not in front
    assert channel.name not in staff(stranger).get(reverse("admin:index")).content.decode()
    assert failing(None, 9) == failing([account.pk], 9) == [channel.pk]
    assert failing([stranger.account_id], 9) == []


def test_the_list_takes_as_many_statements_for_many_as_for_one(
    browser: Client, account: Account, channel: ProviderChannel
) -> None:
    url = reverse("admin:timeline_providerchannel_changelist")
    fill(channel, "failed", 2, days=0)
    browser.get(reverse("admin:index"))  # which renews the session
    with CaptureQueriesContext(connection) as for_one:
        page = browser.get(url).content.decode()
    assert "Fails" in page
    assert "2 failed" in page
    for _ in range(9):
        fill(ChannelFactory.create(account=account), "refused", 2, days=0)
    with CaptureQueriesContext(connection) as for_many:
        browser.get(url)
    assert len(for_many) == len(for_one)


# --- Replayed ------------------------------------------------------------------------------------


def test_all_that_failed_is_replayed_once_the_cause_is_gone(
    browser: Client, channel: ProviderChannel, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("timeline.inbox.tell", lambda *_args, **_kwargs: 1 / 0)
        for number in range(7):
            deliver(channel, delivery(messages=[message(str(number), number)]))
    deliver(channel, b"{}", "wrong")
    assert Delivery.objects.filter(state=State.FAILED).count() == 7
    asked = browser.get(page_of(channel, "replay"))
    assert asked.status_code == 200
    assert Delivery.objects.filter(state=State.FAILED).count() == 7, "asked, not done"
    answer = browser.post(page_of(channel, "replay"), follow=True)
    assert "7 deliveries are processed anew." in answer.content.decode()
    assert Delivery.objects.filter(state=State.DONE).count() == 7
    assert Delivery.objects.filter(state=State.REFUSED).count() == 1
    assert Message.objects.filter(lead=lead).count() == 7
    told = AuditEntry.objects.get(action="deliveries_replayed")
    assert (told.target, told.detail) == (channel.name, "7")


def test_another_channels_deliveries_are_left_alone(
    browser: Client, channel: ProviderChannel, account: Account
) -> None:
    other = ChannelFactory.create(account=account)
    fill(other, "failed", 1, days=0)
    fill(channel, "set_aside", 1, days=0)
    browser.post(page_of(channel, "replay"))
    assert Delivery.objects.get(channel=other).attempts == 0
    assert Delivery.objects.get(channel=channel).attempts == 1


# --- Upgraded ------------------------------------------------------------------------------------


def test_admins_of_an_installation_that_is_upgraded_may_see_channels_too(
    owner: Membership, channel: ProviderChannel
) -> None:
    group = Group.objects.get(name=GROUP_OF[Membership.Role.ADMIN])
    ours = Permission.objects.filter(codename__regex="_(providerchannel|delivery)$")
    group.permissions.remove(*ours)
    assert staff(owner).get(page_of(channel)).status_code == 403
    import_module("timeline.migrations.0008_channels_in_admin").let_admins_in(apps, None)
    browser = Client()
    browser.force_login(owner.user)
    assert browser.get(page_of(channel)).status_code == 200
    granted = set(group.permissions.values_list("content_type__app_label", "codename"))
    assert {f"{app}.{name}" for app, name in granted} == set(READY_MADE[Membership.Role.ADMIN])
