"""Reads of the public API from a streaming replica, if `DATABASE_REPLICA_URL` names one.

Pages, the admin, webhooks and whatever writes stay with the primary, so that people read what they
wrote. Decision 0080 says what a client of the API may notice, and what of it is the operator's to
choose.
"""

import logging
import time
from typing import Any

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponseBase

from config.data import DataMiddleware
from leads import prepared

logger = logging.getLogger(__name__)

REPLICA = "replica"
# How long a replica that failed is left alone: who cannot be reached costs a time-out each time.
RESPITE = 10  # seconds

_READS = {"GET", "HEAD"}
_API = "/api/public/"


class Router:
    """Send the ORM where `leads.prepared` reads, and all its writes to the primary."""

    def db_for_read(self, _model: Any, **_hints: Any) -> str:
        return prepared.reads_from.get()

    def db_for_write(self, _model: Any, **_hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, _one: Any, _other: Any, **_hints: Any) -> bool:
        return True

    def allow_migrate(self, alias: str, _app_label: str, **_hints: Any) -> bool:
        return alias == DEFAULT_DB_ALIAS


class ReplicaDataMiddleware(DataMiddleware):
    """Answer reads of the API from the replica; from the primary while the replica is away."""

    _left_alone_until = 0.0

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        is_read = request.method in _READS and request.path_info.startswith(_API)
        if not is_read or time.monotonic() < self._left_alone_until:
            return super().answer(request)
        reset = prepared.reads_from.set(REPLICA)
        try:
            return super().answer(request)
        except (OperationalError, InterfaceError) as error:
            # Gone, or it cancelled the statement for the sake of what it replays.
            logger.warning("The replica failed, the primary answers: %s", error)
            self._left_alone_until = time.monotonic() + RESPITE
        finally:
            prepared.reads_from.reset(reset)
        connections[REPLICA].close()
        return super().answer(request)
