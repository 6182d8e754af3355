"""What is named on a command line, found, or a CommandError that helps."""

from shlex import quote

from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.db.models import Value
from django.db.models.functions import Lower

from leads.models import Account


def find_account(name: str) -> Account | None:
    """Return the account of the name, without regard to case.

    The database lower-cases, as it does for the constraint that keeps names apart.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        raise CommandError(f"{name!r} is not UTF-8.") from None
    if "\0" in name:
        raise CommandError("A name has no NUL character.")
    matches = Account.objects.alias(lower=Lower("name")).filter(lower=Lower(Value(name.strip())))
    return matches.first()


def account_named(name: str) -> Account:
    """Return the account of the name; raise CommandError if there is none."""
    account = find_account(name)
    if account is None:
        raise CommandError(
            f"There is no account {name!r}. To make it: manage.py create_account {quote(name)}"
        )
    return account


def in_words(error: ValidationError) -> str:
    """Return what is wrong, field by field, on one line."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        f"{field}: {message}"
        for field, messages in error.message_dict.items()
        for message in messages
    )
