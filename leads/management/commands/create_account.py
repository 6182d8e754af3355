"""`manage.py create_account`: a new account."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import CommandError

from leads.management.arguments import find_account, in_words
from leads.management.base import PlainCommand
from leads.services import create_account


class Command(PlainCommand):
    """Make an account."""

    help = "Make an account."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the account's name and region."""
        parser.add_argument("name", metavar="NAME")
        parser.add_argument(
            "--region",
            default="",
            metavar="CL",
            help="ISO 3166 country whose notation phone numbers without a + are read in",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Make it, or say what is wrong with the name or the region."""
        taken = find_account(options["name"])
        if taken is not None:
            raise CommandError(f"There is an account {taken.name!r} already.")
        try:
            account = create_account(options["name"], options["region"])
        except ValidationError as error:
            raise CommandError(in_words(error)) from error
        self.stdout.write(f"Made the account {account.name!r}.")
