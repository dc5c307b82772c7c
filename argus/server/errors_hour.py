"""How many ERROR lines each application logged within the last hour, counted by the minute as they come.

Where several servers share the record store, each counts the lines that it stored and is told the others' counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from argus.server.stores.base import LogBatch

MINUTES = 60
OWN = ""


class ErrorCounts:
    """Belongs to the event loop. Counts by the time of storing, and begins at zero when the server starts."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_minute: dict[int, dict[str, dict[str, int]]] = {}
        """Minute → application → server → lines."""
        self._tells = False
        self._news: set[tuple[str, int]] = set()

    def add(self, batches: Sequence[LogBatch]) -> None:
        """Count the ERROR lines of stored batches."""
        minute = int(self._clock() // 60)
        for batch in batches:
            errors = sum(line.level == "ERROR" for line in batch.lines)
            if errors:
                counts = self._by_minute.setdefault(minute, {}).setdefault(batch.app, {})
                counts[OWN] = counts.get(OWN, 0) + errors
                if self._tells:
                    self._news.add((batch.app, minute))
        for old in [known for known in self._by_minute if known <= minute - MINUTES]:
            del self._by_minute[old]

    def last_hour(self, app: str) -> int:
        """Return the number of the last sixty minutes."""
        first = int(self._clock() // 60) - MINUTES
        return sum(
            sum(apps[app].values()) for minute, apps in self._by_minute.items() if minute > first and app in apps
        )

    def forget(self, app: str) -> None:
        """Forget a deleted application."""
        for apps in self._by_minute.values():
            apps.pop(app, None)

    def tell_all(self) -> None:
        """Have everything told to the others, and from now on what is new."""
        self._tells = True
        self._news.update((app, minute) for minute, apps in self._by_minute.items() for app in apps if OWN in apps[app])

    def news(self) -> list[tuple[str, int, int]]:
        """Return the rows of :class:`~argus.server.messages.Errors` to tell, once."""
        news, self._news = self._news, set()
        counts = ((app, minute, self._by_minute.get(minute, {}).get(app, {}).get(OWN, 0)) for app, minute in news)
        return [row for row in counts if row[2]]

    def hear(self, server: str, rows: Iterable[tuple[str, int, int]]) -> None:
        """Learn what another server counted."""
        for app, minute, lines in rows:
            self._by_minute.setdefault(minute, {}).setdefault(app, {})[server] = lines
