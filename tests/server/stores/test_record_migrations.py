"""PostgreSQL's schema: built once whoever starts, whole or not at all, and never without a copy of what was there."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from postgres import ESCAPED, PASSWORD, Postgres

from argus.errors import StoreError, StoreUnavailable
from argus.server.stores.base import App, Key
from argus.server.stores.postgres import migrations
from argus.server.stores.postgres.dump import dump
from argus.server.stores.postgres.store import PostgresRecordStore

OPEN = """
import sys
from pathlib import Path
from argus.server.stores.postgres import migrations
from argus.server.stores.postgres.store import PostgresRecordStore

migrations.migrate.__defaults__ = (Path(sys.argv[2]),)
store = PostgresRecordStore(sys.argv[1], Path(sys.argv[3]))
store.apps()
store.close()
"""


def opening(url: str, folder: Path, backups: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", OPEN, url, str(folder), str(backups)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def numbers(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM schema_migrations ORDER BY number")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The migrations there are, in a place where a test may add one."""
    return Path(shutil.copytree(migrations.FOLDER, tmp_path / "migrations"))


def with_an_application(url: str, backups: Path) -> None:
    store = PostgresRecordStore(url, backups)
    store.create_app(App("shop", "Shop", 1.0), Key(b"k" * 32, "argus_k", "shop", 1.0))
    store.close()


def next_number(folder: Path) -> int:
    return len(list(folder.iterdir())) + 1


def test_servers_that_start_at_once_take_turns(postgres: Postgres, folder: Path, tmp_path: Path) -> None:
    url = postgres.new_schema()
    started = [opening(url, folder, tmp_path) for _ in range(3)]
    assert [process.communicate(timeout=60)[1] for process in started] == [""] * 3
    assert numbers(url) == list(range(1, next_number(folder)))


def test_a_process_killed_in_the_middle_leaves_the_version_before(
    postgres: Postgres, folder: Path, tmp_path: Path
) -> None:
    url, number = postgres.new_database(), next_number(folder)
    with_an_application(url, tmp_path)
    slow = folder / f"{number:04}_slow.sql"
    slow.write_text("CREATE TABLE half (one integer); SELECT pg_sleep(100); CREATE TABLE whole (one integer);")
    first = opening(url, folder, tmp_path)
    with postgres.connect() as connection:
        asleep = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND wait_event = 'PgSleep'"
        while connection.execute(asleep).fetchone() != (1,):
            assert first.poll() is None, first.communicate()
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert numbers(url) == list(range(1, number))
    slow.write_text("CREATE TABLE half (one integer); CREATE TABLE whole (one integer);")
    assert opening(url, folder, tmp_path).communicate(timeout=60)[1] == ""
    assert numbers(url) == list(range(1, number + 1))


def test_a_migration_that_fails_leaves_the_version_before(
    postgres: Postgres, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database()
    with_an_application(url, tmp_path)
    (folder / f"{next_number(folder):04}_wrong.sql").write_text("CREATE TABLE half (one integer); no SQL at all;")
    monkeypatch.setattr(migrations.migrate, "__defaults__", (folder,))
    with pytest.raises(psycopg.errors.SyntaxError):
        PostgresRecordStore(url, tmp_path)
    monkeypatch.undo()
    again = PostgresRecordStore(url, tmp_path)
    assert [app.app_id for app in again.apps()] == ["shop"]
    again.close()


def test_a_copy_is_kept_before_data_are_migrated(
    postgres: Postgres, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, backups = postgres.new_database(), tmp_path / "backups"
    with_an_application(url, backups)
    assert not backups.exists()  # there was nothing to lose
    (folder / f"{next_number(folder):04}_drop.sql").write_text("DROP TABLE keys; DROP TABLE apps;")
    monkeypatch.setattr(migrations.migrate, "__defaults__", (folder,))
    PostgresRecordStore(url, backups).close()
    (kept,) = backups.iterdir()
    assert kept.match("records-*-before-*_drop.dump")
    restored = postgres.new_database()
    subprocess.run(["pg_restore", f"--dbname={restored}", str(kept)], check=True, timeout=60)
    monkeypatch.undo()
    store = PostgresRecordStore(restored, backups)
    assert [app.app_id for app in store.apps()] == ["shop"]
    store.close()


def test_without_pg_dump_data_are_not_migrated_and_the_remedy_is_told(
    postgres: Postgres, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, number = postgres.new_database(), next_number(folder)
    with_an_application(url, tmp_path)
    (folder / f"{number:04}_more.sql").write_text("CREATE TABLE more (one integer);")
    monkeypatch.setattr(migrations.migrate, "__defaults__", (folder,))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StoreError, match=r"pg_dump.*apt-get install postgresql-client") as refused:
        PostgresRecordStore(url, tmp_path)
    assert not isinstance(refused.value, StoreUnavailable)  # waiting would not help
    assert numbers(url) == list(range(1, number))


def test_a_copy_that_fails_is_told_without_the_password_and_leaves_no_half(postgres: Postgres, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"pg_dump could not keep a copy") as failed:
        dump(postgres.url("nowhere"), tmp_path / "backups", "test")
    assert PASSWORD not in str(failed.value)
    assert ESCAPED not in str(failed.value)
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_database_of_a_newer_argus_is_refused(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_schema()
    with_an_application(url, tmp_path)
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO schema_migrations (number, name) VALUES (99, 'later')")
    with pytest.raises(StoreError, match=r"version 99.*update Argus") as refused:
        PostgresRecordStore(url, tmp_path)
    assert not isinstance(refused.value, StoreUnavailable)
