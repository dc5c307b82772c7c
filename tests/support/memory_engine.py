"""An engine that keeps everything in this process: the store on top of it can be asked thousands of questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from argus.server.stores.metrics.rows import gather
from argus.server.stores.remote import names
from argus.server.stores.remote.engine import COLUMNS, Engine, Fact, Found, Reading, Tier, Wanted
from argus.server.stores.remote.lines import Block


class _Row(NamedTuple):
    numbers: tuple[float, ...]
    bins: list[int]


class MemoryEngine(Engine):
    """Counts in ``asked`` the milliseconds of every reading."""

    kind = "memory"
    parts = ()

    def __init__(self) -> None:
        self._rows: dict[tuple[Tier, str], dict[tuple[names.Series, str, int], _Row]] = {}
        self._facts: dict[tuple[str, str, str], int] = {}
        self.asked: list[int] = []
        self.settled = 0

    def write(self, tier: Tier, blocks: Sequence[tuple[str, Block]]) -> None:
        for sender, block in blocks:
            lengths = block.lengths if block.lengths is not None else np.zeros(len(block.time), np.uint32)
            for place, series in enumerate(block.series):
                bins = gather(block.flat.reshape(-1, 2), lengths, np.array([place])).reshape(-1).tolist()
                row = _Row(tuple(float(getattr(block, column)[place]) for column in COLUMNS), bins)
                self._rows.setdefault((tier, series.app), {})[series, sender, int(block.time[place])] = row

    def rewrite(self, blocks: Sequence[Block]) -> None:
        self.write(Tier.ROLLUP, [("", block) for block in blocks])

    def ask(self, tier: Tier, reading: Reading) -> Callable[[], list[Found]]:
        found = self.read(tier, reading)
        return lambda: found

    def read(self, tier: Tier, reading: Reading) -> list[Found]:
        self.asked.append(reading.end - reading.start)
        found: dict[tuple[names.Series, str], list[tuple[int, _Row]]] = {}
        for app in reading.apps:
            for (series, sender, at), row in self._rows.get((tier, app), {}).items():
                tags = {"host": series.host, **dict(series.key.tags)}
                if (
                    reading.start <= at < reading.end
                    and (reading.names is None or series.key.name in reading.names)
                    and series.kind in reading.kinds
                    and all(tags.get(name) == value for name, value in reading.tags)
                ):
                    found.setdefault((series, sender), []).append((at, row))
        return [_found(series, rows, reading) for (series, _), rows in found.items()]

    def write_facts(self, facts: Sequence[Fact]) -> None:
        for topic, app, key, number in facts:
            self._facts[topic, app, key] = max(number, self._facts.get((topic, app, key), number))

    def read_facts(self, topic: str, wanted: Iterable[Wanted] | None, within: int | None = None) -> list[Fact]:
        del within  # all are as good as new
        pairs = None if wanted is None else set(wanted)
        return [
            Fact(*place, number)
            for place, number in self._facts.items()
            if place[0] == topic and (pairs is None or place[1:] in pairs or (place[1], None) in pairs)
        ]

    def settle(self) -> None:
        self.settled += 1

    def check(self) -> None:
        """Return at once: there is always room."""

    def last_times(self, app: str) -> list[tuple[Mapping[str, str], int]]:
        return [(names.tags_of(key[0]), key[2]) for tier in Tier for key in self._rows.get((tier, app), {})]

    def apps(self) -> list[str]:
        return sorted({app for _, app in self._rows})

    def delete_app(self, app: str) -> None:
        self._rows = {place: rows for place, rows in self._rows.items() if place[1] != app}
        self._facts = {place: number for place, number in self._facts.items() if place[1] != app}

    def forget(self, app: str) -> None:
        """Return at once: nothing is remembered besides what is stored."""

    def forget_all(self) -> None:
        """Return at once, as for one application."""

    def export(self, part: str, counts: dict[str, dict[str, int]]) -> Iterator[bytes]:
        raise NotImplementedError("it has no parts")

    def load(self, part: str, pieces: Iterable[bytes]) -> None:
        raise NotImplementedError("it has no parts")

    def stats(self) -> Mapping[str, float]:
        return {}

    def close(self) -> None:
        """Keep everything for the next store."""


def _found(series: names.Series, rows: list[tuple[int, _Row]], reading: Reading) -> Found:
    rows.sort(key=lambda pair: pair[0])
    columns = {
        column: np.array([row.numbers[COLUMNS.index(column)] for _, row in rows], np.float64)
        for column in reading.columns
    }
    bins = [row.bins if reading.sketches else [] for _, row in rows]
    lengths = np.array([len(some) // 2 for some in bins] if reading.sketches else [], np.uint32)
    flat = np.array([number for some in bins for number in some], np.uint32)
    return Found(names.tags_of(series), np.array([at for at, _ in rows], np.int64), columns, lengths, flat)
