"""The write path: recorded once however often it is told, refused in words, moved up its ladder."""

from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction

from leads import services
from leads.models import Account, Lead, Membership
from tests.factories import (
    START,
    ActivityDraftFactory,
    CallDraftFactory,
    LeadFactory,
    MessageDraftFactory,
)
from tests.timeline.told import FACTORIES, kept
from timeline.checks import InvalidEntry
from timeline.entries import ActivityDraft, AnyDraft, Channel, MessageDraft, MessageStatus
from timeline.models import Activity, AnyEntry, CallTranscript, Message
from timeline.recording import EntryConflict, Outcome, entry_id, record, record_all

# --- Once ----------------------------------------------------------------------------------------


def full_message(lead: Lead) -> MessageDraft:
    draft: MessageDraft = MessageDraftFactory.build(
        lead_id=lead.pk,
        channel=Channel.EMAIL,
        subject="Precios",
        html="<p>¿Cuánto?</p>",
        sender="ana@example.com",
        recipients=["us@example.com", "you@example.com"],
        media_url="https://example.com/a.png",
        attachments=[{"name": "a.pdf", "url": "https://example.com/a", "type": "x", "size": 7}],
        reaction="👍🏽",
        buttons=[{"text": "Sí"}, {"text": "Ver", "url": "https://example.com"}],
        provider_message_id="wamid.1",
        in_reply_to="wamid.0",
        status=MessageStatus.FAILED,
        sent_at=START,
        delivered_at=START + timedelta(seconds=1),
        read_at=START + timedelta(seconds=2),
        failed_at=START + timedelta(seconds=3),
        failure_reason="no such number",
    )
    return draft


def full_call(lead: Lead) -> AnyDraft:
    draft: AnyDraft = CallDraftFactory.build(
        lead_id=lead.pk,
        direction="inbound",
        disconnection_reason="user_hangup",
        call_successful=False,
        provider_call_id="call.1",
        turns=[{"speaker": "agent", "text": "¿Aló?", "start": 0.5, "end": 1}],
    )
    return draft


def full_activity(lead: Lead, actor: Membership) -> ActivityDraft:
    draft: ActivityDraft = ActivityDraftFactory.build(
        lead_id=lead.pk, actor_id=actor.pk, actor_name="Olivia"
    )
    return draft


def test_everything_that_is_told_is_kept(account: Account, lead: Lead, owner: Membership) -> None:
    drafts = [full_message(lead), full_call(lead), full_activity(lead, owner)]
    assert record_all(account.pk, drafts) == [Outcome.CREATED] * 3
    by_id = {entry.id: entry for entry in kept(lead)}
    for draft in drafts:
        entry = by_id[entry_id(account.pk, draft)]
        told = {field.name: getattr(draft, field.name) for field in fields(draft)}
        for identity in ("lead_id", "source", "external_id"):
            del told[identity]
        assert {name: getattr(entry, name) for name in told} == told


def test_what_is_told_again_changes_nothing(
    account: Account, lead: Lead, owner: Membership
) -> None:
    drafts = [full_message(lead), full_call(lead), full_activity(lead, owner)]
    record_all(account.pk, drafts)
    before = kept(lead)
    assert record_all(account.pk, drafts) == [Outcome.UNCHANGED] * 3
    assert [record(account.pk, draft) for draft in drafts] == [Outcome.UNCHANGED] * 3
    assert kept(lead) == before


def test_a_time_in_another_zone_is_the_same_time(account: Account, lead: Lead) -> None:
    draft = MessageDraftFactory.build(lead_id=lead.pk, occurred_at=START)
    record(account.pk, draft)
    elsewhere = START.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert record(account.pk, replace(draft, occurred_at=elsewhere)) is Outcome.UNCHANGED


