"""One store as a backup sees it, and which one the settings name."""

from __future__ import annotations

from abc import ABC, abstractmethod

from argus.server.backup.archive import Archive, Writing
from argus.server.backup.manifest import Counts, Progress, StoreFacts
from argus.server.settings import Settings
from argus.server.stores import opening

RECORDS, METRICS = "records", "metrics"


class Contents(ABC):
    """All that a store holds, whatever tables there are. Making one opens nothing.

    Raises ``StoreError`` and its kinds: ``StoreUnavailable`` where the store is away.
    """

    kind: str

    @abstractmethod
    def save(self, archive: Writing, progress: Progress) -> Counts:
        """Add the store to a backup, as of one moment; return how many rows that were. The store may be written to."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Return whether there is nothing that a restore could overwrite."""

    @abstractmethod
    def load(self, archive: Archive, facts: StoreFacts, progress: Progress) -> Counts:
        """Bring the store back from a backup, in place of what is there; return how many rows are there then.

        An embedded store stays what it is until :meth:`adopt`.
        """

    @abstractmethod
    def adopt(self) -> None:
        """Put what was loaded in its place."""

    @abstractmethod
    def close(self) -> None:
        """Remove what was loaded and not adopted; close connections."""


def contents_of(settings: Settings) -> dict[str, Contents]:
    """Return the settings' stores. Drivers are imported as ``opening`` does."""
    return {RECORDS: _records(settings), METRICS: _metrics(settings)}


def _records(settings: Settings) -> Contents:
    from argus.server.backup.embedded import EmbeddedContents  # noqa: PLC0415  # see the function's docstring
    from argus.server.backup.postgres import PostgresContents  # noqa: PLC0415  # see the function's docstring

    if opening.is_sqlite(settings.records_url):
        path = opening.sqlite_path(settings.records_url, settings.data / "records.db")
        return EmbeddedContents(f"{RECORDS}/records.db", path)
    opening.check_records(settings)
    return PostgresContents(RECORDS, settings.records_url)


def _metrics(settings: Settings) -> Contents:
    from argus.server.backup.embedded import EmbeddedContents  # noqa: PLC0415  # see the function's docstring
    from argus.server.backup.engines import EngineContents  # noqa: PLC0415  # see the function's docstring

    if opening.is_sqlite(settings.metrics_url):
        path = opening.sqlite_path(settings.metrics_url, settings.data / "metrics.db")
        return EmbeddedContents(f"{METRICS}/metrics.db", path)
    return EngineContents(METRICS, opening.open_engine(settings))
