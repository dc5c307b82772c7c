"""What goes wrong with backups: nothing that is there is touched, and nothing half done is taken for a backup."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import kept
import pytest
from backing_up import backup, bring_back, dying
from metric_backends import VictoriaBackend
from postgres import Postgres
from victoria import Victoria

from argus.errors import Conflict, StoreError, StoreLocked, StoreUnavailable
from argus.server import data_folder
from argus.server.backup import folder as folders
from argus.server.backup import postgres as own_postgres
from argus.server.backup.archive import Archive
from argus.server.settings import Settings


@pytest.fixture
def here(tmp_path: Path) -> Settings:
    (tmp_path / "here").mkdir()
    settings = Settings(data=tmp_path / "here")
    kept.fill(settings)
    return settings


@pytest.fixture
def there(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "there")


@pytest.fixture
def path(here: Settings, tmp_path: Path) -> Path:
    return backup(here, tmp_path / "backups")[0]


def test_a_file_cut_short_anywhere_is_refused_and_nothing_changed(path: Path, there: Settings) -> None:
    whole = path.read_bytes()
    for length in range(0, len(whole) - 1024, 509):  # the last kilobyte only says that nothing follows
        path.write_bytes(whole[:length])
        with pytest.raises(StoreError):
            bring_back(there, path)
        assert not (there.data / "records.db").exists()


def test_a_flipped_bit_anywhere_is_noticed_or_harmless(path: Path, here: Settings, there: Settings) -> None:
    whole = path.read_bytes()
    with Archive(path) as archive:
        manifest = archive.manifest
    refused = 0
    places = range(3, len(whole) - 1024, 101)
    for place in places:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            with Archive(path) as archive:
                archive.verify(lambda *_: None)
                assert archive.manifest == manifest
        except StoreError:
            refused += 1
    assert refused > len(places) / 2  # the others are the zeros that fill up blocks
    path.write_bytes(whole)
    bring_back(there, path)
    assert kept.same(kept.answers(here), kept.answers(there)) == []


@pytest.mark.parametrize("text", [b"", b"no backup", b"\0" * 2048, b"SQLite format 3\0" * 100])
def test_what_is_no_backup_is_refused(text: bytes, tmp_path: Path, there: Settings) -> None:
    file = tmp_path / "file.tar"
    file.write_bytes(text)
    with pytest.raises(StoreError, match="backup of Argus"):
        bring_back(there, file)
    with pytest.raises(StoreError, match="there is no file"):
        bring_back(there, tmp_path / "nothing.tar")


def test_a_backup_of_other_kinds_of_stores_is_refused_with_the_way(
    path: Path, there: Settings, victoria: Victoria, postgres: Postgres
) -> None:
    metrics = Settings(data=there.data, metrics_url=VictoriaBackend(victoria.port).url)
    with pytest.raises(StoreError, match=r"metrics are sqlite.*victoriametrics.*--metrics-url.*migrate-store"):
        bring_back(metrics, path)
    records = Settings(data=there.data, records_url=postgres.new_database())
    with pytest.raises(StoreError, match=r"records are sqlite.*postgresql"):
        bring_back(records, path)


def test_what_is_there_is_not_overwritten(path: Path, there: Settings) -> None:
    there.data.mkdir()
    with kept.stores(there) as (_, records):
        records.set_admin_hash("mine")
    with pytest.raises(Conflict, match="--force"):
        bring_back(there, path)
    with kept.stores(there) as (_, records):
        assert records.admin_hash() == "mine"


def test_while_a_server_runs_on_the_folder_nothing_is_restored(path: Path, here: Settings) -> None:
    held = data_folder.lock(here.data)
    try:
        with pytest.raises(StoreLocked, match="stop it"):
            bring_back(here, path, force=True)
    finally:
        os.close(held)


@pytest.mark.parametrize("step", ["packing records.db", "copying metrics.db"])
def test_a_killed_backup_is_none_and_the_next_one_cleans_up(step: str, here: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    assert dying("backup", here.data, folder, step=step).returncode == -signal.SIGKILL
    assert folders.listed(folder) == []
    assert len(list(folder.iterdir())) > 1
    path, _ = backup(here, folder)
    assert {one.name for one in folder.iterdir()} == {path.name, folders.LOCK}


def test_a_killed_restore_leaves_what_was_there_and_can_be_done_again(
    path: Path, here: Settings, there: Settings
) -> None:
    there.data.mkdir()
    with kept.stores(there) as (_, records):
        records.set_admin_hash("mine")
    assert dying("restore", there.data, path, step="unpacking metrics.db").returncode == -signal.SIGKILL
    with kept.stores(there) as (_, records):
        assert records.admin_hash() == "mine"
    bring_back(there, path, force=True)
    assert kept.same(kept.answers(here), kept.answers(there)) == []
    assert not list(there.data.glob("*.restoring*"))


@pytest.mark.parametrize("limit", [1_000, 60_000])
def test_a_full_disk_ends_a_backup_with_the_remedy_and_nothing_of_it_stays(
    limit: int, here: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "full"
    ended = dying("backup", here.data, folder, limit=limit)
    assert ended.returncode == 1
    assert "full" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert [one.name for one in folder.iterdir()] == [folders.LOCK]


def test_a_full_disk_ends_a_restore_and_what_was_there_stays(path: Path, here: Settings) -> None:
    before = kept.answers(here)
    ended = dying("restore", here.data, path, limit=20_000)
    assert ended.returncode == 1
    assert "full" in ended.stderr
    assert kept.same(before, kept.answers(here)) == []


def test_a_damaged_store_is_not_backed_up(here: Settings, tmp_path: Path) -> None:
    file = here.data / "records.db"
    text = bytearray(file.read_bytes())
    text[4096 * 3 : 4096 * 4] = bytes(4096)
    file.write_bytes(text)
    with pytest.raises(StoreError, match=r"records\.db"):
        backup(here, tmp_path / "backups")
    assert folders.listed(tmp_path / "backups") == []


def test_a_database_that_is_away_is_said_without_its_password(tmp_path: Path) -> None:
    away = Settings(data=tmp_path, records_url="postgresql://argus:peacock@127.0.0.1:1/argus")
    with pytest.raises(StoreUnavailable) as told:
        backup(away, tmp_path / "backups")
    assert "peacock" not in str(told.value)


def test_while_a_server_uses_the_database_nothing_is_restored(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_postgres, "LEAVE_SECONDS", 0.0)
    here = Settings(data=tmp_path / "pg", records_url=postgres.new_database())
    here.data.mkdir()
    with kept.stores(here) as (_, records):
        records.set_admin_hash("mine")
        path, _ = backup(here, tmp_path / "backups")
        with pytest.raises(StoreLocked, match="connections to the database; stop it"):
            bring_back(here, path, force=True)
        assert records.admin_hash() == "mine"


def test_programs_newer_than_the_database_restore_it(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fake at an edge that cannot be had: what ``pg_restore`` of PostgreSQL 17 writes first, 15 refuses."""
    here = Settings(data=tmp_path / "pg", records_url=postgres.new_database())
    here.data.mkdir()
    kept.fill(here)
    path, _ = backup(here, tmp_path / "backups")
    before = kept.postgres_tables(here.records_url)
    fake = tmp_path / "bin" / "pg_restore"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho "SET transaction_timeout = 0;"\nexec {shutil.which("pg_restore")} "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    bring_back(here, path, force=True)
    assert kept.postgres_tables(here.records_url) == before


