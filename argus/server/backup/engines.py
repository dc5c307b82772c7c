"""A metric store in an engine of its own: what the engine exports, and takes back, by HTTP.

Rows are counted as they are exported, and after a restore by exporting them once more: so each of them was readable.
"""

from __future__ import annotations

from collections.abc import Iterator

from argus.server.backup.archive import Archive, Writing
from argus.server.backup.contents import Contents
from argus.server.backup.manifest import Counts, Progress, StoreFacts
from argus.server.stores.remote.engine import Engine
from argus.server.stores.remote.rollups import tell_replaced

COMPRESSED = ".zst"


class EngineContents(Contents):
    """All rows and facts of one engine."""

    def __init__(self, folder: str, engine: Engine) -> None:
        self.kind = engine.kind
        self._folder = folder
        self._engine = engine

    def save(self, archive: Writing, progress: Progress) -> Counts:
        counts: Counts = {}
        done = 0
        for part in self._engine.parts:
            with archive.compressed(f"{self._folder}/{part}{COMPRESSED}") as out:
                for piece in self._engine.export(part, counts):
                    out.write(piece)
                    done += len(piece)
                    progress(f"exporting {self.kind}", done, None)
        return counts

    def is_empty(self) -> bool:
        return not self._engine.apps()

    def load(self, archive: Archive, facts: StoreFacts, progress: Progress) -> Counts:
        for app in self._engine.apps():
            self._engine.delete_app(app)
        done = 0

        def told(pieces: Iterator[bytes]) -> Iterator[bytes]:
            nonlocal done
            for piece in pieces:
                yield piece
                done += len(piece)
                progress(f"importing {self.kind}", done, None)

        for part in facts.parts:
            name = part.name.removeprefix(f"{self._folder}/").removesuffix(COMPRESSED)
            self._engine.load(name, told(archive.decompressed(part.name)))
        self._engine.settle()
        counts: Counts = {}
        for name in self._engine.parts:
            for _ in self._engine.export(name, counts):
                pass
        tell_replaced(self._engine)
        return counts

    def adopt(self) -> None:
        """Nothing is left to do: an engine has one place for its rows."""

    def close(self) -> None:
        self._engine.close()
