"""`seed_demo`: the demo reads like life, is the same every time, and can be loaded twice."""

import io
import json
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import phonenumbers
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings

from leads.models import Account, ApiKey, Lead, User
from tests.conftest import ApiClient
from tests.contract.page import EXAMPLE
from timeline.checks import check
from timeline.demo import DemoLead, demo_leads, endless_leads, sign_ins
from timeline.demo.people import HOUSES
from timeline.demo.screenplay import LANGUAGES, parse, stories
from timeline.entries import ActivityDraft, AnyDraft, CallDraft, MessageDraft
from timeline.models import Activity, CallTranscript, Message

NOW = datetime(2026, 11, 23, 15, 4, tzinfo=UTC)
MODELS = (Account, User, Lead, Message, CallTranscript, Activity, ApiKey)
SCRIPTS = {"es": "ñ", "pt": "ã", "ar": "ARABIC", "zh": "CJK", "hi": "DEVANAGARI", "en": "LATIN"}


@pytest.fixture(scope="module")
def leads() -> list[DemoLead]:
    return list(demo_leads(1, NOW))


@pytest.fixture(scope="module")
def drafts(leads: list[DemoLead]) -> list[AnyDraft]:
    return [draft for lead in leads for draft in lead.drafts]


@pytest.fixture(scope="module")
def loaded(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: Any
) -> Iterator[Path]:
    """A database with the demo in it, undone after the module; the folder of its sign-ins."""
    var = tmp_path_factory.mktemp("var")
    with django_db_blocker.unblock(), transaction.atomic():
        seed(var)
        yield var
        transaction.set_rollback(True)


@pytest.fixture
def var(loaded: Path, db: None, settings: Settings) -> Path:
    settings.VAR_DIR = loaded
    return loaded


def seed(var: Path) -> str:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.VAR_DIR", var)
        call_command("seed_demo", stdout=out)
    return out.getvalue()


def counts() -> list[int]:
    return [model._default_manager.count() for model in MODELS]


def export(tmp_path: Path, *options: str) -> list[dict[str, Any]]:
    file = tmp_path / "histories.ndjson"
    call_command("seed_demo", "--export", str(file), *options, stderr=io.StringIO())
    return [orjson.loads(line) for line in file.read_bytes().splitlines()]


def of_kind(drafts: list[AnyDraft], kind: type[Any]) -> list[Any]:
    return [draft for draft in drafts if isinstance(draft, kind)]


def named(leads: list[DemoLead], name: str) -> DemoLead:
    return next(lead for lead in leads if lead.last_name == name)


# --- The stories ---------------------------------------------------------------------------------


def test_same_seed_and_day_give_the_same_leads(leads: list[DemoLead]) -> None:
    assert list(demo_leads(1, NOW + timedelta(hours=3))) == leads


