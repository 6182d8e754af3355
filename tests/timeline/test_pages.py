"""A lead's page as it is served: whose it is, what it shows, what it costs."""

import gzip
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leads import services
from leads.folding import words_to_find
from leads.models import Lead, Membership
from tests.factories import (
    START,
    ActivityDraftFactory,
    CallDraftFactory,
    MessageDraftFactory,
)
from timeline import live, notes, recording
from timeline.changes import change_lead
from timeline.cursor import Cursor, InvalidCursor, decode, encode
from timeline.entries import AnyDraft, Channel, Filter, Kind, Position
from timeline.history import read_page

ENTRY = re.compile(r'<(?:article|form) class="entry [^>]*id="e-([0-9a-f-]{36})"')


def browser_of(member: Membership) -> Client:
    browser = Client(HTTP_HOST="localhost")
    browser.force_login(member.user)
    # The session's renewal of the day is not what is counted below.
    browser.get("/leads/")
    return browser


@pytest.fixture
def browser(owner: Membership) -> Client:
    return browser_of(owner)


def tell(lead: Lead, *drafts: AnyDraft) -> list[UUID]:
    """Record the drafts on the lead; return their ids."""
    for result in recording.record_all(lead.account_id, drafts):
        assert result is recording.Outcome.CREATED, result
    return [recording.entry_id(lead.account_id, draft) for draft in drafts]


def a_bit_of_everything(lead: Lead, count: int) -> list[AnyDraft]:
    """Return drafts of all kinds, two hours apart, some of several hundred characters."""
    return [
        _KINDS[number % len(_KINDS)](
            lead_id=lead.pk,
            occurred_at=START + timedelta(hours=2 * number),
            external_id=str(number),
        )
        for number in range(count)
    ]


_TURNS = [
    {"speaker": "agent", "text": "How can I help?", "start": 1.5, "end": 3},
    {"speaker": "lead", "text": "Is it waterproof?", "start": 4, "end": 6},
]
_KINDS: list[Callable[..., AnyDraft]] = [
    partial(MessageDraftFactory.build, direction="outbound", status="read"),
    partial(MessageDraftFactory.build, content="Ja, gerne. " * 60),
    partial(
        MessageDraftFactory.build,
        channel=Channel.EMAIL,
        subject="Re: Offer",
        content="Dear Ana,\n\nhere is the offer.\n\n" + "Terms apply. " * 40,
        html="<p>Dear Ana,</p>" + "<p>Terms apply.</p>" * 40,
        sender="Olivia Owner <owner@acme.example.com>",
        recipients=["ana@example.com"],
    ),
    partial(CallDraftFactory.build, turns=_TURNS * 5),
    ActivityDraftFactory.build,
]


