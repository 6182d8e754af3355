"""Deliveries to read, and whether what is read of them can be kept."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from timeline.checks import check, unstorable
from timeline.entries import ActivityDraft, CallDraft, Draft, Kind, MessageDraft
from timeline.reports import Reading, Report
from timeline.webhooks.provider import Line, Malformed, Provider, Received

PAYLOADS = Path(__file__).parents[2] / "payloads"
NOW = datetime(2026, 3, 30, 20, tzinfo=UTC)
URL = "https://leadline.example.com/api/webhooks/8f3cb0a1d2e4"

DRAFTS: Mapping[Kind, type[Draft]] = {
    Kind.MESSAGE: MessageDraft,
    Kind.CALL: CallDraft,
    Kind.ACTIVITY: ActivityDraft,
}
_SHARED = {"lead_id", "source", "external_id"}


def names(provider: str) -> list[str]:
    return sorted(path.name for path in (PAYLOADS / provider).iterdir())


def payload(provider: str, name: str) -> bytes:
    return (PAYLOADS / provider / name).read_bytes()


def received(
    body: bytes, headers: Mapping[str, str] | None = None, url: str = URL, at: datetime = NOW
) -> Received:
    return Received(url, headers or {}, body, at)


def read(provider: Provider, body: bytes, address: str = "") -> Reading:
    return provider.read(received(body), Line(address, {}))


def told(reading: Reading) -> dict[str, Any]:
    """Return the says of the only report."""
    (report,) = reading.reports
    return dict(report.says)


# --- Soundness ----------------------------------------------------------------------------------


def assert_sound(provider: Provider, body: bytes, address: str = "") -> None:
    """Whatever the body: it is no delivery at all, or all that is read of it can be kept."""
    try:
        reading = read(provider, body, address)
    except Malformed:
        return
    assert all(reason and unstorable(reason) is None for reason in reading.unusable)
    for report in reading.reports:
        assert_keepable(provider, report)


def assert_keepable(provider: Provider, report: Report) -> None:
    json.dumps(report.says, allow_nan=False)
    assert report.at.utcoffset() is not None
    assert 0 < len(report.key) <= 255
    assert unstorable(report.key) is None
    assert (report.kind is None) == (report.party is None)
    check(draft_of(provider, report))
    if report.party is not None:
        assert any((report.party.identities, report.party.phone, report.party.email))
        assert all(unstorable(text) is None for text in (report.party.name, report.party.email))


def draft_of(provider: Provider, report: Report) -> Any:
    """Return the draft that the report makes, over a plain entry if it is about another's."""
    kinds = [report.kind] if report.kind else [Kind.MESSAGE, Kind.CALL]
    kind = next(kind for kind in kinds if kind and set(report.says) <= _fields(DRAFTS[kind]).keys())
    values: dict[str, Any] = {"occurred_at": report.at}
    if report.kind is None:
        values |= {"channel": "whatsapp", "direction": "inbound", "content": ""}
        values = {name: values[name] for name in _fields(DRAFTS[kind]) if name in values}
    for name, value in report.says.items():
        is_time = name.endswith("_at")
        values[name] = datetime.fromisoformat(value) if is_time else value
    required = {
        name
        for name, each in _fields(DRAFTS[kind]).items()
        if each.default is MISSING and each.default_factory is MISSING
    }
    assert required <= values.keys()
    return DRAFTS[kind](
        lead_id=UUID(int=0), source=provider.name, external_id=report.external_id, **values
    )


def _fields(draft: type[Draft]) -> dict[str, Field[Any]]:
    return {field.name: field for field in fields(draft) if field.name not in _SHARED}


# --- Whatever may come --------------------------------------------------------------------------

nasty_texts = st.one_of(
    st.sampled_from(["", "x", "0", "-1", "9", "1e9", "60000000000000", "1774880000", "NaN", "٣"]),
    st.sampled_from(["²", "+56912345678", "read", "image", "\0", "a\0b", "\ud83d", "\udc00x"]),
    st.sampled_from(["x" * 300, "👩‍👩‍👧" * 1_500, "9" * 30]),
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), nasty_texts
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each container with a key or index of it, the outermost first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in list(inner):
        yield value, key
        if isinstance(each, dict | list):
            yield from places(each)


@st.composite
def mutated(draw: st.DrawFn, bodies: list[bytes]) -> bytes:
    """Draw one of the JSON bodies with some of its nodes replaced or taken out."""
    body = json.loads(draw(st.sampled_from(bodies)))
    for _ in range(draw(st.integers(1, 4))):
        known = list(places(body))
        if not known:
            break
        container, key = draw(st.sampled_from(known))
        if draw(st.booleans()):
            container[key] = draw(json_values)
        else:
            del container[key]
    return json.dumps(body).encode()