def test_another_seed_gives_others(leads: list[DemoLead]) -> None:
    mine = {lead.id for lead in leads}
    others = {lead.id for lead in demo_leads(2, NOW)}

    assert {str(lead_id) for lead_id in mine & others} == {EXAMPLE["lead"]["id"]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_several_stories_in_its_script(
    language: str, leads: list[DemoLead]
) -> None:
    told = "".join(
        draft.content
        for lead in leads
        if lead.metadata.get("language") == language
        for draft in of_kind(list(lead.drafts), MessageDraft)
    )

    assert len(stories(language)) >= 4
    mark = SCRIPTS[language]
    assert mark in told or any(mark in unicodedata.name(letter, "") for letter in told)


def test_nothing_of_the_screenplay_shows(drafts: list[AnyDraft]) -> None:
    unfilled = re.compile(r"\{\w*[:}]|\[[^\]\n]*\|[^\n]*\]|^~ |^@\+", re.MULTILINE)
    texts = [text for draft in drafts for text in spoken(draft)]

    assert [text for text in texts if unfilled.search(text)] == []


def spoken(draft: AnyDraft) -> list[str]:
    if isinstance(draft, MessageDraft):
        return [draft.content, draft.subject, *(button["text"] for button in draft.buttons)]
    if isinstance(draft, CallDraft):
        return [draft.summary, *(turn["text"] for turn in draft.turns)]
    return [draft.title, draft.description]


def test_every_draft_can_be_recorded(drafts: list[AnyDraft]) -> None:
    for draft in drafts:
        check(draft)


def test_external_ids_are_unique(drafts: list[AnyDraft]) -> None:
    ids = Counter((draft.source, draft.external_id) for draft in drafts)

    assert ids.most_common(1)[0][1] == 1


def test_nothing_happens_before_the_lead_or_after_today(leads: list[DemoLead]) -> None:
    midnight = NOW.replace(hour=0, minute=0)
    for lead in leads:
        for draft in lead.drafts:
            assert lead.created_at <= draft.occurred_at < midnight


def test_ladders_climb_in_time(drafts: list[AnyDraft]) -> None:
    for draft in of_kind(drafts, MessageDraft):
        times = [t for t in (draft.sent_at, draft.delivered_at, draft.read_at) if t]
        assert times == sorted(times)
        assert (draft.status == "failed") == bool(draft.failure_reason) == bool(draft.failed_at)


def test_turns_are_within_the_call(drafts: list[AnyDraft]) -> None:
    for call in of_kind(drafts, CallDraft):
        times = [time for turn in call.turns for time in (turn["start"], turn["end"])]
        assert times == sorted(times)
        assert not times or times[-1] <= call.duration_seconds + 1


def test_everything_that_can_be_shown_is_there(drafts: list[AnyDraft]) -> None:
    messages, calls = of_kind(drafts, MessageDraft), of_kind(drafts, CallDraft)

    assert {m.status for m in messages} == {"sent", "delivered", "read", "failed"}
    assert {m.message_type for m in messages} == {"text", "template", "media"}
    assert {m.channel for m in messages} == {"whatsapp", "email", "call"}
    assert all(any(getattr(m, name) for m in messages) for name in ("html", "reaction", "buttons"))
    assert any(m.attachments and m.subject.startswith("Re: ") for m in messages)
    assert {c.sentiment for c in calls} == {"", "positive", "neutral", "negative"}
    assert {"dial_no_answer", "dial_busy", "voicemail_reached"} <= {
        c.disconnection_reason for c in calls
    }
    assert {a.actor_type for a in of_kind(drafts, ActivityDraft)} == {"user", "system", "ai"}


def test_odd_leads_are_there(leads: list[DemoLead]) -> None:
    per_second = [Counter(d.occurred_at for d in lead.drafts) for lead in leads]

    assert any(not lead.drafts for lead in leads)
    assert any(not lead.first_name + lead.last_name and lead.phone for lead in leads)
    assert max(len(lead.company) for lead in leads) > 120
    assert any(count > 1 for times in per_second for count in times.values())


def test_one_lead_has_5000_entries_over_months(leads: list[DemoLead]) -> None:
    busy = named(leads, "Halloran")

    assert len(busy.drafts) == 5_000
    assert busy.drafts[-1].occurred_at - busy.drafts[0].occurred_at > timedelta(days=90)


def test_nobody_real_can_be_reached(leads: list[DemoLead]) -> None:
    reserved = re.compile(r"@(example\.(com|net|org)|[a-z0-9-]+\.example)\Z")
    fiction = ("+44", "+1", "+61")

    for lead in leads:
        assert not lead.email or reserved.search(lead.email)
        number = phonenumbers.parse(lead.phone, HOUSES[lead.house].region)
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        assert e164.startswith(fiction) or not phonenumbers.is_valid_number(number)


@pytest.mark.parametrize("text", ["@2d in\nHi", "what\n@0 in\nHi"])
def test_a_mistake_in_a_story_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        parse("story", "en", text)


# --- In the database -----------------------------------------------------------------------------


def test_seeding_again_changes_nothing(var: Path) -> None:
    before, let_in_by = counts(), (var / "demo.json").read_text()

    said = seed(var)

    assert counts() == before
    assert (var / "demo.json").read_text() == let_in_by
    assert "(0 of both new, 0 refused)" in said
    assert said.count("\n") == 1


def test_two_accounts_share_no_lead(var: Path) -> None:
    sizes = {a.name: a.leads.count() for a in Account.objects.all()}

    assert (
        sizes
        == {house.name: house.leads for house in HOUSES}
        == {
            HOUSES[0].name: 200,
            HOUSES[1].name: 25,
        }
    )
    for model in (Message, CallTranscript, Activity):
        for entry in model._default_manager.select_related("lead"):
            assert entry.account_id == entry.lead.account_id
    stored = sum(m._default_manager.count() for m in (Message, CallTranscript, Activity))
    # What has happened by then depends on the day that the demo is loaded on.
    loaded_at = Account.objects.get(name=HOUSES[0].name).created_at
    assert stored == sum(len(lead.drafts) for lead in demo_leads(1, loaded_at))


def test_owners_and_actors_are_of_the_house(var: Path) -> None:
    for lead in Lead.objects.exclude(owner=None).select_related("owner"):
        assert lead.owner is not None
        assert lead.owner.account_id == lead.account_id
    acted = Activity.objects.filter(actor_type="user").select_related("actor__user")
    assert acted.exists()
    assert all(str(activity.actor) == activity.actor_name for activity in acted)


def test_the_pages_example_is_served_as_documented(var: Path) -> None:
    known = json.loads((var / "demo.json").read_text())

    answer = ApiClient(known["api_key"]).history(known["lead_id"])

    assert answer.status_code == 200
    assert json.loads(answer.content) == EXAMPLE


def test_sign_ins_are_private_and_work(var: Path) -> None:
    file = var / "demo.json"
    known = json.loads(file.read_text())

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in var.iterdir()] == ["demo.json"]
    for who in ("staff", "admin"):
        assert Client().login(**known[who])
    staff = User.objects.get(email=known["staff"]["email"])
    assert staff.accounts.count() == 2
    assert not staff.is_superuser
    assert User.objects.get(email=known["admin"]["email"]).is_superuser


