"""``{% icon "phone" %}``: a drawing beside a text; ``{% icon "phone" label %}`` says it alone."""

from functools import cache

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from config.icons import NAMES, digest

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Return the icon; `label` is what it says to those who do not see it.

    Raises LookupError for a name that is not in `config.icons.NAMES`.
    """
    if not label:
        return _drawing(name)
    return format_html(
        '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, _place(name)
    )


@cache
def _drawing(name: str) -> SafeString:
    """Return the icon without a label; a timeline has some three of them an entry."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', _place(name))


def _place(name: str) -> str:
    if name not in NAMES:
        raise LookupError(f"config.icons has no {name!r}")
    return f"{reverse('icons', args=[digest()])}#{name}"
