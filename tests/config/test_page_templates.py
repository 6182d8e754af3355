"""Our own pages' templates: in the reader's language, strict about names, and escaped."""

import re
from typing import Any

import pytest
from django.template import engines
from django.template.loader import get_template
from django.test import Client
from django.utils import translation
from jinja2 import TemplateSyntaxError, UndefinedError

from config import translations
from leads.models import Lead, Membership


def rendered(source: str, **context: object) -> str:
    return str(engines["jinja2"].from_string(source).render(context))


def test_a_page_speaks_the_language_of_its_reader_whoever_read_before() -> None:
    source = (
        '{{ _("Sign out") }} {{ language }}'
        " {% trans turns=2 %}{{ turns }} turn{% pluralize %}{{ turns }} turns{% endtrans %}"
    )
    with translation.override("en"):
        assert rendered(source) == "Sign out en 2 turns"
    with translation.override("es"):
        assert rendered(source) == "Cerrar sesión es 2 intervenciones"
    with translation.override("en"):
        assert rendered(source) == "Sign out en 2 turns"
    with translation.override(None):
        assert rendered(source) == "Sign out en 2 turns"


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_template_can_be_read(language: str) -> None:
    with translation.override(language):
        for template in translations.templates():
            root = translations.PAGES if translations.is_page(template) else translations.TEMPLATES
            found: Any = get_template(template.relative_to(root).as_posix())
            assert found.origin.name == str(template)


@pytest.mark.parametrize("source", ["{{ laed }}", "{{ lead.nmae }}", "{% if laed %}a{% endif %}"])
def test_a_misspelt_name_is_an_error(source: str) -> None:
    with pytest.raises(UndefinedError):
        rendered(source, lead={})


def test_a_misspelt_icon_is_an_error() -> None:
    with pytest.raises(LookupError, match="phoen"):
        rendered('{{ icon("phoen") }}')


def test_what_is_filled_in_is_escaped_and_what_is_ours_is_not() -> None:
    said = {"text": "<b>&", "is_big": True}
    assert rendered("{{ text }}", **said) == "&lt;b&gt;&amp;"
    assert rendered("{% trans text %}A {{ text }}{% endtrans %}", **said) == "A &lt;b&gt;&amp;"
    assert rendered('{{ icon("phone", text) }}', **said).count("&lt;b&gt;") == 1
    assert rendered('{{ icon("phone") }}').startswith("<svg")
    assert rendered('{{ icon("phone") if is_big else icon("mail") }}', **said).startswith("<svg")


@pytest.mark.parametrize("source", ["{{ _(text) }}", '{{ pgettext("button", "A" ~ text) }}'])
def test_a_text_to_translate_is_a_constant(source: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="must be a constant"):
        rendered(source, text="<b>")


def test_the_forms_of_a_page_share_a_token_that_is_taken(owner: Membership, lead: Lead) -> None:
    browser = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    browser.force_login(owner.user)
    page = browser.get(f"/leads/{lead.pk}/").content.decode()
    tokens = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert len(tokens) > 3
    assert {*tokens} == {*re.findall(r'"X-CSRFToken": "(\w+)"', page)}
    note = {"text": "Called back.", "csrfmiddlewaretoken": tokens[0]}
    assert browser.post(f"/leads/{lead.pk}/notes/", note).status_code == 302
    assert browser.post(f"/leads/{lead.pk}/notes/", {"text": "x"}).status_code == 403


def test_what_a_library_says_stands_in_a_page_of_ours(client: Client, db: None) -> None:
    page = client.get("/accounts/login/", HTTP_HOST="localhost").content.decode()
    assert "<title>Sign in · Leadline</title>" in page
    assert page.count("<form") > page.count('id="passkey')
    assert "topbar" not in page
