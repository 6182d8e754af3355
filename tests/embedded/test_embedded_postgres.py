"""The embedded server's life: it starts with its first user and stops with its last.

Users are processes of their own, as in the field; the kernel's locks tell who lives.
"""

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded_postgres import cluster, places, root
from config.embedded_postgres.remove import remove
from tests.embedded.users import (
    DEADLINE_SECONDS,
    all_is_quiet,
    eventually,
    guardian,
    pipe,
    postmaster,
    server_lives,
    user_of,
)

IS_ROOT = os.geteuid() == 0
IS_LINUX = sys.platform == "linux"


@pytest.fixture(scope="module")
def made_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cluster that several tests start and stop: making one takes seconds."""
    folder = tmp_path_factory.mktemp("embedded") / "postgres"
    yield folder
    remove(folder)


@pytest.fixture
def folder(made_folder: Path) -> Iterator[Path]:
    yield made_folder
    if made_folder.exists():
        eventually(lambda: all_is_quiet(made_folder))


@pytest.fixture
def new_folder(tmp_path: Path) -> Iterator[Path]:
    # Deep enough for a private parent, and named so that no socket's path holds it.
    folder = tmp_path / "private" / ("long" * 30) / "größe, mit leerzeichen" / "postgres"
    (tmp_path / "private").mkdir(mode=0o700)
    yield folder
    remove(folder)


def test_starts_with_a_database_that_knows_every_script(folder: Path) -> None:
    with user_of(folder) as user:
        assert user.ask("SELECT current_database()") == "leadline"
        assert user.ask("SELECT lower('ÄÉЖ')") == "äéж"
        assert user.ask("SHOW listen_addresses") == ""
        assert user.ask("SHOW fsync") == "on"


def test_two_processes_share_one_server(folder: Path) -> None:
    with user_of(folder) as one, user_of(folder) as other:
        started = "SELECT pg_postmaster_start_time()::text"
        assert one.ask(started) == other.ask(started)


def test_data_survives_a_restart(folder: Path) -> None:
    with user_of(folder) as user:
        user.ask("CREATE TABLE kept AS SELECT 42 AS answer")
        user.leave()
    eventually(lambda: all_is_quiet(folder))
    with user_of(folder) as user:
        assert user.ask("SELECT answer FROM kept") == 42
        user.ask("DROP TABLE kept")


def test_stops_once_the_last_user_left(folder: Path) -> None:
    with user_of(folder) as one, user_of(folder) as other:
        one.ask("SELECT 1")
        other.ask("SELECT 1")
        one.leave()
        assert other.ask("SELECT 1") == 1
        assert server_lives(folder)
        other.leave()
        eventually(lambda: all_is_quiet(folder))


def test_stops_though_its_only_user_was_killed(folder: Path) -> None:
    with user_of(folder) as user:
        user.ask("SELECT 1")
        user.kill()
        eventually(lambda: all_is_quiet(folder))


def test_a_forked_child_keeps_the_server_when_its_parent_has_left(folder: Path) -> None:
    with user_of(folder) as user:
        started = user.ask("SELECT pg_postmaster_start_time()::text")
        user.send("fork")
        assert user.process.wait(DEADLINE_SECONDS) == 0
        assert user.ask("SELECT pg_postmaster_start_time()::text") == started
        pipe(user.process.stdin).close()
        eventually(lambda: all_is_quiet(folder))


def test_a_killed_server_is_started_again_by_the_next_connection(folder: Path) -> None:
    with user_of(folder) as user:
        started = user.ask("SELECT pg_postmaster_start_time()::text")
        os.kill(postmaster(folder), signal.SIGKILL)
        assert user.ask("SELECT pg_postmaster_start_time()::text") != started


@pytest.mark.skipif(not IS_LINUX, reason="elsewhere the next guardian stops the old server")
def test_a_killed_guardian_leaves_no_server_behind(folder: Path) -> None:
    with user_of(folder) as user:
        user.ask("SELECT 1")
        os.kill(guardian(folder), signal.SIGKILL)
        eventually(lambda: all_is_quiet(folder))
        assert user.ask("SELECT 1") == 1


@pytest.mark.skipif(not IS_LINUX, reason="reads /proc")
def test_the_server_does_not_know_its_users_environment(folder: Path) -> None:
    with user_of(folder) as user:
        user.ask("SELECT 1")
        for process in (postmaster(folder), guardian(folder)):
            assert b"sesame" not in Path(f"/proc/{process}/environ").read_bytes()


def test_a_server_that_cannot_start_says_why_and_what_to_do(folder: Path) -> None:
    with user_of(folder) as user:
        user.ask("SELECT 1")
        user.leave()
    eventually(lambda: all_is_quiet(folder))
    version = folder / "data" / "PG_VERSION"
    version.write_text("12\n")
    with user_of(folder) as user:
        user.send("SELECT 1")
        error = str(user.answer()["error"])
    version.write_text(f"{places.MAJOR_VERSION}\n")
    assert "made by PostgreSQL 12" in error
    assert "DATABASE_URL=" in error
    assert str(folder.resolve() / "log") in error
    assert "\n" not in error


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, places.PACKAGE, None)
    with pytest.raises(places.EmbeddedPostgresError, match=places.DISTRIBUTION):
        places.find_wheel()


def test_two_first_users_at_once_make_one_cluster(new_folder: Path) -> None:
    with user_of(new_folder) as one, user_of(new_folder) as other:
        for user in (one, other):
            user.send("SELECT pg_postmaster_start_time()::text")
        assert one.answer()["value"] == other.answer()["value"]


@pytest.mark.skipif(not IS_LINUX, reason="reads /proc")
def test_a_half_made_cluster_is_made_anew(new_folder: Path) -> None:
    with user_of(new_folder) as user:
        user.send("SELECT 1")
        eventually((new_folder / "data.incoming" / "PG_VERSION").exists)
        user.kill()
        os.kill(guardian(new_folder), signal.SIGKILL)
    eventually(lambda: all_is_quiet(new_folder))
    assert not (new_folder / "data").exists()
    with user_of(new_folder) as user:
        assert user.ask("SELECT 1") == 1


def test_a_path_unfit_for_a_socket_works(new_folder: Path) -> None:
    with user_of(new_folder) as user:
        user.ask("SELECT 1")
        sockets = cluster.socket_folder(new_folder.resolve())
        assert sockets.stat().st_mode & 0o777 == 0o700
        user.leave()
    eventually(lambda: all_is_quiet(new_folder))
    assert IS_ROOT or not sockets.exists()


def test_remove_refuses_while_the_server_is_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.embedded_postgres.remove.STOP_SECONDS", 0)
    with user_of(folder) as user:
        user.ask("SELECT 1")
        with pytest.raises(TimeoutError):
            remove(folder)
        assert user.ask("SELECT 1") == 1


def test_no_parent_is_opened_to_others(new_folder: Path) -> None:
    modes = {parent: parent.stat().st_mode for parent in new_folder.parents if parent.exists()}
    with user_of(new_folder) as user:
        user.ask("SELECT 1")
    assert {parent: parent.stat().st_mode for parent in modes} == modes


@pytest.mark.skipif(not IS_ROOT, reason="only root's data lives outside the checkout")
class TestAsRoot:
    def test_the_server_runs_as_another_user(self, folder: Path) -> None:
        with user_of(folder) as user:
            user.ask("SELECT 1")
            for process in (postmaster(folder), guardian(folder)):
                assert Path(f"/proc/{process}").stat().st_uid not in {0, None}
            assert folder.readlink().parent == root.FOLDER
            assert folder.stat().st_mode & 0o777 == 0o700

    def test_a_dangling_link_is_replaced(self, new_folder: Path) -> None:
        new_folder.parent.mkdir(parents=True)
        new_folder.symlink_to(root.FOLDER / "home-gone")
        with user_of(new_folder) as user:
            assert user.ask("SELECT 1") == 1

    def test_a_copied_checkout_gets_data_of_its_own(self, folder: Path, new_folder: Path) -> None:
        with user_of(folder) as user:
            user.ask("SELECT 1")
            new_folder.parent.mkdir(parents=True)
            shutil.copy(folder, new_folder, follow_symlinks=False)
            with user_of(new_folder) as other:
                other.ask("SELECT 1")
        assert new_folder.readlink() != folder.readlink()

    def test_a_moved_checkout_keeps_its_data(self, folder: Path) -> None:
        with user_of(folder) as user:
            user.ask("SELECT 1")
        moved = folder.rename(folder.with_name("moved"))
        home = moved.readlink()
        with user_of(moved) as user:
            user.ask("SELECT 1")
        assert moved.readlink() == home
        eventually(lambda: all_is_quiet(moved))
        moved.rename(folder)
