"""The database backend: PostgreSQL's own, with a server that starts at the first connection.

    {"ENGINE": "config.embedded_postgres", "NAME": "leadline", "HOST": "/path/to/var/postgres"}

HOST is the folder of the server's data, made when it is missing. So is the database NAME.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from django.db.backends.postgresql import base, client

try:
    from config.embedded_postgres import cluster, places, server
except ImportError as error:  # no fcntl
    raise ImproperlyConfigured(
        "The embedded PostgreSQL needs Linux or macOS (on Windows: WSL). "
        "DATABASE_URL=postgresql://user:password@host:5432/name uses a server of yours instead."
    ) from error


class DatabaseClient(client.DatabaseClient):
    """`manage.py dbshell`, with the psql that belongs to the server."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        """Start the server and lead psql to it."""
        folder = Path(settings_dict["HOST"])
        with clear_errors(folder):
            host = server.use(folder, settings_dict["NAME"])
        there = {"HOST": str(host), "PORT": cluster.PORT, "USER": cluster.USER}
        arguments, environment = super().settings_to_cmd_args_env(
            {**settings_dict, **there}, parameters
        )
        return [str(server.binaries(folder) / "psql"), *arguments[1:]], environment


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the embedded server."""

    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        """Return psycopg's parameters, after making sure that there is a server to connect to."""
        return self._connection_params(look_again=False)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, once more if the server has gone since this process last looked."""
        try:
            return super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            if server.answers(self._folder):
                raise
            return super().get_new_connection(self._connection_params(look_again=True))

    @property
    def _folder(self) -> Path:
        return Path(self.settings_dict["HOST"])

    def _connection_params(self, *, look_again: bool) -> dict[str, Any]:
        params = super().get_connection_params()
        with clear_errors(self._folder):
            host = server.use(self._folder, params.get("dbname"), look_again=look_again)
        return {**params, "host": str(host), "port": cluster.PORT, "user": cluster.USER}


@contextmanager
def clear_errors(folder: Path) -> Iterator[None]:
    """Say in a line why there is no server, and what to do instead."""
    try:
        yield
    except (places.EmbeddedPostgresError, OSError, psycopg.Error) as error:
        raise OperationalError(
            f"The embedded PostgreSQL in {folder} cannot run: {error}. "
            "DATABASE_URL=postgresql://user:password@host:5432/name uses a server of yours instead."
        ) from error
