"""``argus doctor`` on backups, and on addresses and files that cannot be read: a finding, never a check that broke."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from backing_up import backup
from postgres import Postgres

from argus.doctor import backups, server, stores
from argus.doctor.result import Result, State
from argus.errors import StoreUnavailable
from argus.server.backup import state as states
from argus.server.settings import DAY, Settings
from argus.server.stores import opening

NOW = time.time()


def told(result: Result, state: State, words: str, fix: str = "") -> None:
    assert (result.state, words in result.seen, fix in result.fix) == (state, True, True), result


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    chosen = Settings(data=tmp_path / "data", backup_dir=str(tmp_path / "backups"))
    chosen.data.mkdir(mode=0o700)
    return chosen


def test_the_newest_backup_is_judged_by_its_age_and_the_room_for_another(settings: Settings) -> None:
    told(backups.backups(settings), State.OK, "none in")
    never = Settings(data=settings.data, backup_dir=settings.backup_dir, backup_every_days=0)
    told(backups.backups(never), State.WARNING, "the server makes none", "argus backup")
    opening.open_metrics(settings).close()
    opening.open_records(settings).close()
    folder = Path(settings.backup_dir)
    backup(settings, folder)
    told(backups.backups(settings), State.OK, "1 in")
    told(backups.newest(settings, folder, NOW + 15 * DAY, 1 << 40), State.WARNING, "every 7 days", "argus backup says")
    told(backups.newest(never, folder, NOW + 15 * DAY, 1 << 40), State.OK, "15.0 days old")
    told(backups.newest(settings, folder, NOW, 10), State.WARNING, "no room for another", "make room")


def test_a_folder_for_backups_that_is_none_is_a_failure(settings: Settings) -> None:
    Path(settings.backup_dir).touch()
    told(backups.backups(settings), State.FAILURE, "cannot be written", "ARGUS_BACKUP_DIR")


def test_a_backup_that_failed_is_told_until_one_is_made(settings: Settings) -> None:
    folder = Path(settings.backup_dir)
    with pytest.raises(StoreUnavailable), states.reported(folder) as report, report.outcome():
        raise StoreUnavailable("the database is away")
    told(backups.backups(settings), State.WARNING, "failed 0.0 h ago: the database is away", "argus backup")
    with states.reported(folder) as report, report.outcome():
        pass
    told(backups.backups(settings), State.OK, "none in")


def test_a_database_needs_programs_that_can_copy_it(
    settings: Settings, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = Settings(data=settings.data, records_url=postgres.url())
    told(backups.backups(chosen), State.OK, "none in")
    monkeypatch.setenv("PATH", str(settings.data))
    told(backups.backups(chosen), State.FAILURE, "psql, which copies of the database need", "postgresql-client")
    assert backups.older(15, 17) == "pg_dump is version 15 and cannot copy a server of version 17"
    assert not backups.older(17, 15)


@pytest.mark.parametrize("url", ["influxdb://argus:[peacock@h/a", "mysql://argus:peacock@h/a", "sqlite://peacock@h"])
def test_an_address_that_cannot_be_read_is_told_without_its_password(settings: Settings, url: str) -> None:
    chosen = Settings(data=settings.data, metrics_url=url, records_url=url)
    for result in (stores.metrics(chosen, {}), stores.records(chosen, {})):
        told(result, State.FAILURE, "", "ARGUS_")
        assert "peacock" not in result.seen


def test_a_certificate_that_cannot_be_read_breaks_no_other_check(tmp_path: Path) -> None:
    chosen = Settings(tls_cert=str(tmp_path / "none.pem"), tls_key=str(tmp_path / "none.pem"))
    told(server.alive(chosen, {}), State.FAILURE, "none.pem: no such file", "start it")
    told(server.live(chosen), State.SKIPPED, "none.pem: no such file")
