"""From which address a request comes, and which networks a key is held to."""

from ipaddress import ip_network
from typing import Any

import pytest

from leads.audit_models import Action, AuditEntry
from leads.models import Account, ApiKey, Lead
from leads.networks import client_address, is_within, parse_network
from tests.conftest import ApiClient
from tests.factories import api_key

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        # Nobody is believed who is no proxy of ours.
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        # A proxy of ours says who called it; what that one claimed stands left of it.
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "10.0.0.9, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1,203.0.113.7, 10.0.0.2 ", "203.0.113.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        # IPv6, mapped addresses, and ports.
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
        ("10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        # What cannot be told is nothing, not a guess.
        ("", "203.0.113.7", None),
        ("10.0.0.1", "unknown", None),
        ("10.0.0.1", "203.0.113.7, unknown, 10.0.0.2", None),
        ("nonsense", "", None),
    ],
)
def test_the_client_is_who_the_last_trusted_proxy_saw(
    peer: str, forwarded_for: str, address: str | None
) -> None:
    assert client_address(peer, forwarded_for, PROXIES) == address


@pytest.mark.parametrize(
    ("address", "networks", "inside"),
    [
        ("203.0.113.7", ["203.0.113.0/24"], True),
        ("203.0.114.7", ["203.0.113.0/24"], False),
        ("203.0.113.7", ["203.0.113.7"], True),
        ("203.0.113.7", ["198.51.100.0/24", "203.0.113.0/24"], True),
        ("2001:db8::7", ["2001:db8::/32"], True),
        ("2001:db9::7", ["2001:db8::/32"], False),
        ("203.0.113.7", ["2001:db8::/32"], False),
        ("203.0.113.7", ["::/0"], False),
        (None, ["0.0.0.0/0"], False),
    ],
)
def test_an_address_is_within_its_networks(
    address: str | None, networks: list[str], inside: bool
) -> None:
    assert is_within(address, networks) is inside


@pytest.mark.parametrize("text", ["", "203.0.113.7/24", "localhost", "203.0.113.0/33", "1.2.3"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_network(text)


@pytest.fixture
def held(account: Account) -> tuple[ApiKey, str]:
    """A key that is held to two networks."""
    key, secret = api_key(account)
    ApiKey.objects.filter(pk=key.pk).update(allowed_networks=["203.0.113.0/24", "2001:db8::/32"])
    return key, secret


def ask(secret: str, lead: Lead, address: str, **headers: str) -> Any:
    client = ApiClient(secret)
    client._client.defaults["REMOTE_ADDR"] = address
    return client.history(lead, **headers)


def test_a_key_is_good_from_its_networks_and_from_nowhere_else(
    held: tuple[ApiKey, str], lead: Lead
) -> None:
    assert ask(held[1], lead, "203.0.113.7").status_code == 200
    assert ask(held[1], lead, "2001:db8::7").status_code == 200
    assert ask(held[1], lead, "198.51.100.1").status_code == 401


def test_elsewhere_it_is_refused_like_a_key_that_there_is_not(
    held: tuple[ApiKey, str], lead: Lead
) -> None:
    refused = ask(held[1], lead, "198.51.100.1")
    unknown = ask("nxr_live_nonsense", lead, "198.51.100.1")
    assert refused.content == unknown.content
    held[0].refresh_from_db()
    assert held[0].last_used_at is None


def test_a_clients_own_word_for_its_address_counts_for_nothing(
    held: tuple[ApiKey, str], lead: Lead
) -> None:
    for header in ("X_Forwarded_For", "Forwarded", "X_Real_IP", "True_Client_IP"):
        answer = ask(held[1], lead, "198.51.100.1", **{header: "203.0.113.7"})
        assert answer.status_code == 401


def test_behind_a_trusted_proxy_the_address_that_it_saw_counts(
    held: tuple[ApiKey, str], lead: Lead, settings: Any
) -> None:
    settings.TRUSTED_PROXIES = [parse_network("10.0.0.0/8")]
    told = {"X_Forwarded_For": "203.0.113.7"}
    claimed = {"X_Forwarded_For": "203.0.113.7, 198.51.100.1"}
    assert ask(held[1], lead, "10.0.0.1", **told).status_code == 200
    assert ask(held[1], lead, "10.0.0.1", **claimed).status_code == 401
    assert ask(held[1], lead, "198.51.100.1", **told).status_code == 401


def test_a_refusal_is_in_the_audit_trail_once_a_minute(
    held: tuple[ApiKey, str], lead: Lead
) -> None:
    for _ in range(3):
        ask(held[1], lead, "198.51.100.1")
    (entry,) = AuditEntry.objects.filter(action=Action.KEY_REFUSED)
    assert (entry.target_id, entry.address) == (str(held[0].pk), "198.51.100.1")
