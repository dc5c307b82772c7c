"""Which migration two addresses mean, and whether it may begin."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlsplit

from argus.errors import ConfigError, Conflict, StoreError
from argus.server import data_folder
from argus.server.backup.manifest import Counts, Progress
from argus.server.migrate import metrics
from argus.server.migrate.ends import MetricEnd
from argus.server.migrate.journal import Journal
from argus.server.settings import DAY, Settings
from argus.server.stores import opening
from argus.server.stores.remote.engine import Tier

if TYPE_CHECKING:
    from argus.server.migrate.records import RecordMigration

WAYS = (
    "metrics move between sqlite:///folder/metrics.db, influxdb://… and victoriametrics://…, everything else from "
    "sqlite:///folder/records.db to postgresql://…"
)


class Moved(NamedTuple):
    """What a migration did: rows of each table and application, and chunks of the source that could not be read."""

    counts: Counts
    unreadable: int


class _Migration(Protocol):
    @property
    def unreadable(self) -> int: ...
    def is_empty(self) -> bool: ...
    def clear(self) -> None: ...
    def copy(self, progress: Progress) -> Counts: ...


def migrate(
    settings: Settings, urls: tuple[str, str], progress: Progress, *, resume: bool = False, force: bool = False
) -> Moved:
    """Copy one store into another. The journal is in the settings' data folder.

    Raises :class:`Conflict` where the target is not empty, or a migration was begun, and neither ``resume`` nor
    ``force`` says what to do; ``StoreError`` where the two differ at the end.
    """
    source, target = urls
    data_folder.prepare(settings.data)
    journal = Journal(settings.data, source, target)
    if journal.exists and not (resume or force):
        raise Conflict("this migration was begun and not finished: --resume goes on, --force begins anew")
    with contextlib.ExitStack() as stack:
        migration: _Migration
        kinds = [opening.is_sqlite(url) for url in urls]
        stack.callback(journal.close)
        if urlsplit(target).scheme in {"postgresql", "postgres"} and kinds[0]:
            migration = _records(settings, urls, journal, stack)
        elif {urlsplit(url).scheme for url in urls} <= set(opening.METRIC_STORES) and not all(kinds):
            migration = _metrics(settings, urls, journal, stack)
        else:
            raise ConfigError(f"these two cannot be moved: {WAYS}")
        if not resume and not migration.is_empty():
            if not force:
                raise Conflict("the target is not empty; --force deletes what is in it, --resume goes on")
            migration.clear()
        journal.begin(resume=resume)
        counts = migration.copy(progress)
        journal.finish()
        return Moved(counts, migration.unreadable)


class _MetricMigration:
    def __init__(self, migration: metrics.Migration) -> None:
        self._migration = migration

    @property
    def unreadable(self) -> int:
        return self._migration.source.unreadable

    def is_empty(self) -> bool:
        return not self._migration.target.apps()

    def clear(self) -> None:
        self._migration.target.clear()

    def copy(self, progress: Progress) -> Counts:
        return metrics.copy(self._migration, progress)


def _metrics(
    settings: Settings, urls: tuple[str, str], journal: Journal, stack: contextlib.ExitStack
) -> _MetricMigration:
    ends = []
    for url, is_source in zip(urls, (True, False), strict=True):
        end = _end(replace(settings, metrics_url=url), is_source=is_source)
        stack.callback(end.close)
        ends.append(end)
    if _are_one(settings, urls):
        raise ConfigError("both addresses name the same store, as far as they tell (if not, write both ports)")
    retention = {Tier.RAW: settings.raw_retention_days * DAY, Tier.ROLLUP: settings.rollup_retention_days * DAY}
    return _MetricMigration(metrics.Migration(ends[0], ends[1], journal, retention))


def _are_one(settings: Settings, urls: tuple[str, str]) -> bool:
    """Return whether two addresses lead to one place: emptying the target would empty the source."""
    parts = [urlsplit(url) for url in urls]
    hosts = {"127.0.0.1" if part.hostname == "localhost" else part.hostname for part in parts}
    kinds = {opening.shown("metrics", url, settings)[0] for url in urls}
    ports = {part.port for part in parts if part.port is not None}
    paths = {part.path.strip("/") for part in parts}
    return len(hosts) == len(kinds) == len(paths) == 1 and len(ports) <= 1


def _end(settings: Settings, *, is_source: bool) -> MetricEnd:
    from argus.server.migrate.embedded import EmbeddedEnd  # noqa: PLC0415  # opens nothing that is not asked for
    from argus.server.migrate.engine import EngineEnd  # noqa: PLC0415  # see above

    if opening.is_sqlite(settings.metrics_url):
        path = opening.sqlite_path(settings.metrics_url, settings.data / "metrics.db")
        if is_source:
            _check_source(path, "chunk")
        return EmbeddedEnd(path)
    return EngineEnd(opening.open_engine(settings), settings.raw_retention_days * DAY)


def _check_source(path: Path, table: str) -> None:
    """Raise :class:`StoreError` where a file is missing, or is not the store that has this table."""
    if not path.exists():
        raise StoreError(f"there is no store at {path}")
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
            found = file.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {error}") from error
    if found is None:
        raise StoreError(f"{path} is another store's: {WAYS}")


def _records(
    settings: Settings, urls: tuple[str, str], journal: Journal, stack: contextlib.ExitStack
) -> RecordMigration:
    from argus.server.migrate.records import RecordMigration  # noqa: PLC0415  # its driver is big

    path = opening.sqlite_path(urls[0], settings.data / "records.db")
    _check_source(path, "apps")
    migration = RecordMigration(path, urls[1], journal, settings.data / opening.BACKUPS)
    stack.callback(migration.close)
    return migration