def test_the_same_id_of_another_source_account_or_kind_is_another_entry(
    account: Account, lead: Lead, other_lead: Lead
) -> None:
    draft = MessageDraftFactory.build(lead_id=lead.pk, external_id="1")
    others: list[tuple[Account, AnyDraft]] = [
        (account, replace(draft, source="other")),
        (other_lead.account, replace(draft, lead_id=other_lead.pk)),
        (account, CallDraftFactory.build(lead_id=lead.pk, external_id="1")),
        (account, ActivityDraftFactory.build(lead_id=lead.pk, external_id="1")),
    ]
    record(account.pk, draft)
    for whose, other in others:
        assert record(whose.pk, other) is Outcome.CREATED
    assert len({entry.id for entry in [*kept(lead), *kept(other_lead)]}) == 5


def test_an_entrys_id_is_a_uuid7_of_when_it_happened(account: Account, lead: Lead) -> None:
    draft = MessageDraftFactory.build(lead_id=lead.pk, occurred_at=START)
    made = entry_id(account.pk, draft)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == int(START.timestamp() * 1000)
    assert entry_id(account.pk, draft) == made


# --- Conflicts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factory", "change"),
    [
        (MessageDraftFactory, {"content": "other"}),
        (MessageDraftFactory, {"content": ""}),
        (MessageDraftFactory, {"direction": "outbound"}),
        (MessageDraftFactory, {"channel": "email"}),
        (MessageDraftFactory, {"message_type": "media"}),
        (MessageDraftFactory, {"attachments": [{"name": "a"}]}),
        (MessageDraftFactory, {"occurred_at": START + timedelta(microseconds=1)}),
        (MessageDraftFactory, {"occurred_at": START + timedelta(days=1)}),
        (CallDraftFactory, {"summary": "other"}),
        (CallDraftFactory, {"duration_seconds": None}),
        (CallDraftFactory, {"turns": [{"speaker": "agent", "text": "Hi"}]}),
        (ActivityDraftFactory, {"title": "other"}),
        (ActivityDraftFactory, {"actor_type": "ai"}),
    ],
)
def test_the_same_id_with_another_content_is_a_conflict_and_overwrites_nothing(
    account: Account, lead: Lead, factory: Any, change: dict[str, Any]
) -> None:
    draft = factory.build(lead_id=lead.pk, occurred_at=START)
    record(account.pk, draft)
    before = kept(lead)
    with pytest.raises(EntryConflict) as conflict:
        record(account.pk, replace(draft, **change))
    (name,) = change
    assert conflict.value.differing == (name,)
    assert draft.external_id in str(conflict.value)
    assert name in str(conflict.value)
    assert kept(lead) == before


def test_the_same_id_on_another_lead_is_a_conflict(account: Account, lead: Lead) -> None:
    draft = MessageDraftFactory.build(lead_id=lead.pk)
    record(account.pk, draft)
    with pytest.raises(EntryConflict):
        record(account.pk, replace(draft, lead_id=LeadFactory.create(account=account).pk))


# --- In bulk -------------------------------------------------------------------------------------


def test_each_draft_of_a_batch_gets_its_own_result_in_order(
    account: Account, lead: Lead, other_lead: Lead
) -> None:
    known = MessageDraftFactory.build(lead_id=lead.pk)
    record(account.pk, known)
    results = record_all(
        account.pk,
        [
            CallDraftFactory.build(lead_id=lead.pk),
            replace(known, content="other"),
            MessageDraftFactory.build(lead_id=other_lead.pk),
            known,
            MessageDraftFactory.build(lead_id=lead.pk, content="\0"),
            ActivityDraftFactory.build(lead_id=lead.pk),
            replace(known, status=MessageStatus.READ),
        ],
    )
    assert [result if isinstance(result, Outcome) else type(result) for result in results] == [
        Outcome.CREATED,
        EntryConflict,
        InvalidEntry,
        Outcome.UNCHANGED,
        InvalidEntry,
        Outcome.CREATED,
        Outcome.ADVANCED,
    ]
    assert len(kept(lead)) == 3


