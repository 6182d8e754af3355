"""How providers know a lead, once one was matched."""

from typing import ClassVar

from django.db import models


class LeadIdentity(models.Model):
    """A provider's own name for a person, who is this lead of the account.

    A composite foreign key (account, lead), made in the migration, holds both to one account.
    """

    account = models.ForeignKey(
        "leads.Account", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.CASCADE, db_constraint=False, related_name="identities"
    )
    value = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "value"], name="leadidentity_once")
        ]

    def __str__(self) -> str:
        return self.value
