"""Texts in a language that is known: asking for the active one at each text costs more than it."""

from functools import lru_cache

from django.utils import translation


@lru_cache(maxsize=2_000)
def text_in(language: str, text: str) -> str:
    """Return the marked text in the language."""
    with translation.override(language):
        return translation.gettext(text)