def test_what_comes_twice_in_one_batch_is_recorded_once(account: Account, lead: Lead) -> None:
    draft = MessageDraftFactory.build(lead_id=lead.pk)
    results = record_all(
        account.pk,
        [draft, draft, replace(draft, status="read"), replace(draft, content="other"), draft],
    )
    assert results[:3] == [Outcome.CREATED, Outcome.UNCHANGED, Outcome.ADVANCED]
    assert isinstance(results[3], EntryConflict)
    assert results[4] is Outcome.UNCHANGED
    assert [entry.status for entry in kept(lead)] == ["read"]


def test_what_comes_twice_is_a_conflict_with_what_is_kept_of_it(
    account: Account, lead: Lead
) -> None:
    known = MessageDraftFactory.build(lead_id=lead.pk)
    record(account.pk, known)
    other = replace(known, content="other")
    results = record_all(account.pk, [other, other, known])
    assert [type(result) for result in results] == [EntryConflict, EntryConflict, Outcome]
    assert results[2] is Outcome.UNCHANGED


def test_a_refused_draft_does_not_stand_for_its_identity(
    account: Account, lead: Lead, other_lead: Lead
) -> None:
    sound = MessageDraftFactory.build(lead_id=lead.pk)
    stray, wrong = replace(sound, lead_id=other_lead.pk), replace(sound, content="\0")
    results = record_all(account.pk, [stray, wrong, sound, stray])
    assert [type(result) for result in results] == [
        InvalidEntry,
        InvalidEntry,
        Outcome,
        InvalidEntry,
    ]
    assert results[2] is Outcome.CREATED


def test_what_is_empty_is_kept_and_found_as_such(account: Account, lead: Lead) -> None:
    drafts: list[AnyDraft] = [
        MessageDraftFactory.build(lead_id=lead.pk, content="", sender=""),
        CallDraftFactory.build(lead_id=lead.pk, duration_seconds=0, call_successful=False),
        CallDraftFactory.build(lead_id=lead.pk, summary="", duration_seconds=None),
        ActivityDraftFactory.build(lead_id=lead.pk, title="!", description=""),
    ]
    assert record_all(account.pk, drafts) == [Outcome.CREATED] * 4
    assert record_all(account.pk, drafts) == [Outcome.UNCHANGED] * 4
    assert [entry.search for entry in (Message.objects.get(), Activity.objects.get())] == ["", ""]


def test_a_batch_is_of_the_transaction_it_is_recorded_in(account: Account, lead: Lead) -> None:
    drafts = MessageDraftFactory.build_batch(150, lead_id=lead.pk)
    with transaction.atomic():
        assert record_all(account.pk, drafts) == [Outcome.CREATED] * 150
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    with transaction.atomic():
        assert record_all(account.pk, drafts) == [Outcome.CREATED] * 150
        assert record_all(account.pk, drafts[::-1]) == [Outcome.UNCHANGED] * 150


def test_times_of_long_ago_are_kept_to_the_second(account: Account, lead: Lead) -> None:
    local = datetime(1890, 1, 1, 12, tzinfo=ZoneInfo("America/Santiago"))
    assert local.utcoffset() == -timedelta(hours=4, minutes=42, seconds=45)
    record(account.pk, MessageDraftFactory.build(lead_id=lead.pk, occurred_at=local))
    assert [entry.occurred_at for entry in kept(lead)] == [local]


def test_a_long_list_of_large_entries_is_recorded_in_pieces(account: Account, lead: Lead) -> None:
    drafts = [
        MessageDraftFactory.build(lead_id=lead.pk, content=letter * size)
        for letter, size in zip("abcdef", (900_000, 900_000, 900_000, 1, 1_000_000, 2), strict=True)
    ]
    assert (
        record_all(account.pk, [*drafts, *drafts])
        == [Outcome.CREATED] * 6 + [Outcome.UNCHANGED] * 6
    )
    assert [len(entry.content) for entry in kept(lead)] == [len(draft.content) for draft in drafts]


