"""What of a migration is done: one JSON line each, on the disk before the next part begins.

A part that was done but not noted is done once more; doing it twice changes nothing.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import msgspec

from argus.errors import Conflict
from argus.server.stores.opening import without_secrets

FOLDER = "migrations"


class _Entry(msgspec.Struct):
    part: str
    rows: int = 0
    value: float = 0.0


class Journal:
    """The journal of one migration, known by its two addresses."""

    def __init__(self, folder: Path, source: str, target: str) -> None:
        shown = [without_secrets(source), without_secrets(target)]
        name = hashlib.sha256("\n".join(shown).encode()).hexdigest()[:16]
        self.path = folder / FOLDER / f"{name}.jsonl"
        self._shown = shown
        self._done: dict[str, _Entry] = {}
        self._file: Any = None

    @property
    def exists(self) -> bool:
        """Whether this migration was begun and not finished."""
        return self.path.exists()

    def begin(self, *, resume: bool) -> None:
        """Go on with what was begun, or begin anew. Raises :class:`Conflict` where there is nothing to go on with."""
        if resume and not self.exists:
            raise Conflict(f"no migration from {self._shown[0]} to {self._shown[1]} was begun; leave --resume out")
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not resume:
            self.path.unlink(missing_ok=True)
        whole = self.path.read_bytes() if resume else b""
        whole = whole[: whole.rfind(b"\n") + 1]  # a line that a kill cut short was not noted
        for line in whole.splitlines():
            entry = msgspec.json.decode(line, type=_Entry)
            self._done[entry.part] = entry
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(descriptor, len(whole))
        os.lseek(descriptor, 0, os.SEEK_END)
        self._file = os.fdopen(descriptor, "wb", buffering=0)

    def rows(self, part: str) -> int | None:
        """Return how many rows a part had, ``None`` where it is not done."""
        entry = self._done.get(part)
        return None if entry is None else entry.rows

    def remembered(self, name: str, value: float) -> float:
        """Return a value that stays the same when the migration goes on: what is noted, or this one."""
        if name not in self._done:
            self._write(_Entry(name, value=value))
        return self._done[name].value

    def note(self, part: str, rows: int) -> None:
        """Note that a part is done."""
        self._write(_Entry(part, rows))

    def _write(self, entry: _Entry) -> None:
        self._file.write(msgspec.json.encode(entry) + b"\n")
        os.fsync(self._file.fileno())
        self._done[entry.part] = entry

    def close(self) -> None:
        """Keep it for another time."""
        if self._file is not None:
            self._file.close()

    def finish(self) -> None:
        """Forget it: everything is done."""
        self.close()
        self.path.unlink()
