"""The admin of leads, with their timelines, and of entries."""

from timeline.admin import entries, leads

__all__ = ["entries", "leads"]
