"""The provider that the documentation writes is one, and a good one."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from tests.timeline.webhooks.deliveries import assert_sound, mutated, read, received, told
from timeline.reports import Party
from timeline.webhooks import PROVIDERS
from timeline.webhooks.provider import Line, Provider
from timeline.webhooks.signing import digest

PAGE = (Path(settings.BASE_DIR) / "docs/webhooks.md").read_text()
BODY = b'{"id": "c-1", "caller": "+56912345678", "at": 1774880000}'


def written() -> Provider:
    """Return the page's provider, as it stands there."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "docs/webhooks.md", "exec"), names)
    provider: Provider = names["Exchange"]()
    return provider


EXCHANGE = written()


def test_it_reads() -> None:
    (report,) = read(EXCHANGE, BODY).reports
    assert report.party == Party(phone="+56912345678")
    assert report.says["call_status"] == "not_connected"
    assert read(EXCHANGE, b"{}").unusable == ["a call needs an id, a caller and a time"]
    assert told(read(EXCHANGE, BODY))["duration_seconds"] == 0


def test_it_knows_its_own() -> None:
    header = {"x-exchange-signature": digest("sha256", "key", BODY).hex()}
    assert EXCHANGE.is_genuine(received(BODY, header), Line("", {"key": "key"}))
    assert not EXCHANGE.is_genuine(received(BODY, header), Line("", {"key": "other"}))
    unkeyed = {"x-exchange-signature": digest("sha256", "", BODY).hex()}
    assert not EXCHANGE.is_genuine(received(BODY, unkeyed), Line("", {}))
    assert EXCHANGE.greet({}, Line("", {})) is None


@given(st.binary(max_size=100) | mutated([BODY]))
def test_it_is_sound(body: bytes) -> None:
    assert_sound(EXCHANGE, body)


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_each_provider_is_whole(name: str) -> None:
    provider = PROVIDERS[name]
    assert provider.name == name
    assert len(name) <= 50
    assert all((provider.label, provider.address_label, provider.secrets))
    assert 0 < provider.max_body <= 50_000_000


@pytest.mark.parametrize("name", ["whatsapp", "retell", "twilio"])
def test_each_provider_is_documented(name: str) -> None:
    sections = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert any(section.startswith(PROVIDERS[name].label) for section in sections)
