"""Facts: numbers that only grow and outlive the process. Delivery marks are facts, and how far rollups have come.

Because a fact only grows, several servers may write it at once, late and twice: the greatest number is the truth. What
this process has read or written stays in memory.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence

from argus.server.stores.remote.engine import Engine, Fact

RECENT_SECONDS = 2 * 86_400
"""Where a fact is looked for first: a mark is written with every batch, and a month of them takes long to read."""

EVERYBODY = "~"
"""What stands for an application in the facts of all: ids are made of letters, digits and dashes."""

MOST_ASKED = 100_000
"""Facts asked for one by one that are held in memory. Every start of a program makes some, so they must not add up."""


class Facts:
    """The facts of one engine; for any number of threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], dict[str, int]] = {}
        self._asked: set[tuple[str, str, str]] = set()
        self._grown: dict[tuple[str, str], float] = {}

    def get(self, topic: str, app: str, key: str) -> int | None:
        """Return what is known in this process."""
        return self._known.get((topic, app), {}).get(key)

    def of(self, topic: str, app: str) -> dict[str, int]:
        """Return what is known in this process of one application."""
        with self._lock:
            return dict(self._known.get((topic, app), {}))

    def grown(self, topic: str, app: str) -> float:
        """Return when this process last learned something new of one application, by the monotonic clock."""
        return self._grown.get((topic, app), float("-inf"))

    def apps(self, topic: str) -> list[str]:
        """Return the applications of which a fact is known in this process."""
        with self._lock:
            return sorted(app for known, app in self._known if known == topic)

    def learn(self, topic: str, wanted: Iterable[tuple[str, str]]) -> None:
        """Ask the engine for facts that this process has not asked for before."""
        if len(self._asked) > MOST_ASKED:
            self._drop(topic)
        new = [pair for pair in dict.fromkeys(wanted) if (topic, *pair) not in self._asked]
        if new:
            recent = self._engine.read_facts(topic, new, RECENT_SECONDS)
            found = {(fact.app, fact.key) for fact in recent}
            older = self._engine.read_facts(topic, [pair for pair in new if pair not in found])
            self.remember([*recent, *older])
            with self._lock:
                self._asked.update((topic, *pair) for pair in new)

    def look_again(self, topic: str, wanted: Sequence[tuple[str, str]]) -> None:
        """Ask the engine once more for facts that were asked for before: what was written of them of late."""
        self.remember(self._engine.read_facts(topic, wanted, RECENT_SECONDS))

    def refresh(self, topic: str, app: str | None = None) -> None:
        """Ask the engine for all facts of a topic, of one application or every one: other servers write them too."""
        self.remember(self._engine.read_facts(topic, None if app is None else [(app, None)]))

    def note(self, facts: Sequence[Fact]) -> None:
        """Write facts down; when this returns they outlive the process."""
        if facts:
            self.write(facts)
            self.remember(facts)

    def write(self, facts: Sequence[Fact]) -> None:
        """Write down what is known already."""
        self._engine.write_facts(facts)

    def forget(self, app: str) -> None:
        """Forget a deleted application."""
        with self._lock:
            self._known = {place: found for place, found in self._known.items() if place[1] != app}
            self._asked = {place for place in self._asked if place[1] != app}
            self._grown = {place: at for place, at in self._grown.items() if place[1] != app}

    def forget_all(self) -> None:
        """Forget everything: it is asked for again when it is wanted."""
        with self._lock:
            self._known, self._asked, self._grown = {}, set(), {}

    def _drop(self, topic: str) -> None:
        """Forget what is known of a topic: it is asked for again when it is wanted."""
        with self._lock:
            self._known = {place: found for place, found in self._known.items() if place[0] != topic}
            self._asked = {place for place in self._asked if place[0] != topic}

    def remember(self, facts: Iterable[Fact]) -> None:
        """Know facts that somebody else writes, or has written."""
        with self._lock:
            for topic, app, key, number in facts:
                known = self._known.setdefault((topic, app), {})
                if key not in known or number > known[key]:
                    known[key] = number
                    self._grown[topic, app] = time.monotonic()
