"""`manage.py count_days`: prove that entries are counted rightly by day, and mend what is not."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from timeline import day_counts
from timeline.day_models import CountedLead


class Command(BaseCommand):
    """Compare the counts of every counted lead with its entries."""

    help = "Compare the counts by day of long leads with their entries; --repair counts anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--repair", action="store_true", help="count anew what is wrong")

    def handle(self, *_args: Any, **options: Any) -> None:
        wrong = 0
        leads = CountedLead.objects.order_by("account_id", "lead_id")
        for account_id, lead_id in leads.values_list("account_id", "lead_id").iterator():
            differences = day_counts.differences(account_id, lead_id)
            if not differences:
                continue
            wrong += 1
            first = differences[0]
            self.stdout.write(
                f"{lead_id}: {len(differences)} counts are wrong; from {first.day:%Y-%m-%d} on"
                f" {first.counted} are counted, {first.present} are there"
            )
            if options["repair"]:
                day_counts.count(account_id, lead_id)
        if not wrong:
            self.stdout.write(f"The counts of {_leads(leads.count())} are right.")
        elif options["repair"]:
            self.stdout.write(f"Counted {_leads(wrong)} anew.")
        else:
            raise CommandError(f"The counts of {_leads(wrong)} are wrong; --repair counts anew")


def _leads(number: int) -> str:
    return "1 lead" if number == 1 else f"{number:,} leads"
