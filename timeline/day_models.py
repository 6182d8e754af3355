"""How many entries a long lead has on each day; `timeline.day_counts` keeps and reads them."""

from typing import ClassVar

from django.db import models

from leads.models import Account, Lead


class CountedLead(models.Model):
    """A lead whose entries are counted by day: one that somebody pages deep into by offset.

    Of a history of many days, `width` days at a time are counted as one (`timeline.day_counts`).

    A composite foreign key (account, lead), made in the migration, holds both to one account.
    """

    pk = models.CompositePrimaryKey("account_id", "lead_id")
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    lead = models.ForeignKey(
        Lead, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    # Whoever counts the lead anew changes it, with the lead's row locked.
    width = models.SmallIntegerField(db_default=1)

    def __str__(self) -> str:
        return str(self.lead_id)


class DayCount(models.Model):
    """A part of the number of entries that a counted lead has on one day, of one kind and channel.

    Where the lead has a width, it is of the days from `day` on that are counted as one.

    Writers add rows and never change one, so they do not wait for each other; the number is the sum
    of the rows.
    """

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    lead = models.ForeignKey(
        Lead, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    # Midnight in UTC, when the day begins, or the first of those that are counted as one.
    day = models.DateTimeField()
    # The table, by its place in `branches.TABLES`.
    kind = models.SmallIntegerField()
    channel = models.CharField(max_length=10)
    entries = models.IntegerField()

    class Meta:
        indexes: ClassVar = [
            # All days of a lead, for the page at an offset.
            models.Index(
                fields=["account", "lead", "day"],
                include=["kind", "channel", "entries"],
                name="daycount_days",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.channel}: {self.entries:+}"
