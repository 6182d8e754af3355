"""Reading the environment so that a mistake stops the boot instead of being guessed at."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

PREFIX = "LEADLINE_"


def refuse_unknown(known: Iterable[str]) -> None:
    """Raise ImproperlyConfigured for a `LEADLINE_…` variable that no setting reads.

    A misspelt LEADLINE_ALOWED_HOSTS would otherwise be as silent as a missing one.
    """
    names = {PREFIX + name for name in known}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in names)
    if unknown:
        raise ImproperlyConfigured(
            f"Unknown setting{'s' if len(unknown) > 1 else ''} in the environment: "
            f"{', '.join(unknown)}. Known: {', '.join(sorted(names))}."
        )


def kept_secret(path: Path) -> str:
    """Return the secret in the file, made on first use and readable by its owner only.

    Processes that start at once agree on one value: the file appears whole, by a hard link.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
