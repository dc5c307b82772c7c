"""Copying metrics from one store to another, an application's day at a time, the oldest first."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

from argus.errors import StoreError
from argus.server.backup.manifest import Counts, Progress, add
from argus.server.migrate.ends import MetricEnd, Part
from argus.server.migrate.journal import Journal
from argus.server.stores.metrics.seal import DAY
from argus.server.stores.remote.engine import Tier

EDGE = 60_000
"""Milliseconds before the end of their retention within which rows may be gone from one store and not the other."""


class Migration(NamedTuple):
    """What is copied where. Retentions are seconds."""

    source: MetricEnd
    target: MetricEnd
    journal: Journal
    retention: Mapping[Tier, float]


def copy(migration: Migration, progress: Progress) -> Counts:
    """Copy what is within its retention (seconds); return the rows of each tier and application, which both have.

    Raises ``StoreError`` where they differ.
    """
    source, target, journal, retention = migration
    begun = round(journal.remembered("begun", time.time()) * 1000)
    parts = [
        Part(tier, app, start, start + DAY)
        for tier in Tier
        for start in range((begun - round(retention[tier] * 1000)) // DAY * DAY, begun + DAY, DAY)
        for app in source.apps()
    ]
    for done, part in enumerate(parts):
        progress("copying metrics", done, len(parts))
        if journal.rows(_name(part)) is None:
            rows = target.write(part, source.read(part))
            progress("copying metrics", done, len(parts))
            journal.note(_name(part), rows)
    target.complete(source.marks(), {app: source.rolled_until(app) for app in source.apps()})
    return _compared(migration, parts, progress)


def _compared(migration: Migration, parts: list[Part], progress: Progress) -> Counts:
    source, target, journal, retention = migration
    counts: Counts = {}
    for done, part in enumerate(parts):
        progress("comparing metrics", done, len(parts))
        expected = journal.rows(_name(part)) or 0
        oldest = round((time.time() - retention[part.tier]) * 1000) + EDGE
        if part.end <= oldest:
            continue
        if part.start < oldest and expected:
            part = part._replace(start=oldest)  # noqa: PLW2901  # its first rows are expiring
            expected = sum(piece.rows.size for piece in source.read(part))
        found = target.count(part) if expected else 0
        if found != expected:
            day = time.strftime("%Y-%m-%d", time.gmtime(part.start / 1000))
            raise StoreError(
                f"{part.app} has {found:,} rows of {day} ({part.tier.value}) at the target instead of {expected:,}; "
                "does somebody write to one of the stores, or is the engine's retention shorter than the settings'? "
                "Then begin anew with --force"
            )
        add(counts, part.tier.value, part.app, found)
    return counts


def _name(part: Part) -> str:
    return f"{part.tier.value} {part.start} {part.app}"
