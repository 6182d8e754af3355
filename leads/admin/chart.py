"""A key's requests by day, drawn on the server: no script, no style attribute."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from leads.usage import Usage

_HEIGHT = 24
_STEP = 4


def chart(usage: Usage) -> SafeString:
    """Return the figures in words and, beside them, a bar for each day."""
    most = max(requests for _, requests in usage.days) or 1
    bars = [
        {
            "x": index * _STEP,
            "y": _HEIGHT - height,
            "height": height,
            "day": day,
            "requests": requests,
        }
        for index, (day, requests) in enumerate(usage.days)
        # A day with one request is not nothing, whatever the others are.
        if (height := max(2, round(_HEIGHT * requests / most)) if requests else 1)
    ]
    context = {"usage": usage, "bars": bars, "width": _STEP * len(bars), "height": _HEIGHT}
    return render_to_string("admin/_chart.html", context)
