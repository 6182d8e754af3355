"""Accounts, people, leads and drafts of entries to test with."""

import time
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import factory
from factory.django import DjangoModelFactory
from uuid_utils.compat import uuid7

from leads import services, usage
from leads.models import Account, ApiKey, Lead, Membership, Scope, User
from timeline.entries import (
    ActivityDraft,
    ActorType,
    CallDraft,
    Channel,
    Direction,
    MessageDraft,
    MessageType,
)
from timeline.inbox_models import ProviderChannel

T = TypeVar("T")

START = datetime(2026, 1, 10, 8, 0, tzinfo=UTC)


class AccountFactory(DjangoModelFactory[Account]):
    class Meta:
        model = Account

    name = factory.Sequence(lambda n: f"Account {n}")


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password("correct horse battery")


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    account = factory.SubFactory(AccountFactory)


class LeadFactory(DjangoModelFactory[Lead]):
    class Meta:
        model = Lead

    account = factory.SubFactory(AccountFactory)
    first_name = "María José"
    last_name = factory.Sequence(lambda n: f"Núñez {n}")
    phone = "+56 9 1234 5678"
    email = factory.Sequence(lambda n: f"lead{n}@example.com")
    source = "api"
    created_at = START


class _DraftFactory(factory.Factory[T]):
    class Meta:
        abstract = True

    lead_id = UUID(int=0)
    occurred_at = factory.Sequence(lambda n: START + timedelta(minutes=n))
    source = "test"
    external_id = factory.Sequence(lambda n: f"external-{n}")


class MessageDraftFactory(_DraftFactory[MessageDraft]):
    class Meta:
        model = MessageDraft

    channel = Channel.WHATSAPP
    direction = Direction.INBOUND
    content = factory.Sequence(lambda n: f"¿Cuánto cuesta? 🙂 {n}")
    message_type = MessageType.TEXT
    status = "sent"


class CallDraftFactory(_DraftFactory[CallDraft]):
    class Meta:
        model = CallDraft

    duration_seconds = 185
    call_status = "ended"
    summary = "Discussed pricing tiers"
    recording_url = "https://storage.example.com/recordings/abc123.wav"
    sentiment = "positive"


class ActivityDraftFactory(_DraftFactory[ActivityDraft]):
    class Meta:
        model = ActivityDraft

    channel = Channel.SYSTEM
    activity_type = "workflow_assigned"
    title = "Assigned to Sales Outreach"
    description = "Lead enrolled via API"
    actor_type = ActorType.SYSTEM


def api_key(
    account: Account, *scopes: str, rate: int | None = None, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Make a key that reads histories, or has the scopes given; return its row and the key."""
    return services.create_api_key(
        account,
        "test",
        scopes or (Scope.HISTORY_READ,),
        rate_per_minute=rate,
        expires_at=expires_at,
        key_id=_id_of_a_minute_that_begins(),
    )


def _id_of_a_minute_that_begins() -> UUID:
    """Return an id for a key whose minute of requests begins now, and does not end within a test.

    The first request of a minute writes, which would count as statements of whoever is tested.
    """
    made = uuid7().int
    return UUID(int=made - (int(time.time()) + made) % usage.WINDOW)


class ChannelFactory(DjangoModelFactory[ProviderChannel]):
    """A WhatsApp channel that takes the deliveries under tests/payloads/whatsapp."""

    class Meta:
        model = ProviderChannel

    account = factory.SubFactory(AccountFactory)
    provider = "whatsapp"
    name = factory.Sequence(lambda n: f"Channel {n}")
    address = "106540352242922"
    secrets = factory.LazyFunction(
        lambda: {"app_secret": "shhh", "verify_token": "let me in", "access_token": ""}
    )
