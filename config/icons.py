"""The icons of the pages, in one place: Lucide's, served as one sprite that a browser keeps.

A page names an icon by ``icon("phone")``; what is not in `NAMES` is not in the sprite, and naming
it is an error.
"""

import re
from functools import cache
from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from lucide.templatetags.lucide import lucide

_NAMES = """
    activity arrow-down arrow-down-left arrow-down-wide-narrow arrow-left arrow-right
    arrow-right-left arrow-up
    arrow-up-narrow-wide arrow-up-right at-sign ban bell bot building-2 calendar calendar-check
    check check-check chevron-down chevron-left chevron-right chevrons-up-down circle-alert
    circle-check circle-dot circle-question-mark circle-x clock cog
    copy download ellipsis eye eye-off
    file-text flag frown globe history hourglass image inbox info keyboard languages laugh
    layers layout-template link list-filter loader-circle lock log-in log-out mail mail-open
    meh menu message-circle message-square mic monitor moon mouse-pointer-click
    paperclip pause pencil phone phone-call phone-forwarded phone-incoming phone-missed phone-off
    phone-outgoing play plus quote refresh-cw reply rotate-ccw route search send settings
    shield-check smile sparkles square-arrow-out-up-right star sticky-note sun sun-moon tag
    trash-2 triangle-alert undo-2 user user-check user-plus users video voicemail webhook
    wifi-off workflow x zap key fingerprint-pattern smartphone
    """
NAMES = frozenset(_NAMES.split())


@cache
def sprite() -> bytes:
    """Return the SVG document with a symbol for each name."""
    symbols = (
        f'<symbol id="{name}" viewBox="0 0 24 24">{_shapes(name)}</symbol>'
        for name in sorted(NAMES)
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'.encode()


def _shapes(name: str) -> str:
    return re.sub(r"\s*\n\s*|</?svg[^>]*>", "", lucide(name, size=None))


@cache
def digest() -> str:
    """Return what changes with the sprite and with nothing else: its address carries it."""
    return sha256(sprite()).hexdigest()[:8]


def icon(name: str, label: str = "") -> SafeString:
    """Return the icon: a drawing beside a text, or with a label, one that says it alone.

    `label` is what it says to those who do not see it.

    Raises LookupError for a name that is not in `NAMES`.
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


@require_safe
def icons(request: HttpRequest, digest: str) -> HttpResponse:
    """Serve the sprite, for good: another one has another address."""
    answer = HttpResponse(sprite(), content_type="image/svg+xml")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer
