"""Which batches of a call are new: what a store decides with the marks it keeps of each sender."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from argus.server.stores.base import Appended, LogBatch


class Sorted(NamedTuple):
    """The answer for each batch, the batches to store, and the marks to keep with them."""

    answers: list[Appended]
    fresh: list[LogBatch]
    marks: dict[tuple[str, str], int]


def sort_out(batches: Sequence[LogBatch], last_seq: Callable[[tuple[str, str]], int]) -> Sorted:
    """Tell repeats from new batches. ``last_seq`` answers for (app, instance); 0 where nothing was stored."""
    found = Sorted([], [], {})
    for batch in batches:
        if batch.instance is not None and batch.seq is not None:
            sender = (batch.app, batch.instance)
            if batch.seq <= found.marks.get(sender, last_seq(sender)):
                found.answers.append(Appended.DUPLICATE)
                continue
            found.marks[sender] = batch.seq
        found.answers.append(Appended.STORED)
        found.fresh.append(batch)
    return found
