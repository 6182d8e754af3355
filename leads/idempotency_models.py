"""What was answered to requests that carried an `Idempotency-Key`."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class KeptAnswer(models.Model):
    """The answer to a request, for whoever asks the same again under the same key.

    It is written in the transaction of what the request wrote: both are there or neither is.
    """

    account = models.ForeignKey(
        "leads.Account", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    key = models.CharField(max_length=255)
    # Of method, path and body.
    digest = models.BinaryField(max_length=32)
    # Null until the request is done, which nobody but its own transaction can see.
    status = models.SmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            # Who comes second with a key waits here for the first one's transaction.
            models.UniqueConstraint(fields=["account", "key"], name="kept_answer_once")
        ]
        indexes: ClassVar = [
            # What has been kept for long enough.
            models.Index(fields=["created_at"], name="kept_answer_oldest")
        ]

    def __str__(self) -> str:
        return f"{self.status} · {self.created_at:%Y-%m-%d %H:%M}"
