"""Every word on the pages is marked, and every marked word is there in every language."""

import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.template.base import Lexer, TokenType
from django.utils import translation
from jinja2 import Environment

from config import translations

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]

# Names, and what is the same in every language.
NOT_WORDS = {"Leadline", "WhatsApp", "API", "HTML", "CSV", "OpenAPI", "ReDoc", "Swagger"}
SPOKEN = {"alt", "aria-label", "aria-description", "placeholder", "title", "aria-roledescription"}
SILENT = {"script", "style", "code"}
# Documentation for programmers, and a page that only developers see.
NOT_FOR_STAFF = {"pages/api/docs.html", "pages/styleguide"}


class Words(HTMLParser):
    """Collects what a page says: its text, and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        self.said += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)


def parts(source: str) -> Iterator[tuple[bool, str]]:
    """Give the tags and the texts of a template in Django's language: whether a tag, and what."""
    for token in Lexer(source).tokenize():
        if token.token_type in {TokenType.BLOCK, TokenType.TEXT}:
            yield token.token_type == TokenType.BLOCK, token.contents


def parts_of_page(source: str) -> Iterator[tuple[bool, str]]:
    """Give the same of a template in Jinja2's language."""
    tag: list[str] | None = None
    for _line, kind, text in Environment().lex(source):
        if kind == "data":
            yield False, text
        elif kind == "block_begin":
            tag = []
        elif kind == "block_end":
            yield True, "".join(tag or []).strip()
            tag = None
        elif tag is not None:
            tag.append(text)


def unmarked(source: str, *, in_jinja: bool = False) -> list[str]:
    """Return the words of a template that are not marked for translation."""
    page, passed_over = "", ""
    for is_tag, text in (parts_of_page if in_jinja else parts)(source):
        if not is_tag:
            page += "" if passed_over else text
            continue
        name, *rest = text.split()
        if name == f"end{passed_over}":
            passed_over = ""
        elif name in {"blocktranslate", "trans", "comment"} or (
            name == "block" and "class" in rest[0]
        ):
            passed_over = name
    words = Words()
    words.feed(page)
    words.close()
    found = [word for said in words.said for word in re.findall(r"[^\W\d_]{2,}", said)]
    return [word for word in found if word not in NOT_WORDS]


def for_staff() -> list[str]:
    folder = translations.TEMPLATES
    places = [path.relative_to(folder).as_posix() for path in translations.templates()]
    return [place for place in places if not any(place.startswith(name) for name in NOT_FOR_STAFF)]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<p>{% translate 'Yes' %} {{ name }}</p>", []),
        ("<p>Hello</p>", ["Hello"]),
        ("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %} you", ["you"]),
        ("<a title='Open' aria-label='{% translate \"Open\" %}'>Leadline</a>", ["Open"]),
        ("<a class='{% block body_class %}wide{% endblock %}'>{% comment %}no{% endcomment %}", []),
        ("<a class='menu' data-tip='end'>{# no #}</a><script>let a</script>", []),
    ],
)
def test_an_unmarked_word_is_found(source: str, words: list[str]) -> None:
    assert unmarked(source) == words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('<p>{{ _("Yes") }} {{ name }}</p>', []),
        ("<p>Hello</p>", ["Hello"]),
        ("{% trans name=lead.name %}Hello {{ name }}{% endtrans %} you", ["you"]),
        ("{% trans n=2 %}{{ n }} lead{% pluralize %}{{ n }} leads{% endtrans %}", []),
        ("<a title='Open' aria-label='{{ _(\"Open\") }}'>Leadline</a>", ["Open"]),
        ("<a class='{% block body_class %}wide{% endblock %}'>{# no #}</a>", []),
        ("{%- if name -%} there {%- endif %}", ["there"]),
    ],
)
def test_an_unmarked_word_of_a_page_is_found(source: str, words: list[str]) -> None:
    assert unmarked(source, in_jinja=True) == words


@pytest.mark.parametrize(
    "source",
    ['f"{_(text)}"', "f\"a {gettext('b')}\"", "f\"a {translation.ngettext('b', 'c', 1):>3}\""],
)
def test_a_text_that_nobody_would_find_is_refused(source: str) -> None:
    with pytest.raises(SyntaxError, match=r"told\.py, line 2"):
        translations.refuse_hidden(f"\n{source}", "told.py")


def test_a_text_beside_an_f_string_is_none_of_them() -> None:
    translations.refuse_hidden('f"{name}" + _("said")', "told.py")


@pytest.mark.parametrize("place", for_staff())
def test_every_word_of_a_template_is_marked(place: str) -> None:
    template = translations.TEMPLATES / place
    assert unmarked(template.read_text(), in_jinja=translations.is_page(template)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalog_is_what_the_sources_ask_for(language: str) -> None:
    catalog, missing = translations.collect(language)
    assert translations.catalog_path(language).read_text() == catalog, (
        "run: python manage.py collect_translations"
    )
    assert missing == 0


def forms(message: Message) -> Iterator[tuple[str, str]]:
    """Give each text of the message beside its translation."""
    if isinstance(message.id, tuple):
        for number, string in enumerate(message.string or ()):
            yield message.id[min(number, 1)], string
    else:
        yield str(message.id), str(message.string)


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_what_is_filled_in(language: str) -> None:
    with translations.catalog_path(language).open("rb") as file:
        catalog = read_po(file)
    for message in catalog:
        for text, translated in forms(message) if message.id else ():
            assert filled_in(text) == filled_in(translated), text
            assert edges(text) == edges(translated), text


def filled_in(text: str) -> list[str]:
    """Return placeholders and tags, in no order: languages differ in theirs."""
    return sorted(re.findall(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|</?\w+[^>]*>", text))


def edges(text: str) -> tuple[bool, bool]:
    """Return whether white space or a colon joins the text to what is around it."""
    return text[:1].isspace(), text[-1:].isspace() or text.endswith(":")


def test_a_process_starts_with_the_translations_of_the_sources_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    source = tmp_path / "locale" / "es" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    monkeypatch.setattr(translations, "SOURCES", tmp_path / "locale")
    settings.LOCALE_PATHS = [tmp_path / "compiled"]
    compiled = tmp_path / "compiled" / "es" / "LC_MESSAGES" / "django.mo"

    source.write_text(f'{head}msgid "Lead line"\nmsgstr "Línea"\n')
    translations.compile_if_changed()
    first = compiled.read_bytes()
    assert "Línea".encode() in first
    assert list(compiled.parent.iterdir()) == [compiled]

    translations.compile_if_changed()
    assert compiled.read_bytes() == first

    source.write_text(f'{head}msgid "Lead line"\nmsgstr "Cauce"\n')
    os.utime(source, ns=(1, 1))
    translations.compile_if_changed()
    assert b"Cauce" in compiled.read_bytes()


def test_spanish_is_there(db: None) -> None:
    with translation.override("es"):
        assert translation.gettext("Sign out") == "Cerrar sesión"
        assert translation.gettext("Qualified") == "Calificado"
