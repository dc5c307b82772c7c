"""A backup of each kind of stores, brought back into an empty place: every count and every answer is the same."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import kept
import pytest
from influx import Influx
from metric_backends import InfluxBackend, VictoriaBackend
from postgres import Postgres
from victoria import Victoria

from argus.server.backup import folder as folders
from argus.server.backup.contents import contents_of
from argus.server.backup.folder import Found
from argus.server.backup.make import make
from argus.server.backup.manifest import Manifest
from argus.server.backup.restore import restore
from argus.server.settings import Settings


def silent(what: str, done: int, total: int | None) -> None:
    assert what
    assert 0 <= done
    assert total is None or done <= total


def backup(settings: Settings, folder: Path) -> tuple[Path, Manifest]:
    with folders.locked(folder):
        made = make(settings, folder, silent)
    assert made.manifest is not None
    return made.path, made.manifest


def bring_back(settings: Settings, path: Path, *, force: bool = False) -> Manifest:
    return restore(settings, path, silent, force=force)


@pytest.fixture(params=["embedded", "postgresql and victoriametrics", "influxdb 1.6", "influxdb 1.8"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Settings, Settings]:
    """Two empty places of a kind; of the engine that has one place only, the second empties it when it is needed."""
    here, there = Settings(data=tmp_path / "here"), Settings(data=tmp_path / "there")
    if request.param == "embedded":
        return here, there
    if request.param.startswith("influxdb"):
        port = request.getfixturevalue("influx" if request.param.endswith("6") else "front_of_18").port
        return tuple(Settings(data=one.data, metrics_url=InfluxBackend(port).url) for one in (here, there))
    victoria: Victoria = request.getfixturevalue("victoria")
    postgres: Postgres = request.getfixturevalue("postgres")
    return tuple(
        Settings(data=one.data, metrics_url=VictoriaBackend(victoria.port).url, records_url=postgres.new_database())
        for one in (here, there)
    )


def test_everything_comes_back(
    places: tuple[Settings, Settings], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    here, there = places
    for one in places:
        one.data.mkdir()
    kept.fill(here)
    path, manifest = backup(here, tmp_path / "backups")
    before = kept.answers(here)
    if "victoria" in here.metrics_url:
        VictoriaBackend(request.getfixturevalue("victoria").port)
    assert bring_back(there, path) == manifest
    assert kept.same(before, kept.answers(there)) == []
    print(manifest)
    counts = manifest.stores["records"].counts
    assert sum(counts["lines" if "lines" in counts else "log_lines"].values()) == 40
