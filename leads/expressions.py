"""PostgreSQL functions as expressions of the ORM."""

from collections.abc import Sequence

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import Field, Func, TextField, Value


class Words(Func):
    """A tsvector of just these words: neither parsed nor stemmed, without positions."""

    function = "array_to_tsvector"

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__(
            Value(list(words), output_field=ArrayField(TextField())),
            output_field=SearchVectorField(),
        )


class Query(SearchQuery):
    """A tsquery as it is written: `to_tsquery` would parse its words once more."""

    template = "%(expressions)s::tsquery"


class TransactionId(Field):  # type: ignore[type-arg] # generic in the stubs alone
    """A column of type xid8: the 64-bit number of a transaction."""

    def db_type(self, connection: object) -> str:
        return "xid8"


class CurrentTransaction(Func):
    """The number of the transaction that runs."""

    function = "pg_current_xact_id"
    output_field = TransactionId()
