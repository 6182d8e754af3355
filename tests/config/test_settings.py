"""Settings from the environment: safe without any, and a mistake stops the boot and is named."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

BOOT = """
import json, sys
from django.conf import settings
settings.DEBUG
print(json.dumps([getattr(settings, name) for name in sys.argv[1:]], default=str))
"""


def boot(folder: Path, *names: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start Django with this environment and no other; print the settings of these names."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LEADLINE_") and name not in {"DATABASE_URL", "PYTHONWARNINGS"}
    }
    clean |= {"DJANGO_SETTINGS_MODULE": "config.settings", "LEADLINE_VAR_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", BOOT, *names],
        cwd=settings.BASE_DIR,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def settings_of(folder: Path, *names: str, **environment: str) -> list[Any]:
    result = boot(folder, *names, **environment)
    assert result.returncode == 0, result.stderr
    values: list[Any] = json.loads(result.stdout)
    return values


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEADLINE_ALOWED_HOSTS", "example.com"),
        ("LEADLINE_DEBUGG", "1"),
        ("LEADLINE_debug", "1"),
        ("LEADLINE_DEBUG", "maybe"),
        ("LEADLINE_BEHIND_PROXY", "perhaps"),
        ("LEADLINE_RATE_PER_MINUTE", "many"),
        ("LEADLINE_RATE_PER_MINUTE", "0"),
        ("LEADLINE_RATE_PER_MINUTE", "-600"),
        ("LEADLINE_WORKERS", "two"),
        ("LEADLINE_WORKERS", "0"),
        ("LEADLINE_WORKERS", "2"),  # without a Redis
        ("LEADLINE_THREADS", "0"),
        ("LEADLINE_LOG_LEVEL", "LOUD"),
        ("LEADLINE_PUBLIC_URL", "leads.example.com"),
        ("LEADLINE_PUBLIC_URL", "ftp://leads.example.com"),
        ("LEADLINE_PUBLIC_URL", "https://"),
        ("LEADLINE_PUBLIC_URL", "https://[leads"),
        ("LEADLINE_PUBLIC_URL", "https://leads.example.com:port"),
        ("LEADLINE_TIME_ZONE", "Mars/Olympus"),
        ("LEADLINE_REDIS_URL", "localhost"),
        ("LEADLINE_POOLER", "session"),
        ("DATABASE_URL", "mysql://root@localhost/leadline"),
        ("DATABASE_URL", "leadline"),
        ("DATABASE_REPLICA_URL", "mysql://root@localhost/leadline"),
    ],
)
def test_a_mistake_in_the_environment_stops_the_boot_and_is_named(
    tmp_path: Path, name: str, value: str
) -> None:
    result = boot(tmp_path, **{name: value})
    assert result.returncode != 0
    assert name in result.stderr.splitlines()[-1]


def test_all_unknown_variables_are_named_at_once_beside_the_known_ones(tmp_path: Path) -> None:
    result = boot(tmp_path, LEADLINE_FOO="", LEADLINE_BAR="1")
    last = result.stderr.splitlines()[-1]
    assert "LEADLINE_BAR, LEADLINE_FOO" in last
    assert "LEADLINE_ALLOWED_HOSTS" in last


def test_without_any_setting_it_runs_and_is_safe(tmp_path: Path) -> None:
    debug, hosts, rate, level, workers = settings_of(
        tmp_path, "DEBUG", "ALLOWED_HOSTS", "RATE_PER_MINUTE", "LOGGING", "WORKERS"
    )
    assert debug is False
    assert "*" not in hosts
    assert set(hosts) == {"localhost", "127.0.0.1", "[::1]"}
    assert rate == 600
    assert level["root"]["level"] == 30
    assert workers == 1


def test_the_secret_is_made_once_kept_and_for_nobody_else_to_read(tmp_path: Path) -> None:
    first, second = (settings_of(tmp_path, "SECRET_KEY") for _ in range(2))
    assert first == second
    assert len(first[0]) >= 50
    (kept,) = tmp_path.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert settings_of(tmp_path / "elsewhere", "SECRET_KEY") != first


def test_a_secret_that_is_given_is_taken_and_not_written_down(tmp_path: Path) -> None:
    given = "x" * 60
    assert settings_of(tmp_path, "SECRET_KEY", LEADLINE_SECRET_KEY=given) == [given]
    assert not list(tmp_path.iterdir())


def test_an_https_address_makes_everything_ask_for_https(tmp_path: Path) -> None:
    names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"]
    given = {"LEADLINE_PUBLIC_URL": "https://leads.example.com/"}
    assert settings_of(tmp_path, *names) == [False] * 3
    assert settings_of(tmp_path, *names, **given) == [True] * 3
    hosts, origins, seconds = settings_of(
        tmp_path, "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "SECURE_HSTS_SECONDS", **given
    )
    assert hosts == ["leads.example.com"]
    assert origins == ["https://leads.example.com"]
    assert seconds == 365 * 24 * 3600


def test_the_api_is_never_redirected_to_https_with_a_key_already_sent(tmp_path: Path) -> None:
    (exempt,) = settings_of(tmp_path, "SECURE_REDIRECT_EXEMPT")
    assert exempt == ["^api/"]


def test_a_database_that_is_named_is_used(tmp_path: Path) -> None:
    url = "postgresql://ana:secret@db.example.com:5433/leads"
    (databases,) = settings_of(tmp_path, "DATABASES", DATABASE_URL=url)
    database = databases["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"], database["NAME"]) == (
        "db.example.com",
        5433,
        "leads",
    )
    assert database["OPTIONS"]["prepare_threshold"] == 0
    assert not database["DISABLE_SERVER_SIDE_CURSORS"]


@pytest.mark.parametrize(("pooler", "threshold"), [("transaction", 0), ("unprepared", None)])
def test_behind_a_pooler_nothing_outlives_a_transaction_that_it_does_not_keep(
    tmp_path: Path, pooler: str, threshold: int | None
) -> None:
    (databases,) = settings_of(tmp_path, "DATABASES", LEADLINE_POOLER=pooler)
    assert databases["default"]["OPTIONS"]["prepare_threshold"] == threshold
    assert databases["default"]["DISABLE_SERVER_SIDE_CURSORS"]


def test_options_that_a_database_is_named_with_are_kept(tmp_path: Path) -> None:
    url = "postgresql://db.example.com/leads?sslmode=verify-full&options=-c%20statement_timeout%3D9"
    (databases,) = settings_of(tmp_path, "DATABASES", DATABASE_URL=url)
    options = databases["default"]["OPTIONS"]
    assert options["sslmode"] == "verify-full"
    given, ours = options["options"].split(" -c ")
    assert given == "-c statement_timeout=9"
    assert ours == "plan_cache_mode=force_generic_plan"


def test_without_a_replica_nothing_looks_for_one(tmp_path: Path) -> None:
    names = ["DATABASES", "DATABASE_ROUTERS", "MIDDLEWARE"]
    databases, routers, middleware = settings_of(tmp_path, *names)
    assert list(databases) == ["default"]
    assert not routers
    assert "config.data.DataMiddleware" in middleware
    url = "postgresql://ana@replica.example.com/leads?target_session_attrs=standby"
    databases, routers, middleware = settings_of(tmp_path, *names, DATABASE_REPLICA_URL=url)
    replica = databases["replica"]
    assert replica["HOST"] == "replica.example.com"
    assert replica["OPTIONS"]["target_session_attrs"] == "standby"
    assert replica["OPTIONS"]["connect_timeout"] == 2
    assert replica["CONN_MAX_AGE"] is None
    assert routers == ["config.replica.Router"]
    assert "config.replica.ReplicaDataMiddleware" in middleware
    assert "config.data.DataMiddleware" not in middleware


def test_several_workers_count_in_redis(tmp_path: Path) -> None:
    given = {"LEADLINE_WORKERS": "2", "LEADLINE_REDIS_URL": "redis://localhost:6379/0"}
    workers, caches = settings_of(tmp_path, "WORKERS", "CACHES", **given)
    assert workers == 2
    assert caches["default"]["BACKEND"].endswith("RedisCache")


def test_attached_files_are_in_a_folder_or_in_a_bucket(tmp_path: Path) -> None:
    (folder,) = settings_of(tmp_path, "STORAGES")
    assert folder["default"]["BACKEND"].endswith("LocalFiles")
    assert folder["default"]["OPTIONS"]["location"] == str(tmp_path / "media")
    given = {
        "LEADLINE_FILES_S3_BUCKET": "acme-files",
        "LEADLINE_FILES_S3_ENDPOINT": "https://minio.example.com",
        "LEADLINE_FILES_S3_PREFIX": "leadline",
    }
    (bucket,) = settings_of(tmp_path, "STORAGES", **given)
    assert bucket["default"]["BACKEND"] == "storages.backends.s3.S3Storage"
    options = bucket["default"]["OPTIONS"]
    assert options["bucket_name"] == "acme-files"
    assert options["endpoint_url"] == "https://minio.example.com"
    assert (options["location"], options["default_acl"]) == ("leadline", None)
    assert options["access_key"] is None
