"""What is too large to be kept, or cannot be, is cut, and told."""

from typing import Any

import pytest

from tests.timeline.webhooks.deliveries import NOW, assert_keepable
from timeline.checks import unstorable
from timeline.entries import Kind
from timeline.models import MODEL_OF
from timeline.reports import Party, Reading, Report
from timeline.webhooks import PROVIDERS
from timeline.webhooks.fitting import (
    ID_LIMIT,
    LIST_LIMIT,
    REASONS_LIMIT,
    TEXTS,
    WHOLE_TEXTS,
    fitted,
)

MESSAGE = {"channel": "whatsapp", "direction": "inbound", "content": "Hi"}


def report(key: str = "message", external_id: str = "m-1", **says: Any) -> Report:
    return Report(
        external_id=external_id,
        key=key,
        at=NOW,
        says=MESSAGE | says,
        kind=Kind.MESSAGE,
        party=Party(("x:1",)),
    )


def fit(**says: Any) -> tuple[dict[str, Any], list[str]]:
    reading = fitted(Reading([report(**says)]))
    assert_keepable(PROVIDERS["whatsapp"], reading.reports[0])
    return dict(reading.reports[0].says), reading.unusable


def test_the_limits_are_the_columns() -> None:
    limits = {
        field.attname: field.max_length
        for model in MODEL_OF.values()
        for field in model._meta.concrete_fields
        if getattr(field, "max_length", None) and not getattr(field, "choices", None)
    }
    # What makes an entry itself is refused rather than cut.
    assert limits.pop("external_id") == ID_LIMIT
    del limits["id"], limits["source"]
    assert limits == {**TEXTS, **WHOLE_TEXTS}


def test_what_fits_stays_as_it_is() -> None:
    reading = Reading([report(content="Olá\n👋", reaction="")], ["a reason"])
    assert fitted(reading) == reading


def test_a_text_too_long_is_cut() -> None:
    says, reasons = fit(content="é" * 1_000_001)
    assert len(says["content"]) == 1_000_000
    assert says["content"].endswith("é…")
    assert reasons == ["message of m-1: content is 1,000,001 characters long, of 1,000,000 kept"]


def test_an_address_too_long_is_left_out() -> None:
    says, reasons = fit(media_url="https://x.example/" + "a" * 5_000)
    assert "media_url" not in says
    assert reasons == ["message of m-1: media_url is 5,018 characters long, of 4,096 kept"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\0b", "a\ufffdb"), ("a\ud83db", "a\ufffdb"), ("\ud83d\ude2e", "😮"), ("\udc00", "\ufffd")],
)
def test_what_cannot_be_stored_is_replaced(text: str, kept: str) -> None:
    says, reasons = fit(content=text, attachments=[{"name": text}])
    assert (says["content"], says["attachments"]) == (kept, [{"name": kept}])
    assert reasons == [
        f"message of m-1: {name} has characters that cannot be kept; they are replaced"
        for name in ("content", "attachments")
    ]


def test_a_list_too_large_keeps_its_beginning() -> None:
    says, reasons = fit(buttons=[{"text": "x" * 900} for _ in range(3_000)])
    kept = len(says["buttons"])
    assert 1_900 < kept < LIST_LIMIT / 900
    assert reasons == [
        f"message of m-1: buttons is too large; {kept:,} of its 3,000 parts are kept"
    ]


@pytest.mark.parametrize("external_id", ["", "x" * 256, "a\0b", "\ud83d"])
def test_an_id_that_cannot_be_kept_is_no_other(external_id: str) -> None:
    reading = fitted(Reading([report(external_id=external_id), report(external_id="good")]))
    assert [each.external_id for each in reading.reports] == ["good"]
    assert reading.unusable == ["message: its id cannot be kept"]


def test_reasons_are_few_and_short() -> None:
    reading = fitted(Reading(unusable=["\0" + "x" * 10_000] * 1_000))
    assert len(reading.unusable) == REASONS_LIMIT + 1
    assert reading.unusable[-1] == "and 950 more"
    assert all(len(reason) <= 500 and not unstorable(reason) for reason in reading.unusable)
