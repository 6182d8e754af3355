"""What our commands share: whatever goes wrong is a line on stderr, and no traceback."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, CommandError
from django.db import DatabaseError


class PlainCommand(BaseCommand):
    """A command that a database out of order ends with a CommandError."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command."""
        try:
            return super().execute(*args, **options)
        except (DatabaseError, ImproperlyConfigured) as error:
            raise CommandError(f"The database: {str(error).partition(chr(10))[0]}") from error
