"""Who sent a batch: an instance with numbered batches, or a script whose points stand for themselves.

A point is told apart from others of its series and time by its sender: the instance, for a script this process. Where
batches of one sender meet at one moment (two scripts; an instance whose clock was set back), they are numbered.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence

from argus.server.stores.base import MetricBatch
from argus.server.stores.remote.engine import Fact
from argus.server.stores.remote.facts import Facts

MARK = "mark"
"""Topic of the facts that hold the last sequence number of an (application, instance)."""

MOST_MOMENTS = 50_000
"""Moments that are remembered; then the older half is forgotten, and the process takes a new name for scripts."""

Moments = dict[tuple[str, str, str, int], int]
"""(application, host, sender, start of a window in milliseconds) → batches that had it."""


class Senders:
    """Belongs to whichever writing thread has its turn: the store keeps their turns."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._scripts = _new_name()
        self._moments: Moments = {}

    def repeats(self, batches: Sequence[MetricBatch]) -> tuple[list[bool], list[Fact]]:
        """Return which batches were stored before, and the marks of the others."""
        numbered = [(batch.app, batch.instance) for batch in batches if batch.instance and batch.seq is not None]
        self._facts.learn(MARK, numbered)
        marks: dict[tuple[str, str], int] = {}
        repeats = []
        for batch in batches:
            if batch.instance is None or batch.seq is None:
                repeats.append(False)
                continue
            sender = (batch.app, batch.instance)
            last = marks.get(sender, self._facts.get(MARK, *sender) or 0)
            repeats.append(batch.seq <= last)
            marks[sender] = max(last, batch.seq)
        return repeats, [Fact(MARK, app, instance, seq) for (app, instance), seq in marks.items()]

    def name(self, batch: MetricBatch, starts: Iterable[int], taken: Moments) -> str:
        """Return the batch's sender, under a name that no other batch of the same moments has.

        ``taken`` collects what :meth:`keep` remembers once the batch is stored: if it is not, the next one may
        overwrite what little of it has arrived.
        """
        sender = self._scripts if batch.seq is None or not batch.instance else batch.instance
        moments = [(batch.app, batch.host, sender, moment) for moment in starts]
        number = max(taken.get(moment, self._moments.get(moment, 0)) for moment in moments)
        taken.update(dict.fromkeys(moments, number + 1))
        return f"{sender}+{number}" if number else sender

    def keep(self, taken: Moments) -> None:
        """Remember the moments of what was stored."""
        self._moments.update(taken)
        if len(self._moments) > MOST_MOMENTS:
            self._moments = dict(list(self._moments.items())[MOST_MOMENTS // 2 :])
            self._scripts = _new_name()


def _new_name() -> str:
    return f"~{secrets.token_hex(6)}"
