"""The admin of leads, with their timelines, of entries, and of what tells of them."""

from timeline.admin import channels, deliveries, entries, leads

__all__ = ["channels", "deliveries", "entries", "leads"]
