"""``{% dates cl %}``: a list's years, months and days to go to, without reading the list.

Django's own reads every row to tell which days have any. Here a year, a month, a day is offered if
it lies between the first row and the last: two index look-ups.
"""

import calendar
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst

register = template.Library()


@register.inclusion_tag("admin/date_hierarchy.html")
def dates(cl: Any) -> dict[str, Any]:
    """Return what Django's template of the same purpose takes."""
    parts = _chosen(cl)
    if cl.query and not parts:
        # What a search finds is few, and no index finds its first and its last.
        return {"show": False}
    chosen = [{"title": str(parts[0]), "link": _link(cl, parts[:1])}] if parts else []
    if len(parts) > 1:
        month = capfirst(date_format(date(parts[0], parts[1], 1), "YEAR_MONTH_FORMAT"))
        chosen.append({"title": month, "link": _link(cl, parts[:2])})
    everything = {"title": capfirst(cl.opts.verbose_name_plural), "link": _link(cl, [])}
    return {
        "show": True,
        "back": [everything, *chosen][len(parts) - 1] if parts else None,
        "choices": list(_choices(cl, parts)),
    }


def _chosen(cl: Any) -> list[int]:
    parts: list[int] = []
    for name in ("year", "month", "day"):
        text = str(cl.params.get(f"{cl.date_hierarchy}__{name}", ""))
        if not text.isdecimal():
            break
        parts.append(int(text))
    return parts


def _choices(cl: Any, parts: list[int]) -> Iterator[dict[str, str]]:
    if not parts:
        for year in _years(cl):
            yield {"title": str(year), "link": _link(cl, [year])}
    elif len(parts) == 1:
        for month in range(1, 13):
            title = capfirst(date_format(date(parts[0], month, 1), "F"))
            yield {"title": title, "link": _link(cl, [parts[0], month])}
    elif len(parts) == 2:
        for day in range(1, calendar.monthrange(*parts)[1] + 1):
            yield {"title": str(day), "link": _link(cl, [*parts, day])}
    else:
        yield {"title": capfirst(date_format(date(*parts), "MONTH_DAY_FORMAT")), "link": ""}


def _years(cl: Any) -> range:
    """Return the years from the first row of the list to the last, in the order it is kept in."""
    order = getattr(cl, "date_order", cl.date_hierarchy)
    rows = cl.queryset.order_by(order).values_list(cl.date_hierarchy, flat=True)
    first, last = rows.first(), rows.reverse().first()
    if first is None:
        return range(0)
    return range(_year(first), _year(last) + 1)


def _year(at: datetime) -> int:
    return timezone.localtime(at).year


def _link(cl: Any, parts: list[int]) -> str:
    names = (f"{cl.date_hierarchy}__{name}" for name in ("year", "month", "day"))
    query: str = cl.get_query_string(
        dict(zip(names, parts, strict=False)), [f"{cl.date_hierarchy}__"]
    )
    return query
