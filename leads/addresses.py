"""Addresses of pages. A lead's page has hundreds, and reversing one costs as much as an entry."""

from functools import lru_cache
from uuid import UUID

from django.urls import reverse


def url(name: str, *ids: UUID | str) -> str:
    """Return the address of the page; `ids` fill its places in order."""
    return _form(name, len(ids)).format(*ids)


@lru_cache(maxsize=200)
def _form(name: str, places: int) -> str:
    """Return the page's address with "{}" in the places of ids."""
    stand_ins = [UUID(int=number) for number in range(places)]
    form = reverse(name, args=stand_ins)
    for stand_in in stand_ins:
        form = form.replace(str(stand_in), "{}")
    return form
