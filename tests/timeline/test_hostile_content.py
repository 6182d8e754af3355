"""What others wrote, at its worst: recorded as it is, and no page breaks or stalls on it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from leads.folding import mark
from leads.models import Lead, Membership
from tests.factories import CallDraftFactory, MessageDraftFactory
from timeline import recording
from timeline.entries import AnyDraft, Channel
from timeline.mail import (
    folded,
    has_remote_images,
    is_too_long,
    name_of,
    sanitised,
    split_quote,
    text_of,
)
from timeline.media import media_of
from timeline.rich_text import rich_text


@pytest.fixture
def browser(owner: Membership) -> Client:
    browser = Client(HTTP_HOST="localhost")
    browser.force_login(owner.user)
    return browser


@pytest.fixture
def shown(browser: Client, lead: Lead) -> Callable[[AnyDraft], str]:
    """Record the draft; return the lead's page with it, once every page about it was served."""

    def of(draft: AnyDraft) -> str:
        assert recording.record(lead.account_id, draft) is recording.Outcome.CREATED
        entry = recording.entry_id(lead.account_id, draft)
        assert browser.get(f"/leads/{lead.pk}/entries/{entry}/whole/").status_code == 200
        assert browser.get(f"/leads/{lead.pk}/?q=yes").status_code == 200
        answer = browser.get(f"/leads/{lead.pk}/")
        assert answer.status_code == 200
        return answer.content.decode()

    return of


# --- Long and twisted: each of these would take minutes if its cost grew with the square ----------


def test_a_mail_of_blanks_is_read_by_its_words() -> None:
    assert text_of(f"<p>a{' ' * 60_000}b</p>{chr(10) * 30_000}<p>c</p>").split() == ["a", "b", "c"]
    assert text_of("<p>One<br>two</p>\n \n<p>three</p>") == "One\ntwo\n\nthree"


def test_a_mail_of_pictures_that_never_end_has_none_to_hold_back() -> None:
    assert not has_remote_images("<img " * 50_000)
    assert has_remote_images("<img alt='>' src='HTTPS://x.example/a.png'>" * 2)
    assert not has_remote_images("<p title='<img src=\"https://x.example/a.png\">'>a</p>")


@pytest.mark.parametrize(
    "html",
    [
        "<blockquote>" * 80_000,
        "<div>" * 190_000,
        "<svg>" + "<td>" * 190_000,
        "<td-x>" * 100_000,
        "<div title='</div>'>" * 50_000,
        "<p><button>" * 80_000,
        "<b><i>" * 100_000,
    ],
)
def test_a_mail_of_tags_within_tags_ends_where_it_gets_too_deep(html: str) -> None:
    assert is_too_long(html)
    assert len(sanitised(f"Hello{html}")) < 300_000
    assert text_of(f"Hello{html}bye").strip() == "Hello"


def test_a_table_of_many_rows_is_shown_whole() -> None:
    html = f"<table>{'<tr><td>1</td><td>2<br></td></tr>' * 5_000}</table>"
    assert not is_too_long(html)
    assert sanitised(html).count("</td>") == 10_000


@pytest.mark.parametrize(
    "text",
    [piece * 30_000 for piece in (">", "\n", ":\n", "ab:\n", "a", "-", "--\n", " ", "http://")]
    + [
        piece * 30_000
        for piece in ("<", "<br ", ".", "a\u0301", "\u0301\u0327", "漢", ">\n", "&lt;")
    ],
)
def test_a_text_of_one_thing_over_and_over_is_shown(text: str) -> None:
    said, quoted = split_quote(text)
    assert len(said) + len(quoted) <= len(text)
    assert "".join(piece for piece, _ in mark(text, ("ab", "漢字"))) == text
    assert rich_text(f"http://x.example/{text}")
    assert folded(sanitised(text), "Quoted") == sanitised(text)
    assert text_of(text) is not None


# --- Odd, but accepted -------------------------------------------------------------------------

ODD: list[Any] = [None, 0, -1, 1.5, True, 2**53, 1e300, "", "abc", "http://[x", [], [1], {"a": 1}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_attachments_buttons_and_turns_may_hold_anything(
    shown: Callable[[AnyDraft], str], lead: Lead, odd: Any
) -> None:
    attachment = {"name": odd, "url": odd, "size": odd, "type": odd}
    for channel in (Channel.WHATSAPP, Channel.EMAIL):
        shown(
            MessageDraftFactory.build(
                lead_id=lead.pk,
                channel=channel,
                attachments=[{}, attachment, attachment | {"url": "https://x.example/a.pdf"}],
                buttons=[{}, {"text": odd, "url": odd}],
            )
        )
    turns = [{}, {"speaker": odd, "text": odd, "start": odd, "end": odd}, {"text": "yes"}]
    assert ">None<" not in shown(CallDraftFactory.build(lead_id=lead.pk, turns=turns))


@pytest.mark.parametrize(
    "url",
    ["http://[x", "javascript:alert(1)", "//evil.example/a.mp3", "/\\evil.example/a.mp3", "x"],
)
def test_an_address_that_a_browser_must_not_open_is_none(
    shown: Callable[[AnyDraft], str], lead: Lead, url: str
) -> None:
    assert media_of(url) is None
    message = MessageDraftFactory.build(
        lead_id=lead.pk, media_url=url, attachments=[{"name": "A", "url": url}]
    )
    assert f'"{url}' not in shown(message)
    page = shown(CallDraftFactory.build(lead_id=lead.pk, recording_url=url))
    assert f'"{url}' not in page
    assert "<audio" not in page


def test_a_recording_that_no_player_may_have_is_a_link(
    shown: Callable[[AnyDraft], str], lead: Lead
) -> None:
    url = "http://x.example/a.wav"
    page = shown(CallDraftFactory.build(lead_id=lead.pk, recording_url=url))
    page += shown(MessageDraftFactory.build(lead_id=lead.pk, media_url=url))
    assert f'href="{url}"' in page
    assert f'src="{url}"' not in page
    played = shown(CallDraftFactory.build(lead_id=lead.pk, recording_url="HTTPS://x.example/b.wav"))
    assert '<audio controls preload="none" src="HTTPS://x.example/b.wav"' in played


@pytest.mark.parametrize("party", ["(" * 5_000, "(" * 490, "<" * 500, '"' * 499, "\\", "", "@,:;"])
def test_a_party_that_is_no_address_is_shown_as_it_is(
    shown: Callable[[AnyDraft], str], lead: Lead, party: str
) -> None:
    assert len(name_of(party)) <= 501
    shown(
        MessageDraftFactory.build(
            lead_id=lead.pk, channel=Channel.EMAIL, sender=party[:500], recipients=[party]
        )
    )


def test_of_very_many_recipients_a_few_are_named(
    shown: Callable[[AnyDraft], str], lead: Lead
) -> None:
    recipients = [f"Person {n} <person{n}@x.example>" for n in range(20_000)]
    page = shown(
        MessageDraftFactory.build(lead_id=lead.pk, channel=Channel.EMAIL, recipients=recipients)
    )
    assert "Person 4" in page
    assert "Person 5" not in page
    assert "+ 19995" in page