@pytest.mark.parametrize("spoilt", ["missing", "garbage", "staff", "api_key"])
def test_sign_ins_that_do_not_work_are_made_anew(spoilt: str, var: Path, tmp_path: Path) -> None:
    old = json.loads((var / "demo.json").read_text())
    wrong = {"staff": {**old["staff"], "password": "guess"}, "api_key": "nxr_live_"}
    file = tmp_path / "demo.json"
    if spoilt == "garbage":
        file.write_text("[1]")
    elif spoilt != "missing":
        file.write_text(json.dumps({**old, spoilt: wrong[spoilt]}))

    assert sign_ins.ensure(file)

    new = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Client().login(**new["staff"])
    assert not Client().login(**old["staff"])
    assert ApiClient(old["api_key"]).history(old["lead_id"]).status_code == 401
    assert ApiClient(new["api_key"]).history(new["lead_id"]).status_code == 200


# --- In a file -----------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [1, 5, 205, 6_001])
def test_export_has_so_many_entries(wanted: int, tmp_path: Path) -> None:
    lines = export(tmp_path, "--entries", str(wanted))

    assert sum(len(line["history"]) for line in lines) == wanted
    assert {len(line["history"]) <= 200 for line in lines} == {True}


def test_export_is_in_the_documented_shape(tmp_path: Path, leads: list[DemoLead]) -> None:
    lines = export(tmp_path)

    pagination = {"limit": 200, "offset": 0, "has_more": False}
    # Under an id of its own, so that the file can be imported where the demo is.
    lead = {**EXAMPLE["lead"], "id": lines[0]["lead"]["id"]}
    assert lines[0] == {**EXAMPLE, "lead": lead, "pagination": pagination}
    assert {UUID(line["lead"]["id"]) for line in lines}.isdisjoint(lead.id for lead in leads)
    keys = {tuple(entry) for entry in EXAMPLE["history"]}
    assert {tuple(entry) for line in lines for entry in line["history"]} == keys
    busy = [line for line in lines if line["lead"]["last_name"] == "Halloran"]
    assert [line["pagination"]["offset"] for line in busy] == list(range(0, 5_000, 200))
    assert [line["pagination"]["has_more"] for line in busy] == [True] * 24 + [False]
    assert len({line["lead"]["id"] for line in lines}) == len(leads)


def test_export_goes_to_the_terminal(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    call_command("seed_demo", "--export", "-", "--entries", "7")

    (line,) = capfdbinary.readouterr().out.splitlines()[1:]
    assert len(orjson.loads(line)["history"]) == 2


def test_export_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Cannot write"):
        call_command("seed_demo", "--export", str(tmp_path / "no" / "file"))


def test_entries_without_export_are_a_mistake() -> None:
    with pytest.raises(CommandError, match="--export"):
        call_command("seed_demo", "--entries", "5")


def test_endless_leads_begin_with_the_demo(leads: list[DemoLead]) -> None:
    more = endless_leads(1, NOW)

    assert [next(more) for _ in range(200)] == leads[:200]
    assert replace(next(more), drafts=()).house == 0
