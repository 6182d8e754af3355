"""`manage.py create_api_key`: a new key, printed once."""

import re
from argparse import ArgumentParser
from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.utils import timezone

from leads.management.arguments import account_named, in_words
from leads.management.base import PlainCommand
from leads.models import Scope
from leads.services import create_api_key


class Command(PlainCommand):
    """Make an API key; nothing but the key goes to stdout, so that a script can take it."""

    help = "Make an API key of an account and print it: it is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose key it is, and what it may do."""
        parser.add_argument("--account", required=True, metavar="NAME", help="whose key it is")
        parser.add_argument("--name", required=True, metavar="LABEL", help="what the key is for")
        parser.add_argument(
            "--scopes",
            default=Scope.HISTORY_READ.value,
            help=f"some of {', '.join(Scope.values)}, between commas (default: %(default)s)",
        )
        parser.add_argument(
            "--rate", metavar="N", help="requests a minute (default: the installation's)"
        )
        parser.add_argument(
            "--expires", metavar="WHEN", help="the last day, as 2027-01-31, or days, as 90d"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Make it and print it."""
        account = account_named(options["account"])
        expires_at = _expiry(options["expires"]) if options["expires"] is not None else None
        rate = _rate(options["rate"]) if options["rate"] is not None else None
        scopes = _scopes(options["scopes"])
        try:
            _, key = create_api_key(
                account, options["name"], scopes, rate_per_minute=rate, expires_at=expires_at
            )
        except ValidationError as error:
            raise CommandError(in_words(error)) from error
        self.stdout.write(key)
        until = f" It expires at {expires_at:%Y-%m-%d %H:%M %Z}." if expires_at else ""
        self.stderr.write(f"This is the only time the key is shown.{until}", self.style.NOTICE)


def _scopes(listed: str) -> list[str]:
    scopes = [scope.strip() for scope in listed.split(",") if scope.strip()]
    unknown = [scope for scope in scopes if scope not in Scope.values]
    if unknown or not scopes:
        what = f"There is no scope {unknown[0]!r}." if unknown else "A key needs a scope."
        raise CommandError(f"{what} Scopes are {', '.join(Scope.values)}.")
    return scopes


def _rate(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise CommandError(f"--rate must be a whole number of requests a minute, not {text!r}.")
    return int(text)


def _expiry(text: str) -> datetime:
    """Return the end of the day that was named, here, or the moment so many days from now."""
    now = timezone.localtime()
    try:
        if days := re.fullmatch(r"([0-9]+)d", text):
            moment = now + timedelta(days=int(days[1]))
        else:
            day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day, zoned below
            midnight = datetime.combine(day + timedelta(days=1), time())
            moment = timezone.make_aware(midnight)
    except (ValueError, OverflowError):
        raise CommandError(
            f"--expires must be a day, as 2027-01-31, or days, as 90d, not {text!r}."
        ) from None
    if moment <= now:
        raise CommandError(f"--expires {text} is over.")
    return moment
