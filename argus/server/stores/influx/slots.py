"""Slots: what keeps the points of two instances apart, without a tag that would make new series at every restart.

InfluxDB stores nanoseconds and summaries need milliseconds, so the last six digits of a point's time say who sent it:
the sender's *slot*. A slot is a hash of application, sender and attempt. Where it is another sender's already, the next
attempt is taken; the attempt is a fact, written before any data, so that every server gives a sender the same slot.
Two servers may try at the same moment: both have written before they read, so at least one sees the other and moves on.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence

from argus.server.stores.remote.engine import Engine, Fact
from argus.server.stores.remote.facts import MOST_ASKED, Facts

SLOT = "slot"
SLOTS = 1_000_000
"""Nanoseconds in a millisecond."""


def slot_of(app: str, sender: str, attempt: int) -> int:
    """Return the slot of an attempt; on disk, so do not change it."""
    text = f"{app}\0{sender}\0{attempt}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") % SLOTS


class Slots:
    """For any number of threads."""

    def __init__(self, engine: Engine) -> None:
        self._lock = threading.Lock()
        self._engine = engine
        self._facts = Facts(engine)
        self._sure: dict[tuple[str, str], int] = {}

    def claim(self, senders: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Return each (application, sender)'s slot, after making sure that it is its own."""
        with self._lock:
            if len(self._sure) > MOST_ASKED:
                self._sure.clear()  # who still sends claims the slot it had
            self._claim([pair for pair in dict.fromkeys(senders) if pair not in self._sure])
            return {pair: self._sure[pair] for pair in senders}

    def _claim(self, new: list[tuple[str, str]]) -> None:
        if not new:
            return
        self._facts.learn(SLOT, new)
        self._facts.note([Fact(SLOT, *pair, 0) for pair in new if self._facts.get(SLOT, *pair) is None])
        while new:
            for app in {app for app, _ in new}:
                self._facts.refresh(SLOT, app)
            moved = [pair for pair in new if self._is_shared(*pair)]
            self._facts.note([Fact(SLOT, *pair, self._attempt(*pair) + 1) for pair in moved])
            for app, sender in set(new).difference(moved):
                self._sure[app, sender] = slot_of(app, sender, self._attempt(app, sender))
            new = moved

    def forget(self, app: str) -> None:
        """Forget a deleted application."""
        with self._lock:
            self._facts.forget(app)
            self._sure = {pair: slot for pair, slot in self._sure.items() if pair[0] != app}

    def forget_all(self) -> None:
        """Forget every claim: they are made again."""
        with self._lock:
            self._facts.forget_all()
            self._sure = {}

    def _attempt(self, app: str, sender: str) -> int:
        return self._facts.get(SLOT, app, sender) or 0

    def _is_shared(self, app: str, sender: str) -> bool:
        mine = slot_of(app, sender, self._attempt(app, sender))
        others = self._facts.of(SLOT, app)
        return any(slot_of(app, other, attempt) == mine for other, attempt in others.items() if other != sender)
