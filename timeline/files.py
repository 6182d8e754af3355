"""Files that came with entries: kept once, and found again by whoever may see them.

The content goes to Django's default storage before the row that leads to it is written, so a row
never leads nowhere, whenever a process dies.
"""

from collections.abc import Collection, Mapping
from hashlib import blake2b, sha256
from typing import Any, NamedTuple, TypedDict
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from timeline.file_names import safe_name, safe_type
from timeline.models import StoredFile, path_of
from timeline.reports import File


class Kept(TypedDict):
    """A kept file among an entry's attachments; `size` in bytes, `file` the id of `StoredFile`."""

    name: str
    type: str
    size: int
    file: str


class _Identity(NamedTuple):
    account_id: int
    digest: str
    name: str
    content_type: str


def keep(account_id: int, file: File) -> Kept:
    """Keep the file and return the attachment that tells of it; again, it changes nothing.

    An error of the storage (OSError, or the storage's own) is raised: nothing is then kept.
    """
    digest = sha256(file.content).hexdigest()
    identity = _Identity(account_id, digest, safe_name(file.name), safe_type(file.content_type))
    _store(path_of(account_id, digest), file.content)
    size = len(file.content)
    row = StoredFile(id=file_id(*identity), size=size, **identity._asdict())
    StoredFile.objects.bulk_create([row], ignore_conflicts=True)
    return Kept(name=identity.name, type=identity.content_type, size=size, file=str(row.id))


def file_id(account_id: int, digest: str, name: str, content_type: str) -> UUID:
    """Return the id of the account's file of this content, name and type."""
    # Only the type has a slash, and always one: nothing else is told like this.
    told = f"{account_id}/{digest}/{content_type}/{name}"
    return UUID(bytes=blake2b(told.encode(), digest_size=16).digest())


def _store(path: str, content: bytes) -> None:
    if default_storage.exists(path):
        return
    stored = default_storage.save(path, ContentFile(content))
    if stored != path:
        # Another process was faster, and this storage gives a name only once.
        default_storage.delete(stored)


def file_of(account_ids: Collection[int], file_id: UUID) -> StoredFile | None:
    """Return the file if it is one of these accounts', else None."""
    return StoredFile.objects.filter(pk=file_id, account_id__in=account_ids).first()


# --- Attachments, as they are shown --------------------------------------------------------------


def page_address(attachment: Mapping[str, Any]) -> str:
    """Return where the pages serve an attachment that is kept here; "" for any other."""
    kept = _kept(attachment)
    return reverse("file", args=[kept]) if kept else ""


def public_attachment(attachment: Mapping[str, Any]) -> dict[str, Any]:
    """Return an attachment for the API: ``{"name", "type", "size", "url"}``, null if not known.

    `size` is in bytes. `url` is the API's own for a file that is kept here, and asks for the key;
    else it is the provider's.
    """
    size = attachment.get("size")
    return {
        "name": _text(attachment, "name"),
        "type": _text(attachment, "type"),
        "size": size if isinstance(size, int) and not isinstance(size, bool) else None,
        "url": _public_address(attachment),
    }


def _public_address(attachment: Mapping[str, Any]) -> str | None:
    kept = _kept(attachment)
    if kept:
        return f"{settings.PUBLIC_URL}{reverse('api-file', args=[kept])}"
    url = _text(attachment, "url")
    return url if url and url.lower().startswith(("https://", "http://")) else None


def _text(attachment: Mapping[str, Any], name: str) -> str | None:
    value = attachment.get(name)
    return value if isinstance(value, str) and value else None


def _kept(attachment: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(attachment["file"])
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
