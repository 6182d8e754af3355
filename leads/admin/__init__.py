"""The admin of accounts, people, keys and the audit trail. Leads are in `timeline.admin`."""

from leads.admin import accounts, keys, people, trail

__all__ = ["accounts", "keys", "people", "trail"]
