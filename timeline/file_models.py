"""Files that came with entries: where their contents are, in Django's default storage."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from timeline.file_names import NAME_LIMIT

TYPE_LIMIT = 127  # characters


class StoredFile(models.Model):
    """A file under one name. Several may be of one content, which is then stored once.

    `id` is a digest of all the rest (`timeline.files.file_id`): a file that is kept again, here or
    on another processor at the same time, is the same one.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    account = models.ForeignKey(
        "leads.Account", on_delete=models.CASCADE, related_name="+", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=NAME_LIMIT)
    content_type = models.CharField(_("type"), max_length=TYPE_LIMIT)
    size = models.BigIntegerField(_("size"))  # bytes
    # SHA-256 of the content, in hexadecimal.
    digest = models.CharField(max_length=64, editable=False)
    kept_at = models.DateTimeField(_("kept at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"), name="file_digest"
            ),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="file_size"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def path(self) -> str:
        """Where the content is in the storage: of the account, and by nothing a sender chose."""
        return path_of(self.account_id, self.digest)


def path_of(account_id: int, digest: str) -> str:
    """Return where a content of the account is stored, by its digest."""
    return f"{account_id}/{digest[:2]}/{digest}"
