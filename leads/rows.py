"""Models made of rows that prepared statements read, where the ORM's own way costs too much.

A query of the ORM is put together anew for each request, and parsed and planned anew by PostgreSQL:
four of them took a third of what a lead's page takes.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import models

from leads import prepared

Model = TypeVar("Model", bound=models.Model)


def names_of(model: type[models.Model], *without: str) -> tuple[str, ...]:
    """Return the names of the model's columns, less those that are deferred."""
    names = (field.attname for field in model._meta.concrete_fields)
    return tuple(name for name in names if name not in without)


def columns_of(table: str, names: Sequence[str]) -> str:
    """Return the columns as a list for SELECT; `table` is the table's name in the statement."""
    return ", ".join(f"{table}.{name}" for name in names)


def made_of(model: type[Model], names: Sequence[str], row: Sequence[Any]) -> Model:
    """Return the instance that the row of these columns is; the others are loaded if need be."""
    return model.from_db(prepared.reads_from.get(), names, row)
