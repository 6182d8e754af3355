"""What a provider waits for: its channel is looked up, and what it delivered is stored.

Two prepared statements, a third of what the ORM makes of the same.
"""

from datetime import datetime

from psycopg.types.json import Jsonb

from leads import prepared
from leads.encrypted import decrypted
from timeline.inbox_models import Delivery, ProviderChannel
from timeline.webhooks.provider import Received

_CHANNEL = """
    SELECT id, account_id, provider, address, secrets FROM timeline_providerchannel
    WHERE token = %(token)s AND is_active
"""

_STORE = """
    INSERT INTO timeline_delivery (
        account_id, channel_id, received_at, url, headers, body, state, reason, attempts,
        next_attempt_at
    )
    VALUES (
        %(account)s, %(channel)s, %(at)s, %(url)s, %(headers)s, %(body)s, %(state)s, %(reason)s, 0,
        %(next_attempt_at)s
    )
    RETURNING id
"""

# What proves who sends is not kept, once it has.
_SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization", "x-api-key"}


def channel_at(token: str) -> ProviderChannel | None:
    """Return the active channel at a webhook's address; what a delivery needs of it is read."""
    row = prepared.fetch_one(_CHANNEL, {"token": token})
    if row is None:
        return None
    channel_id, account_id, provider, address, secrets = row
    channel = ProviderChannel(
        id=channel_id, account_id=account_id, provider=provider, address=address, token=token
    )
    channel.secrets = decrypted(secrets)
    return channel


def store(
    channel: ProviderChannel,
    received: Received,
    state: Delivery.State,
    *,
    reason: str = "",
    next_attempt_at: datetime | None = None,
) -> Delivery:
    """Store what was received; it is committed with the transaction around this, if any."""
    delivery = Delivery(
        account_id=channel.account_id,
        channel=channel,
        received_at=received.at,
        url=received.url.replace("\0", ""),
        headers={
            name: value.replace("\0", "")
            for name, value in received.headers.items()
            if name not in _SECRET_HEADERS
        },
        body=received.body,
        state=state,
        reason=reason,
        next_attempt_at=next_attempt_at,
    )
    row = prepared.fetch_one(
        _STORE,
        {
            "account": delivery.account_id,
            "channel": channel.pk,
            "at": delivery.received_at,
            "url": delivery.url,
            "headers": Jsonb(delivery.headers),
            "body": delivery.body,
            "state": delivery.state,
            "reason": delivery.reason,
            "next_attempt_at": delivery.next_attempt_at,
        },
    )
    assert row is not None  # noqa: S101 - it was inserted
    (delivery.pk,) = row
    return delivery
