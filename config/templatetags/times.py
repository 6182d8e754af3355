"""``{% ago key.created_at %}`` in Django's language, as ``|ago(here)`` is in our own pages."""

from datetime import datetime

from django import template
from markupsafe import Markup

from timeline import times
from timeline.here import Here

register = template.Library()


@register.simple_tag
def ago(at: datetime) -> Markup:
    """Return how long ago it was, with the exact time as its title."""
    return times.ago(at, Here())
