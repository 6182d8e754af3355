"""``{% icon "phone" %}`` in Django's language, for what ``icon("phone")`` is in our own pages."""

from django import template

from config.icons import icon

register = template.Library()
register.simple_tag(icon)
