"""What a run leaves behind, taken away: after it, and before the next should one be interrupted."""

from leads.models import ApiKey
from timeline import day_counts
from timeline.bench.dataset import Dataset
from timeline.bench.filling import vacuum
from timeline.bench.sayings import WRITTEN
from timeline.inbox_models import Delivery, EntryReport, ProviderChannel
from timeline.models import MODEL_OF, DayCount

# Of the entries that are written while measuring.
_SOURCES = (WRITTEN, "whatsapp")


def tidy(data: Dataset) -> None:
    """Make the dataset what it was when it was built, its long lead counted by day.

    Leads that are paged deep into by offset are counted from then on; here that is no accident.
    """
    for model in (EntryReport, Delivery, ProviderChannel, ApiKey):
        model._default_manager.filter(account=data.account).delete()
    for entries in MODEL_OF.values():
        entries._default_manager.filter(account=data.account, source__in=_SOURCES).delete()
    # Rows that are gone would be walked over: before counting for room, and after.
    vacuum(*MODEL_OF.values(), DayCount)
    day_counts.count(data.account.pk, data.long)
    vacuum(DayCount)
