"""The databases, as settings: of `DATABASE_URL` and `DATABASE_REPLICA_URL`, or the embedded one."""

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environs import Env

# What stands in front of the database, if anything does: a pooler that gives each transaction
# whichever connection is free. What outlives a transaction is then lost: cursors that Django leaves
# open on the server, and prepared statements, which some poolers (PgBouncer 1.22 and newer) keep
# all the same.
POOLERS = ("", "transaction", "unprepared")

Database = dict[str, Any]


def databases(var_dir: Path, pooler: str) -> dict[str, Database]:
    """Return DATABASES; reads of the API are answered from `replica`, if there is one.

    `pooler` is one of `POOLERS`.

    Raises ImproperlyConfigured for what is not PostgreSQL.
    """
    found = {"default": _default(var_dir)}
    if os.environ.get("DATABASE_REPLICA_URL"):
        found["replica"] = _replica()
    return {alias: _served(database, pooler) for alias, database in found.items()}


def _default(var_dir: Path) -> Database:
    if os.environ.get("DATABASE_URL"):
        return _postgres("DATABASE_URL")
    return {
        "ENGINE": "config.embedded_postgres",
        "NAME": "leadline",
        "HOST": str(var_dir / "postgres"),
    }


def _replica() -> Database:
    database = _postgres("DATABASE_REPLICA_URL")
    # Of a server that is not there; libpq would wait for as long as TCP does.
    options = {"connect_timeout": 2, **database.get("OPTIONS", {})}
    return {**database, "OPTIONS": options, "TEST": {"MIRROR": "default"}}


def _postgres(variable: str) -> Database:
    """Return the database that the variable's URL names."""
    database: Database = Env().dj_db_url(variable)
    if database["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"{variable} must be postgresql://…: PostgreSQL is required")
    return database


def _served(database: Database, pooler: str) -> Database:
    """Return the database with how its connections are used."""
    options = {
        **database.get("OPTIONS", {}),
        # Of statements that are bound on the server, as leads/prepared.py does, not the ORM's:
        # they are prepared on their first run.
        "prepare_threshold": None if pooler == "unprepared" else 0,
    }
    if not pooler:
        # And planned once for all values. Planning costs more than reading a page, and PostgreSQL
        # goes on with it where a limit that it does not know looks large.
        given = options.get("options", "")
        options["options"] = f"{given} -c plan_cache_mode=force_generic_plan".lstrip()
    return {
        **database,
        "OPTIONS": options,
        "DISABLE_SERVER_SIDE_CURSORS": bool(pooler),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