def test_a_call_of_more_words_than_can_be_searched_is_recorded(
    account: Account, lead: Lead
) -> None:
    pairs = "".join(
        chr(first) + chr(second)
        for first in range(0x4E00, 0x4F90)
        for second in range(0x4E00, 0x4FF4)
    )
    turns = [{"text": pairs[begin : begin + 100_000]} for begin in range(0, len(pairs), 100_000)]
    record(account.pk, CallDraftFactory.build(lead_id=lead.pk, turns=turns))
    assert [entry.turns for entry in kept(lead)] == [turns]
    found = CallTranscript.objects.extra(where=["search @@ %s::tsquery"], params=[pairs[:2]])
    assert found.exists()


def test_no_drafts_are_no_work(account: Account) -> None:
    assert record_all(account.pk, []) == []


@pytest.mark.django_db(transaction=True)
def test_a_batch_is_there_as_a_whole_or_not_at_all(
    account: Account, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("timeline.refusals.check", lambda _: None)
    drafts = [factory.build(lead_id=lead.pk) for factory in FACTORIES]
    drafts.append(ActivityDraftFactory.build(lead_id=lead.pk, title="x" * 501))
    with pytest.raises(DatabaseError, match="too long"):
        record_all(account.pk, drafts)
    assert kept(lead) == []


# --- Whose ---------------------------------------------------------------------------------------


def test_an_entry_of_a_lead_that_is_not_the_accounts_is_refused(
    account: Account, other_lead: Lead
) -> None:
    for lead_id in (other_lead.pk, uuid4()):
        for factory in FACTORIES:
            with pytest.raises(InvalidEntry, match="lead_id is no lead of the account"):
                record(account.pk, factory.build(lead_id=lead_id))
    assert kept(other_lead) == []


def test_what_happens_with_a_deleted_lead_is_there_when_it_is_restored(
    account: Account, lead: Lead
) -> None:
    services.delete_lead(lead)
    assert record(account.pk, MessageDraftFactory.build(lead_id=lead.pk)) is Outcome.CREATED
    services.restore_lead(lead)
    assert len(kept(lead)) == 1


def test_who_acted_is_of_the_account_or_the_entry_is_refused(
    account: Account, lead: Lead, colleague: Membership, stranger: Membership
) -> None:
    sound = full_activity(lead, colleague)
    results = record_all(
        account.pk,
        [
            replace(full_activity(lead, stranger), external_id="stranger"),
            replace(full_activity(lead, stranger), external_id="nobody", actor_id=2**31 - 1),
            sound,
        ],
    )
    for refusal in results[:2]:
        assert isinstance(refusal, InvalidEntry)
        assert str(refusal) == "actor_id is no member of the account"
    assert results[2] is Outcome.CREATED


def test_the_database_keeps_entries_and_actors_within_their_account(
    account: Account, lead: Lead, other_lead: Lead, stranger: Membership
) -> None:
    record_all(account.pk, [factory.build(lead_id=lead.pk) for factory in FACTORIES])
    for model in (Message, CallTranscript, Activity):
        for change in ({"lead_id": other_lead.pk}, {"account_id": other_lead.account_id}):
            with pytest.raises(DatabaseError), transaction.atomic():
                model.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Activity.objects.update(actor_id=stranger.pk)


def test_a_trace_outlives_the_membership_of_who_left_it(
    account: Account, lead: Lead, colleague: Membership
) -> None:
    record(account.pk, full_activity(lead, colleague))
    colleague.delete()
    (entry,) = kept(lead)
    assert (entry.actor_id, entry.actor_name) == (None, "Olivia")


def test_the_database_refuses_one_identity_twice(account: Account, lead: Lead) -> None:
    models: list[type[AnyEntry]] = [Message, CallTranscript, Activity]
    for factory, model in zip(FACTORIES, models, strict=True):
        record_all(account.pk, factory.build_batch(2, lead_id=lead.pk))
        with pytest.raises(DatabaseError), transaction.atomic():
            model._default_manager.update(external_id="one")


def test_deleting_an_account_leaves_nothing_of_it(account: Account, lead: Lead) -> None:
    record_all(account.pk, [factory.build(lead_id=lead.pk) for factory in FACTORIES])
    account.delete()
    assert not any(model.objects.exists() for model in (Lead, Message, CallTranscript, Activity))
