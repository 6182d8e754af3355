"""What cannot be kept is refused in words, and by the database whoever writes."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from leads.models import Account, Lead
from tests.factories import (
    START,
    ActivityDraftFactory,
    CallDraftFactory,
    MessageDraftFactory,
)
from tests.timeline.told import FACTORIES, kept
from timeline.checks import InvalidEntry
from timeline.models import Activity, CallTranscript, Message
from timeline.recording import Outcome, record, record_all

# --- What is refused in words --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factory", "field", "value", "reason"),
    [
        (MessageDraftFactory, "content", "a\0b", "contains a NUL character"),
        (MessageDraftFactory, "content", "\ud83d", "contains a lone surrogate, half of a"),
        (MessageDraftFactory, "content", "x" * 1_000_001, "is 1,000,001 characters long; at most"),
        (MessageDraftFactory, "content", None, "must be text"),
        (MessageDraftFactory, "content", 5, "must be text"),
        (MessageDraftFactory, "content", b"bytes", "must be text"),
        (MessageDraftFactory, "html", "x" * 1_000_001, "at most 1,000,000 are kept"),
        (MessageDraftFactory, "subject", "x" * 1_001, "at most 1,000 are kept"),
        (MessageDraftFactory, "media_url", "x" * 4_097, "at most 4,096 are kept"),
        (MessageDraftFactory, "reaction", "x" * 51, "at most 50 are kept"),
        (MessageDraftFactory, "failure_reason", "x" * 1_001, "at most 1,000 are kept"),
        (MessageDraftFactory, "channel", "sms", "must be one of call, email, whatsapp"),
        (MessageDraftFactory, "channel", "system", "must be one of call, email, whatsapp"),
        (MessageDraftFactory, "channel", "Call", "must be one of call, email, whatsapp"),
        (MessageDraftFactory, "channel", "", "is missing"),
        (MessageDraftFactory, "direction", "", "is missing"),
        (MessageDraftFactory, "direction", "in", "must be one of inbound, outbound"),
        (MessageDraftFactory, "message_type", "sticker", "must be one of media, template, text"),
        (MessageDraftFactory, "status", "seen", "must be one of delivered, failed, read, sent"),
        (MessageDraftFactory, "status", None, "must be text"),
        (MessageDraftFactory, "source", "", "is missing"),
        (MessageDraftFactory, "source", "x" * 51, "at most 50 are kept"),
        (MessageDraftFactory, "external_id", "", "is missing"),
        (MessageDraftFactory, "external_id", "x" * 256, "at most 255 are kept"),
        (MessageDraftFactory, "external_id", "\0", "contains a NUL character"),
        (MessageDraftFactory, "lead_id", "nonsense", "must be a UUID"),
        (MessageDraftFactory, "lead_id", None, "must be a UUID"),
        (MessageDraftFactory, "lead_id", 5, "must be a UUID"),
        (MessageDraftFactory, "lead_id", [], "must be a UUID"),
        (MessageDraftFactory, "occurred_at", None, "is missing"),
        (MessageDraftFactory, "occurred_at", START.isoformat(), "must be a time"),
        (MessageDraftFactory, "occurred_at", START.date(), "must be a time"),
        (MessageDraftFactory, "occurred_at", START.replace(tzinfo=None), "has no time zone"),
        (MessageDraftFactory, "occurred_at", datetime.max.replace(tzinfo=UTC), "is out of range"),
        (MessageDraftFactory, "occurred_at", datetime.min.replace(tzinfo=UTC), "is out of range"),
        (MessageDraftFactory, "read_at", START.replace(tzinfo=None), "has no time zone"),
        (MessageDraftFactory, "read_at", datetime.max.replace(tzinfo=UTC), "is out of range"),
        (MessageDraftFactory, "recipients", None, "must be a list"),
        (MessageDraftFactory, "recipients", "ana@example.com", "must be a list"),
        (MessageDraftFactory, "recipients", ["\0"], "contains a NUL character"),
        (MessageDraftFactory, "recipients", ["\ud83d"], "cannot be kept as JSON"),
        (MessageDraftFactory, "attachments", {}, "must be a list"),
        (MessageDraftFactory, "attachments", [{"size": {1}}], "cannot be kept as JSON"),
        (MessageDraftFactory, "attachments", [{"size": 2**64}], "cannot be kept as JSON"),
        (MessageDraftFactory, "attachments", [{"size": float("nan")}], "cannot be kept as JSON"),
        (MessageDraftFactory, "attachments", [{"size": float("inf")}], "cannot be kept as JSON"),
        (MessageDraftFactory, "attachments", [{"at": START}], "cannot be kept as JSON"),
        (MessageDraftFactory, "attachments", [{"at": (1, 2)}], "cannot be kept as JSON"),
        (MessageDraftFactory, "attachments", ["a.pdf"], "must be a list of objects"),
        (MessageDraftFactory, "recipients", [{"name": "Ana"}], "must be a list of texts"),
        (MessageDraftFactory, "attachments", [{1: 2}], "cannot be kept as JSON"),
        (MessageDraftFactory, "attachments", [{"x": "x" * 2_000_000}], "is too large"),
        (MessageDraftFactory, "attachments", [{"n": [0] * 499_990}], "is too large"),
        (MessageDraftFactory, "buttons", [{"text": "a\0"}], "contains a NUL character"),
        (CallDraftFactory, "duration_seconds", -1, "must be between 0 and 2147483647"),
        (CallDraftFactory, "duration_seconds", 2**31, "must be between 0 and 2147483647"),
        (CallDraftFactory, "duration_seconds", 1.5, "must be an integer"),
        (CallDraftFactory, "duration_seconds", "185", "must be an integer"),
        (CallDraftFactory, "duration_seconds", True, "must be an integer"),
        (CallDraftFactory, "direction", "sideways", "must be one of inbound, outbound"),
        (CallDraftFactory, "call_status", "x" * 51, "at most 50 are kept"),
        (CallDraftFactory, "summary", "x" * 100_001, "at most 100,000 are kept"),
        (CallDraftFactory, "recording_url", "x" * 4_097, "at most 4,096 are kept"),
        (CallDraftFactory, "sentiment", "glad", "must be one of negative, neutral, positive"),
        (CallDraftFactory, "call_successful", "yes", "must be true, false or null"),
        (CallDraftFactory, "call_successful", 1, "must be true, false or null"),
        (CallDraftFactory, "call_successful", [], "must be true, false or null"),
        (CallDraftFactory, "turns", None, "must be a list"),
        (CallDraftFactory, "turns", [{}, "not a turn"], "must be a list of objects"),
        (ActivityDraftFactory, "channel", "sms", "must be one of call, email, system, whatsapp"),
        (ActivityDraftFactory, "activity_type", "", "is missing"),
        (ActivityDraftFactory, "activity_type", "x" * 101, "at most 100 are kept"),
        (ActivityDraftFactory, "title", "", "is missing"),
        (ActivityDraftFactory, "title", "x" * 501, "at most 500 are kept"),
        (ActivityDraftFactory, "description", "x" * 100_001, "at most 100,000 are kept"),
        (ActivityDraftFactory, "actor_type", "robot", "must be one of ai, system, user"),
        (ActivityDraftFactory, "actor_id", "olivia", "must be an integer"),
        (ActivityDraftFactory, "actor_id", -1, "must be between 0 and"),
        (ActivityDraftFactory, "actor_name", "x" * 201, "at most 200 are kept"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_field_and_a_reason(
    account: Account, lead: Lead, factory: Any, field: str, value: Any, reason: str
) -> None:
    sound = factory.build(lead_id=lead.pk)
    results = record_all(account.pk, [replace(sound, **{field: value}), sound])
    assert isinstance(results[0], InvalidEntry)
    assert results[0].field == field
    assert reason in results[0].reason
    assert results[1] is Outcome.CREATED


@pytest.mark.parametrize(
    ("factory", "change"),
    [
        (MessageDraftFactory, {"content": "x" * 1_000_000, "html": "😀" * 1_000_000}),
        (MessageDraftFactory, {"content": " ".join(str(number) for number in range(140_000))}),
        (MessageDraftFactory, {"content": "你" * 1_000_000}),
        (MessageDraftFactory, {"content": r"\u0000 is how JSON writes NUL"}),
        (MessageDraftFactory, {"recipients": [r"\u0000", "\\\\u0000", r"a\b"]}),
        (MessageDraftFactory, {"content": "'); DROP TABLE timeline_message; --"}),
        (MessageDraftFactory, {"content": "\u202e\u200b\ufeff\x01\r\n\t"}),
        (MessageDraftFactory, {"external_id": "😀" * 255, "source": "ñ" * 50}),
        (MessageDraftFactory, {"subject": "😀" * 1_000}),
        (MessageDraftFactory, {"attachments": [{"size": 2**63 - 1, "x": [None, True, 0.1]}]}),
        (MessageDraftFactory, {"attachments": [{"x": "x" * 300_000}] * 3}),
        (MessageDraftFactory, {"occurred_at": datetime(9999, 12, 30, tzinfo=UTC)}),
        (MessageDraftFactory, {"occurred_at": datetime(1, 1, 2, tzinfo=UTC)}),
        (MessageDraftFactory, {"occurred_at": datetime(1969, 1, 1, tzinfo=UTC)}),
        (CallDraftFactory, {"duration_seconds": 2**31 - 1}),
        (CallDraftFactory, {"duration_seconds": 0, "call_successful": True}),
        (CallDraftFactory, {"turns": [{"speaker": "agent", "text": "Hi " * 30}] * 5_000}),
        (CallDraftFactory, {"turns": [{"text": None}, {}]}),
        (ActivityDraftFactory, {"description": "x" * 100_000}),
    ],
)
def test_what_is_odd_but_sound_is_kept_and_told_again_the_same(
    account: Account, lead: Lead, factory: Any, change: dict[str, Any]
) -> None:
    draft = factory.build(lead_id=lead.pk, **change)
    assert record(account.pk, draft) is Outcome.CREATED
    assert record(account.pk, draft) is Outcome.UNCHANGED
    (entry,) = kept(lead)
    for name, value in change.items():
        if hasattr(entry, name):
            assert getattr(entry, name) == value


# --- What the database refuses, whoever writes ---------------------------------------------------


@pytest.mark.parametrize(
    ("factory", "change"),
    [
        (MessageDraftFactory, "channel = 'system'"),
        (MessageDraftFactory, "channel = 'sms'"),
        (MessageDraftFactory, "direction = ''"),
        (MessageDraftFactory, "message_type = 'sticker'"),
        (MessageDraftFactory, "status = 'seen'"),
        (MessageDraftFactory, "content = NULL"),
        (MessageDraftFactory, "content = repeat('x', 1000001)"),
        (MessageDraftFactory, "html = repeat('x', 1000001)"),
        (MessageDraftFactory, "media_url = repeat('x', 4097)"),
        (MessageDraftFactory, "subject = repeat('x', 1001)"),
        (MessageDraftFactory, "recipients = '{}'"),
        (MessageDraftFactory, "attachments = 'null'"),
        (MessageDraftFactory, "buttons = '\"x\"'"),
        (MessageDraftFactory, "attachments = jsonb_build_array(repeat('x', 9000000))"),
        (MessageDraftFactory, "occurred_at = NULL"),
        (MessageDraftFactory, "lead_id = NULL"),
        (MessageDraftFactory, "account_id = NULL"),
        (CallDraftFactory, "duration_seconds = -1"),
        (CallDraftFactory, "direction = 'sideways'"),
        (CallDraftFactory, "sentiment = 'glad'"),
        (CallDraftFactory, "summary = repeat('x', 100001)"),
        (CallDraftFactory, "recording_url = repeat('x', 4097)"),
        (CallDraftFactory, "turns = '{}'"),
        (ActivityDraftFactory, "channel = 'sms'"),
        (ActivityDraftFactory, "actor_type = 'robot'"),
        (ActivityDraftFactory, "description = repeat('x', 100001)"),
    ],
)
def test_the_database_holds_every_limit_itself(
    account: Account, lead: Lead, factory: Any, change: str
) -> None:
    record(account.pk, factory.build(lead_id=lead.pk))
    tables = dict(zip(FACTORIES, (Message, CallTranscript, Activity), strict=True))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {tables[factory]._meta.db_table} SET {change}")
