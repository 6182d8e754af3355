"""Who reads a page, as far as times and words go: in which zone, in which language, and when."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property

from django.conf import settings
from django.utils import timezone, translation

# Until then, how long ago says more than the time of day.
RECENT = timedelta(hours=12)


def spoken() -> str:
    """Return the language of the page that is made just now."""
    return translation.get_language() or settings.LANGUAGE_CODE


def _now() -> datetime:
    return timezone.now()


@dataclass(frozen=True)
class Here:
    """The reader's zone and language, and the moment, looked up once for a page."""

    zone: tzinfo = field(default_factory=timezone.get_current_timezone)
    language: str = field(default_factory=spoken)
    now: datetime = field(default_factory=_now)

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()
