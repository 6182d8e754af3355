"""The demo's way in: two people's passwords and an API key, made anew for each installation.

They are kept in a file that only its owner may read, because nothing else can show them twice.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from leads import keys
from leads.models import Account, ApiKey, Membership, Scope, User
from leads.services import create_api_key, revoke_api_key
from timeline.demo.example import LEAD_ID
from timeline.demo.people import HOUSES

KEY_NAME = "Demo"
STAFF_EMAIL = HOUSES[0].staff[0].email
ADMIN_EMAIL = "admin@example.com"


def ensure(path: Path) -> bool:
    """See to it that the file's sign-ins work; return whether new ones had to be made.

    The file is ``{"staff": {"email", "password"}, "admin": {…}, "api_key", "lead_id"}``, mode 0600.
    """
    if _works(path):
        return False
    sign_ins = {
        "staff": _let_in(User.objects.get(email=STAFF_EMAIL)),
        "admin": _let_in(_admin()),
        "api_key": _new_key(),
        "lead_id": str(LEAD_ID),
    }
    _write(path, json.dumps(sign_ins, indent=2) + "\n")
    return True


def _works(path: Path) -> bool:
    try:
        known: Any = json.loads(path.read_text())
        people = [(known["staff"], STAFF_EMAIL), (known["admin"], ADMIN_EMAIL)]
        mine = known["lead_id"] == str(LEAD_ID)
        return mine and all(_is_let_in(*who) for who in people) and _opens(known["api_key"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        # Not there, or not as we wrote it: either way it is of no use.
        return False


def _is_let_in(sign_in: dict[str, str], email: str) -> bool:
    user = User.objects.filter(email=email, is_active=True).first()
    return (
        user is not None and sign_in["email"] == email and user.check_password(sign_in["password"])
    )


def _opens(key: str) -> bool:
    row = ApiKey.objects.filter(digest=keys.digest(key), account=_account()).first()
    return row is not None and row.is_active()


def _account() -> Account:
    return Account.objects.get(name=HOUSES[0].name)


def _admin() -> User:
    user = User.objects.filter(email=ADMIN_EMAIL).first()
    user = user or User.objects.create_superuser(ADMIN_EMAIL, name="Robin Castle")
    # Of the house as well, so that whoever runs the installation sees what its people see.
    Membership.objects.get_or_create(
        user=user, account=_account(), defaults={"role": Membership.Role.ADMIN}
    )
    return user


def _let_in(user: User) -> dict[str, str]:
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.is_active = True
    user.save(update_fields=["password", "is_active"])
    return {"email": user.email, "password": password}


def _new_key() -> str:
    account = _account()
    for old in ApiKey.objects.filter(account=account, name=KEY_NAME, revoked_at=None):
        revoke_api_key(old)
    return create_api_key(account, KEY_NAME, list(Scope))[1]


def _write(path: Path, text: str) -> None:
    """Replace the file whole, readable by its owner from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123 - by descriptor
        file.write(text)
    draft.replace(path)
