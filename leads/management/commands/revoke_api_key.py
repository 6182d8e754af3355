"""`manage.py revoke_api_key`: a key that is no longer good."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management import CommandError
from django.db.models import Q

from leads import keys
from leads.management.arguments import account_named
from leads.management.base import PlainCommand
from leads.models import ApiKey
from leads.services import revoke_api_key

# Candidates that an ambiguous beginning is answered with.
_LISTED = 20


class Command(PlainCommand):
    """Revoke an API key."""

    help = "Revoke an API key, from the next request on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what names the key."""
        parser.add_argument(
            "key", metavar="PREFIX_OR_ID", help="how the key begins, its id, or the key itself"
        )
        parser.add_argument("--account", metavar="NAME", help="whose key it is")

    def handle(self, *_args: object, **options: Any) -> None:
        """Revoke the one key that is meant."""
        found = ApiKey.objects.select_related("account").filter(_meant(options["key"]))
        if options["account"] is not None:
            found = found.filter(account=account_named(options["account"]))
        api_key = _only(list(found[: _LISTED + 1]))
        line = _line(api_key)
        if api_key.revoked_at is not None:
            self.stdout.write(f"There is nothing to do: {line}.")
        else:
            revoke_api_key(api_key)
            self.stdout.write(f"Revoked {line}.")


def _meant(text: str) -> Q:
    # Lists show a key's beginning with an ellipsis.
    text = text.strip().rstrip("…")
    if keys.is_well_formed(text):
        return Q(digest=keys.digest(text))
    try:
        return Q(pk=UUID(text))
    except ValueError:
        pass
    if not text.isascii() or "\0" in text or len(text) <= len(keys.PREFIX):
        raise CommandError(
            f"{text!r} names no key: give its id, or its beginning past {keys.PREFIX}."
        )
    # No more of a key is kept than lists show.
    return Q(prefix__startswith=text[: keys.VISIBLE_LENGTH])


def _only(found: list[ApiKey]) -> ApiKey:
    if not found:
        raise CommandError("There is no such key.")
    if len(found) > 1:
        lines = [f"  {api_key.pk}  {_line(api_key)}" for api_key in found[:_LISTED]]
        lines += ["  …"] if len(found) > _LISTED else []
        raise CommandError("\n".join(["Several keys begin so. Give the id of one:", *lines]))
    return found[0]


def _line(api_key: ApiKey) -> str:
    since = f", revoked {api_key.revoked_at:%Y-%m-%d %H:%M %Z}" if api_key.revoked_at else ""
    return f"{api_key.name!r} ({api_key.prefix}…) of {api_key.account.name!r}{since}"
