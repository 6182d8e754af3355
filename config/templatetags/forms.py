"""``{% control form.field %}``: a form's control in the product's look."""

from django import template
from django.forms import BoundField, CheckboxInput, Select, Textarea
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """Return the field's control; its label is above it, so that no placeholder repeats it."""
    return field.as_widget(attrs={"class": _look(field), "placeholder": False})


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the label belongs behind the control."""
    return isinstance(field.field.widget, CheckboxInput)


def _look(field: BoundField) -> str | bool:
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        return False
    if isinstance(widget, Select):
        return "select"
    return "textarea" if isinstance(widget, Textarea) else "input"
