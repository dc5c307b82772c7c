"""What a backup says of itself: ``manifest.json``, the last but one member of the file."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from argus.server.stores.remote.facts import EVERYBODY

FORMAT = 1
"""Grows when an older Argus could not read the file."""

Counts = dict[str, dict[str, int]]
"""Table → application → rows; ``""`` where a table's rows belong to no application."""

Progress = Callable[[str, int, int | None], None]
"""Is told what is done, how much of it, and of how much, where that is known. What it raises ends the work."""


class Part(msgspec.Struct, frozen=True):
    """One member of the file, as it lies there: compressed, if its name says so."""

    name: str
    size: int
    sha256: str


class StoreFacts(msgspec.Struct, frozen=True):
    """One store: its kind, the parts that bring it back, and how many rows they hold."""

    kind: str
    parts: list[Part]
    counts: Counts


class Manifest(msgspec.Struct, frozen=True):
    """``stores`` has the keys ``records`` and ``metrics``; ``created_at`` is in Unix seconds."""

    format: int
    argus: str
    created_at: float
    stores: dict[str, StoreFacts]

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(part.size for facts in self.stores.values() for part in facts.parts)


def add(counts: Counts, table: str, app: str, rows: int) -> None:
    """Count some more rows."""
    of_table = counts.setdefault(table, {})
    of_table[app] = of_table.get(app, 0) + rows


def differences(expected: Counts, found: Counts) -> list[str]:
    """Return what differs, one line for each table and application; tables without rows are as good as none.

    What the servers note for all applications together goes on while they run, and after a restore, so it is left out.
    """
    places = sorted({(table, app) for counts in (expected, found) for table, apps in counts.items() for app in apps})
    places = [(table, app) for table, app in places if app != EVERYBODY]
    lines = []
    for table, app in places:
        wanted, there = expected.get(table, {}).get(app, 0), found.get(table, {}).get(app, 0)
        if wanted != there:
            lines.append(f"{table}{f' of {app}' if app else ''}: {there:,} rows instead of {wanted:,}")
    return lines