def test_a_dump_that_cannot_be_restored_leaves_the_database_as_it_was(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Settings(data=tmp_path / "pg", records_url=postgres.new_database())
    here.data.mkdir()
    kept.fill(here)
    path, _ = backup(here, tmp_path / "backups")
    before = kept.postgres_tables(here.records_url)
    pieces = Archive.pieces

    def cut(archive: Archive, name: str) -> Iterator[bytes]:
        whole = b"".join(pieces(archive, name))
        yield whole[: len(whole) // 2]

    monkeypatch.setattr(Archive, "verify", lambda *_: None)
    monkeypatch.setattr(Archive, "pieces", cut)
    with pytest.raises(StoreError, match=r"as it was: .*pg_restore"):
        bring_back(here, path, force=True)
    assert kept.postgres_tables(here.records_url) == before


def test_what_root_backs_up_and_restores_belongs_to_whose_folder_it_is(here: Settings) -> None:
    owner = 12_345 if os.geteuid() == 0 else os.geteuid()  # nobody but root can give files away
    for path in (here.data, *here.data.iterdir()):
        os.chown(path, owner, -1)
    made, _ = backup(here, folders.folder_of(here))
    bring_back(here, made, force=True)
    assert {path.stat().st_uid for path in (here.data, *here.data.rglob("*"))} == {owner}


def test_folders_that_are_made_for_backups_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "backups"
    with folders.locked(folder):
        assert {path.stat().st_mode & 0o777 for path in (folder, folder.parent)} == {0o700}
