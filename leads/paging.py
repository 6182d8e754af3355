"""Pages of the lead list by keyset: a page costs the same wherever in the list it begins."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leads.models import Lead

PAGE_SIZE = 50

_signer = Signer(salt="leads.paging")


class Sort(NamedTuple):
    """An order of the list; ties in `column` fall by id, in the same direction."""

    key: str
    label: str | Promise
    column: str
    descending: bool


SORTS = {
    sort.key: sort
    for sort in (
        Sort("newest", _("Newest first"), "created_at", descending=True),
        Sort("oldest", _("Oldest first"), "created_at", descending=False),
        Sort("name", _("By name"), "sort_name", descending=False),
    )
}


class Page(NamedTuple):
    """Leads in the order asked for, and the cursors of the pages beside; "" where there is none."""

    leads: list[Lead]
    previous: str
    next: str


class _Place(NamedTuple):
    """A place between two leads, and which way a page goes from there."""

    sort: str
    backwards: bool
    value: str
    id: str


class InvalidCursor(ValueError):
    """The text is no cursor of ours, or one of another order."""


def read_page(leads: QuerySet[Lead], sort: Sort, cursor: str, size: int = PAGE_SIZE) -> Page:
    """Return up to `size` of the leads from the cursor on.

    A cursor that is not ours, or is one of another order, begins at the list's beginning.
    """
    place = _place(cursor, sort)
    page = _page(leads, sort, place, size)
    if not page.leads and place is not None:
        return _page(leads, sort, None, size)
    return page


def read_next_page(leads: QuerySet[Lead], sort: Sort, cursor: str, size: int) -> Page:
    """Return up to `size` of the leads behind the cursor, a page's `next`; "" is the beginning.

    Raises InvalidCursor.
    """
    place = _place(cursor, sort)
    if cursor and (place is None or place.backwards):
        raise InvalidCursor(cursor)
    return _page(leads, sort, place, size)


def _page(leads: QuerySet[Lead], sort: Sort, place: _Place | None, size: int) -> Page:
    backwards = place is not None and place.backwards
    descending = sort.descending != backwards
    rest = leads
    if place is not None:
        beyond = TupleLessThan if descending else TupleGreaterThan
        rest = leads.filter(beyond((sort.column, "id"), _position(place, sort)))
    way = "-" if descending else ""
    rows = list(rest.order_by(f"{way}{sort.column}", f"{way}id")[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if not rows:
        return Page([], previous="", next="")
    if backwards:
        rows.reverse()
    return Page(
        rows,
        previous=_cursor(rows[0], sort, backwards=True) if (more if backwards else place) else "",
        next=_cursor(rows[-1], sort, backwards=False) if more or backwards else "",
    )


def _cursor(lead: Lead, sort: Sort, *, backwards: bool) -> str:
    value = getattr(lead, sort.column)
    text = value.isoformat() if isinstance(value, datetime) else value
    return _signer.sign_object(_Place(sort.key, backwards, text, str(lead.pk)))


def _place(cursor: str, sort: Sort) -> _Place | None:
    try:
        place = _Place._make(_signer.unsign_object(cursor))
    except BadSignature:
        return None
    return place if place.sort == sort.key else None


def _position(place: _Place, sort: Sort) -> tuple[Any, UUID]:
    is_time = sort.column == "created_at"
    return datetime.fromisoformat(place.value) if is_time else place.value, UUID(place.id)
