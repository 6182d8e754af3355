"""``{% icon "phone" %}``: a drawing beside a text; ``{% icon "phone" label %}`` says it alone."""

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
    if name not in NAMES:
        raise LookupError(f"config.icons has no {name!r}")
    address = f"{reverse('icons', args=[digest()])}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, address
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', address)