def page(browser: Client, lead: Lead, query: str = "", **headers: str) -> str:
    answer = browser.get(f"/leads/{lead.pk}/{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def entries_on(text: str) -> list[str]:
    return ENTRY.findall(text)


def link(text: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', text)
    return found and unescape(found[1])


# --- Whose it is ---------------------------------------------------------------------------------

READS = ["", "edit/", "live/?token=", "entries/", "entries/{entry}/", "entries/{entry}/whole/"]
READS += ["mail/{entry}/", "notes/{note}/edit/"]
WRITES = ["status/", "owner/", "edit/", "notes/", "notes/{note}/edit/", "notes/{note}/take-back/"]


@pytest.fixture
def addresses(lead: Lead, owner: Membership) -> Callable[[Iterable[str], UUID], list[str]]:
    mail = MessageDraftFactory.build(lead_id=lead.pk, channel=Channel.EMAIL, html="<p>Hi</p>")
    (entry,) = tell(lead, mail)
    note = notes.add(owner, lead, "Call back")

    def of(paths: Iterable[str], lead_id: UUID) -> list[str]:
        return [f"/leads/{lead_id}/{path.format(entry=entry, note=note)}" for path in paths]

    return of


def test_owner_and_colleague_read_a_lead_that_to_a_stranger_is_as_little_there_as_no_lead(
    lead: Lead,
    owner: Membership,
    colleague: Membership,
    stranger: Membership,
    addresses: Callable[[Iterable[str], UUID], list[str]],
) -> None:
    for member in (owner, colleague):
        browser = browser_of(member)
        for address in addresses(READS, lead.pk):
            assert browser.get(address).status_code in {200, 302}, address
    browser = browser_of(stranger)
    for path, unknown in zip(addresses(READS, lead.pk), addresses(READS, uuid4()), strict=True):
        answer, of_nothing = browser.get(path), browser.get(unknown)
        assert answer.status_code == of_nothing.status_code == 404, path
        assert str(lead) not in answer.content.decode()


def test_a_stranger_writes_nothing(
    lead: Lead,
    stranger: Membership,
    addresses: Callable[[Iterable[str], UUID], list[str]],
) -> None:
    paths = addresses(WRITES, lead.pk)
    before = read_page(lead.account_id, lead.pk, limit=50).version
    browser = browser_of(stranger)
    for path in paths:
        sent = {"text": "x", "seen": "new", "status": "won", "owner": "", "first_name": "x"}
        assert browser.post(path, sent).status_code == 404, path
    lead.refresh_from_db()
    assert lead.status == "new"
    assert read_page(lead.account_id, lead.pk, limit=50).version == before


def test_who_is_not_signed_in_is_asked_to(
    lead: Lead, addresses: Callable[[Iterable[str], UUID], list[str]]
) -> None:
    for path in addresses([*READS, *WRITES], lead.pk):
        answer = Client(HTTP_HOST="localhost").get(path)
        assert answer.status_code in {302, 405}, path
        if answer.status_code == 302:
            assert answer["Location"].startswith("/accounts/login/")


def test_a_poll_finds_no_lead_of_anothers_and_none_that_was_deleted(
    browser: Client, lead: Lead, stranger: Membership
) -> None:
    address = f"/leads/{lead.pk}/live/?token={quote(live.token())}"
    assert browser.get(address).status_code == 204
    assert browser_of(stranger).get(address).status_code == 404
    services.delete_lead(lead)
    assert browser.get(address).status_code == 404


# --- What it shows -------------------------------------------------------------------------------

FILTERS: list[tuple[str, Filter]] = [
    ("", Filter()),
    ("channel=email", Filter(channels=frozenset({Channel.EMAIL}))),
    (
        "channel=email&channel=call",
        Filter(channels=frozenset({Channel.EMAIL, Channel.CALL})),
    ),
    ("type=activity", Filter(kinds=frozenset({Kind.ACTIVITY}))),
    ("channel=system&type=message", Filter(frozenset({Channel.SYSTEM}), frozenset({Kind.MESSAGE}))),
    ("since=2026-01-12", Filter(since=datetime(2026, 1, 12, tzinfo=UTC))),
    ("until=2026-01-11", Filter(until=datetime(2026, 1, 12, tzinfo=UTC))),
    ("q=waterpr", Filter(words=words_to_find("waterpr"))),
    (
        "q=terms&channel=email&since=2026-01-11",
        Filter(
            channels=frozenset({Channel.EMAIL}),
            since=datetime(2026, 1, 11, tzinfo=UTC),
            words=("terms",),
        ),
    ),
]


@pytest.mark.parametrize(("query", "only"), FILTERS)
@pytest.mark.parametrize("order", ["", "&order=oldest"])
def test_what_the_page_shows_is_what_the_one_read_path_answers(
    browser: Client, lead: Lead, query: str, only: Filter, order: str
) -> None:
    tell(lead, *a_bit_of_everything(lead, 40))
    expected = read_page(lead.account_id, lead.pk, limit=50, only=only, newest_first=not order)
    shown = entries_on(page(browser, lead, f"?{query}{order}"))
    assert shown == [str(entry.id) for entry in expected.entries]


@pytest.mark.parametrize("order", ["", "?order=oldest"])
def test_pages_follow_one_another_without_a_gap_and_lead_back(
    browser: Client, lead: Lead, order: str
) -> None:
    told = tell(lead, *a_bit_of_everything(lead, 120))
    seen: list[str] = []
    text = page(browser, lead, order)
    assert link(text, "prev") is None
    while True:
        seen += entries_on(text)
        following = link(text, "next")
        if following is None:
            break
        text = browser.get(following).content.decode()
    expected = [str(entry) for entry in (told if order else reversed(told))]
    assert seen == expected
    back = link(text, "prev")
    assert back
    assert entries_on(browser.get(back).content.decode()) == expected[50:100]


def test_a_fragment_continues_the_day_that_stands_above_it(browser: Client, lead: Lead) -> None:
    drafts = [
        MessageDraftFactory.build(lead_id=lead.pk, occurred_at=START + timedelta(minutes=n))
        for n in range(60)
    ]
    tell(lead, *drafts)
    following = link(page(browser, lead), "next") or ""
    answer = browser.get(f"/leads/{lead.pk}/entries/?{following.partition('?')[2]}")
    fragment = answer.content.decode()
    assert len(entries_on(fragment)) == 10
    assert 'class="day"' not in fragment
    assert "<html" not in fragment


def test_the_address_of_an_entry_opens_the_page_there_among_its_neighbours(
    browser: Client, lead: Lead
) -> None:
    told = tell(lead, *a_bit_of_everything(lead, 150))
    answer = browser.get(f"/leads/{lead.pk}/entries/{told[60]}/")
    assert answer["Location"].endswith(f"#e-{told[60]}")
    shown = entries_on(browser.get(answer["Location"]).content.decode())
    assert shown.index(str(told[60])) == 2
    assert len(shown) == 50
    newest = browser.get(f"/leads/{lead.pk}/?at={told[-1]}").content.decode()
    assert entries_on(newest)[0] == str(told[-1])
    assert link(newest, "prev") is None


def test_the_address_of_another_leads_entry_is_not_found(
    browser: Client, lead: Lead, other_lead: Lead
) -> None:
    (theirs,) = tell(other_lead, MessageDraftFactory.build(lead_id=other_lead.pk))
    for at in (theirs, uuid4(), "nonsense"):
        assert browser.get(f"/leads/{lead.pk}/?at={at}").status_code == 404


def test_a_day_is_gone_to_in_the_readers_zone(browser: Client, lead: Lead) -> None:
    # 23:30 of the 10th in Santiago is 02:30 of the 11th in UTC.
    late = datetime(2026, 1, 11, 2, 30, tzinfo=UTC)
    evening, morning = tell(
        lead,
        MessageDraftFactory.build(lead_id=lead.pk, occurred_at=late),
        MessageDraftFactory.build(lead_id=lead.pk, occurred_at=late + timedelta(hours=9)),
    )
    assert entries_on(page(browser, lead, "?day=2026-01-10")) == []
    browser.cookies["leadline_zone"] = "America/Santiago"
    text = page(browser, lead, "?day=2026-01-10")
    assert entries_on(text) == [str(evening)]
    assert 'id="day-2026-01-10"' in text
    assert ">23:30<" in text
    assert entries_on(page(browser, lead, "?day=2026-01-11"))[0] == str(morning)


def test_an_unknown_zone_is_read_as_none(browser: Client, lead: Lead) -> None:
    tell(lead, MessageDraftFactory.build(lead_id=lead.pk))
    for zone in ("../../etc/passwd", "Mars/Olympus", ""):
        browser.cookies["leadline_zone"] = zone
        assert "UTC" in page(browser, lead)


def test_what_of_the_filters_is_not_understood_is_left_out_and_told(
    browser: Client, lead: Lead
) -> None:
    tell(lead, *a_bit_of_everything(lead, 5))
    text = page(browser, lead, "?channel=pigeon&since=yesterday&after=forged&channel=email")
    assert len(entries_on(text)) == 5
    assert text.count("was left out") == 2


@pytest.mark.parametrize("path", ["", "entries/", "live/"])
@pytest.mark.parametrize("order", ["newest", "oldest"])
@pytest.mark.parametrize("name", ["day", "since", "until"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Santiago"])
def test_a_day_at_the_end_of_time_is_left_out(
    browser: Client, lead: Lead, path: str, order: str, name: str, zone: str
) -> None:
    tell(lead, MessageDraftFactory.build(lead_id=lead.pk))
    browser.cookies["leadline_zone"] = zone
    for day in ("0001-01-01", "9999-12-31"):
        answer = browser.get(f"/leads/{lead.pk}/{path}?{name}={day}&order={order}")
        assert answer.status_code == 200
        if path != "live/":
            assert len(entries_on(answer.content.decode())) == 1


def test_a_filter_that_was_left_out_is_named_in_the_readers_language(
    browser: Client, lead: Lead
) -> None:
    browser.cookies["leadline_language"] = "es"
    text = page(browser, lead, "?since=ayer")
    assert "Se omitió el filtro «Desde»" in text
    assert "«since»" not in text


def test_what_leadline_tells_of_itself_is_read_in_the_readers_language(
    browser: Client, lead: Lead, owner: Membership
) -> None:
    change_lead(owner, lead.pk, {"status": "qualified"}, {"status": "new"})
    change_lead(owner, lead.pk, {"company": "Acme"}, {"company": ""})
    tell(lead, ActivityDraftFactory.build(lead_id=lead.pk, title="Order #1 was placed"))
    browser.cookies["leadline_language"] = "es"
    text = page(browser, lead)
    assert "El estado cambió a Calificado" in text
    assert "Antes: Nuevo" in text
    assert "Empresa: — → Acme" in text
    assert "Order #1 was placed" in text


def test_hits_are_marked_and_a_transcript_opens_at_its_turn(browser: Client, lead: Lead) -> None:
    turns = [
        {"speaker": "agent", "text": f"Sentence {number}", "start": number * 3.0, "end": 1}
        for number in range(60)
    ]
    turns[40]["text"] = "La instalación dura dos días"
    tell(lead, CallDraftFactory.build(lead_id=lead.pk, turns=turns))
    text = page(browser, lead, "?q=INSTALACION")
    assert "<mark>instalación</mark>" in text
    assert '<details class="transcript" open>' in text
    assert "#t=120.0" in text
    assert "Sentence 0<" not in text


def test_what_people_wrote_is_never_markup(browser: Client, lead: Lead) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    same: dict[str, Any] = {"lead_id": lead.pk}
    tell(
        lead,
        MessageDraftFactory.build(
            **same,
            content=f"{evil} https://example.com/<b>",
            reaction=evil[:50],
            failure_reason=evil,
            status="failed",
            direction="outbound",
            buttons=[{"text": evil, "url": "javascript:alert(1)"}],
            attachments=[{"name": evil, "url": "javascript:alert(1)"}],
            media_url="javascript:alert(1)",
        ),
        MessageDraftFactory.build(**same, channel=Channel.EMAIL, subject=evil, sender=evil),
        CallDraftFactory.build(
            **same,
            summary=evil,
            disconnection_reason=evil,
            turns=[{"speaker": evil, "text": evil, "start": 'x" onclick="alert(1)'}],
        ),
        ActivityDraftFactory.build(**same, title=evil, description=evil, actor_name=evil),
    )
    Lead.objects.filter(pk=lead.pk).update(first_name=evil, company=evil, source=evil)
    for query in ("", "?q=alert"):
        text = page(browser, lead, query)
        assert "<script>alert" not in text
        assert "<img" not in text
        assert 'onclick="' not in text
        assert "javascript:alert" not in re.sub(r">[^<]*<", "><", text)


@pytest.mark.parametrize(("attachments", "is_told"), [([{"name": "image.jpg"}], False), ([], True)])
def test_only_a_message_of_nothing_is_said_to_have_no_text(
    browser: Client, lead: Lead, attachments: list[dict[str, Any]], is_told: bool
) -> None:
    tell(lead, MessageDraftFactory.create(lead_id=lead.pk, content="", attachments=attachments))
    assert ("No text" in page(browser, lead)) is is_told


def test_a_long_text_is_cut_and_shown_whole_when_asked_for(browser: Client, lead: Lead) -> None:
    long = "word " * 5_000 + "the very end"
    (entry,) = tell(lead, MessageDraftFactory.build(lead_id=lead.pk, content=long))
    assert "the very end" not in page(browser, lead)
    assert "<mark>end</mark>" in page(browser, lead, "?q=end")
    whole = browser.get(f"/leads/{lead.pk}/entries/{entry}/whole/").content.decode()
    assert "the very end" in whole
    assert "<html" in whole
    part = browser.get(
        f"/leads/{lead.pk}/entries/{entry}/whole/", headers={"HX-Request": "true"}
    ).content.decode()
    assert entries_on(part) == [str(entry)]
    assert "<html" not in part


def test_the_head_says_who_waits_for_whom(browser: Client, lead: Lead) -> None:
    tell(lead, MessageDraftFactory.build(lead_id=lead.pk, direction="inbound"))
    assert "Waiting for your answer since" in page(browser, lead)
    answer = MessageDraftFactory.build(
        lead_id=lead.pk, direction="outbound", occurred_at=START + timedelta(days=1)
    )
    tell(lead, answer)
    assert "Waiting for your answer since" not in page(browser, lead)


def test_a_lead_without_entries_says_so(browser: Client, lead: Lead) -> None:
    assert "Nothing has happened yet" in page(browser, lead)
    assert "Nothing matches these filters" in page(browser, lead, "?q=nothing")


# --- What it costs -------------------------------------------------------------------------------


def test_the_number_of_queries_does_not_depend_on_the_number_of_entries(
    browser: Client, lead: Lead
) -> None:
    page(browser, lead)
    drafts = a_bit_of_everything(lead, 200)
    counts = []
    for begin, end in ((0, 5), (5, 60), (60, 200)):
        tell(lead, *drafts[begin:end])
        with CaptureQueriesContext(connection) as queries:
            page(browser, lead)
        counts.append(len(queries))
    # session, user with memberships, lead with token, page, owners
    # glance, where not all entries are on the page: touches, figures
    assert counts == [5, 7, 7]


def test_a_page_of_fifty_entries_is_light(browser: Client, lead: Lead) -> None:
    tell(lead, *a_bit_of_everything(lead, 60))
    html = page(browser, lead).encode()
    assert len(entries_on(html.decode())) == 50
    assert len(html) < 120_000
    assert len(gzip.compress(html)) < 20_000


@pytest.mark.django_db(transaction=True)
def test_an_idle_poll_is_answered_with_nothing(browser: Client, lead: Lead) -> None:
    tell(lead, *a_bit_of_everything(lead, 10))
    answer = browser.get(f"/leads/{lead.pk}/live/?token={quote(live.token())}")
    assert (answer.status_code, answer.content) == (204, b"")


# --- Live ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_poll_answers_what_is_new_and_what_moved(browser: Client, lead: Lead) -> None:
    sent = MessageDraftFactory.build(
        lead_id=lead.pk, direction="outbound", status="sent", external_id="one"
    )
    (first,) = tell(lead, sent)
    token = live.token()
    read = MessageDraftFactory.build(
        lead_id=lead.pk,
        direction="outbound",
        status="read",
        external_id="one",
        occurred_at=sent.occurred_at,
        content=sent.content,
    )
    assert recording.record(lead.account_id, read) is recording.Outcome.ADVANCED
    (second,) = tell(lead, MessageDraftFactory.build(lead_id=lead.pk))
    text = browser.get(f"/leads/{lead.pk}/live/?token={quote(token)}").content.decode()
    assert set(entries_on(text)) == {str(first), str(second)}
    assert "ticks-read" in text
    new_token = unescape(re.search(r"token=([^\"&]+)", text)[1])  # type: ignore[index] # is there
    assert browser.get(f"/leads/{lead.pk}/live/?token={new_token}").status_code == 204


@pytest.mark.django_db(transaction=True)
def test_a_poll_minds_the_filters_of_the_page(browser: Client, lead: Lead) -> None:
    token = quote(live.token())
    tell(lead, *a_bit_of_everything(lead, 5))
    answer = browser.get(f"/leads/{lead.pk}/live/?token={token}&channel=call")
    assert len(entries_on(answer.content.decode())) == 1


def test_a_token_that_is_none_of_ours_lets_the_page_be_read_anew(
    browser: Client, lead: Lead
) -> None:
    answer = browser.get(f"/leads/{lead.pk}/live/?token=nonsense")
    assert "data-stale" in answer.content.decode()


# --- Writing -------------------------------------------------------------------------------------


def test_a_changed_status_is_told_with_who_changed_it(
    browser: Client, lead: Lead, owner: Membership
) -> None:
    sent = {"status": "qualified", "seen": "new"}
    answer = browser.post(f"/leads/{lead.pk}/status/", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "poll-now" in answer["HX-Trigger"]
    text = page(browser, lead)
    assert "Status changed to Qualified" in text
    assert str(owner) in text


def test_who_changes_second_sees_what_it_was_changed_to(
    browser: Client, lead: Lead, colleague: Membership
) -> None:
    change_lead(colleague, lead.pk, {"status": "won"}, {"status": "new"})
    sent = {"status": "lost", "seen": "new"}
    answer = browser.post(f"/leads/{lead.pk}/status/", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert "It is now: Won" in answer.content.decode()
    lead.refresh_from_db()
    assert lead.status == "won"


def test_an_owner_is_a_member_of_the_account(
    browser: Client, lead: Lead, colleague: Membership, stranger: Membership
) -> None:
    for member, expected in ((stranger, None), (colleague, colleague)):
        sent = {"owner": member.pk, "seen": ""}
        browser.post(f"/leads/{lead.pk}/owner/", sent)
        lead.refresh_from_db()
        assert lead.owner == expected
    assert "Assigned to Carlos Colleague" in page(browser, lead)


def test_two_who_edit_one_lead_see_what_the_other_did(
    browser: Client, lead: Lead, colleague: Membership
) -> None:
    form = browser.get(f"/leads/{lead.pk}/edit/").content.decode()
    values = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    values = {name: unescape(value) for name, value in values.items()}
    change_lead(colleague, lead.pk, {"company": "Theirs"}, {"company": ""})
    answer = browser.post(f"/leads/{lead.pk}/edit/", values | {"company": "Mine"})
    assert answer.status_code == 409
    assert "It is now: Theirs" in answer.content.decode()
    second = browser.post(
        f"/leads/{lead.pk}/edit/", values | {"company": "Mine", "seen_company": "Theirs"}
    )
    assert second.status_code == 302
    lead.refresh_from_db()
    assert lead.company == "Mine"
    assert "Theirs → Mine" in page(browser, lead)


def test_a_note_is_added_edited_and_taken_back_by_who_wrote_it(
    browser: Client, lead: Lead, colleague: Membership
) -> None:
    browser.post(f"/leads/{lead.pk}/notes/", {"text": "Wants a\r\ndiscount"})
    (note,) = entries_on(page(browser, lead))
    edit, back = (f"/leads/{lead.pk}/notes/{note}/{act}/" for act in ("edit", "take-back"))
    assert "Wants a\ndiscount" in browser.get(edit).content.decode()
    assert "Take back" not in page(browser_of(colleague), lead)
    assert browser_of(colleague).post(back, headers={"HX-Request": "true"}).status_code == 409
    browser.post(edit, {"text": "Wants ten percent", "seen": "Wants a\r\ndiscount"})
    assert "Wants ten percent" in page(browser, lead)
    again = browser.post(edit, {"text": "Other", "seen": "Wants a discount"})
    assert again.status_code == 409
    browser.post(back)
    text = page(browser, lead)
    assert "Wants ten percent" not in re.sub(r"Before:.*?<", "<", text)
    assert "Note taken back" in text


def test_an_empty_note_is_no_note(browser: Client, lead: Lead) -> None:
    answer = browser.post(f"/leads/{lead.pk}/notes/", {"text": "  "}, headers={"HX-Request": "1"})
    assert answer.status_code == 422
    assert "This field is required" in answer.content.decode()


# --- Cursors -------------------------------------------------------------------------------------


def test_a_cursor_comes_back_as_it_was_and_only_as_we_gave_it() -> None:
    at = datetime(1969, 7, 20, 20, 17, 40, 123456, tzinfo=UTC)
    cursor = Cursor(Position(at, uuid4()), newest_first=True)
    text = encode(cursor)
    assert decode(text) == cursor
    for forged in ("", "x", text[:-1], f"A{text}", text.swapcase()):
        with pytest.raises(InvalidCursor):
            decode(forged)
