"""An engine, InfluxDB or VictoriaMetrics, as an end of a migration."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping

from argus.server.migrate.ends import Marks, MetricEnd, Part
from argus.server.migrate.pieces import Piece, blocks_of, piece_of
from argus.server.stores.metrics import seal
from argus.server.stores.metrics.rows import concatenate
from argus.server.stores.remote.engine import COLUMNS, Engine, Fact, Reading, Tier
from argus.server.stores.remote.facts import Facts
from argus.server.stores.remote.rollups import ROLLED, UNTIL, Rollups, tell_replaced
from argus.server.stores.remote.senders import MARK

ROWS = 10_000
"""Rows that are handed to the engine at once."""

SPAN = seal.HOUR
"""Milliseconds of an application that are asked for at once."""


class EngineEnd(MetricEnd):
    """``raw_retention`` is in seconds."""

    def __init__(self, engine: Engine, raw_retention: float) -> None:
        self._engine = engine
        self._facts = Facts(engine)
        self._rollups = Rollups(engine, self._facts)
        self._raw_from = round((time.time() - raw_retention) * 1000)

    def apps(self) -> list[str]:
        return self._engine.apps()

    def read(self, part: Part) -> Iterator[Piece]:
        for tier, begin, end in self._rollups.segments(part.app, part.start, part.end, self._raw_from):
            if part.tier is Tier.ROLLUP and tier is not Tier.ROLLUP:
                continue  # these hours are rolled up at the other end, or again there
            step = SPAN if part.tier is Tier.RAW else end - begin
            for start in range(begin, end, step):
                reading = Reading((part.app,), start, min(start + step, end), COLUMNS, 0, sketches=True)
                piece = piece_of(self._engine.read(part.tier, reading), sealed=tier is Tier.ROLLUP)
                if piece is not None:
                    yield piece

    def count(self, part: Part) -> int:
        self._engine.settle()
        step = SPAN if part.tier is Tier.RAW else part.end - part.start
        return sum(
            len(found.time)
            for start in range(part.start, part.end, step)
            for found in self._engine.read(
                part.tier, Reading((part.app,), start, min(start + step, part.end), ("count",), 0, sketches=True)
            )
        )

    def write(self, part: Part, pieces: Iterable[Piece]) -> int:
        rows = 0
        for piece in pieces if part.tier is Tier.RAW else _joined(pieces):
            if part.tier is Tier.RAW:
                for block in blocks_of(piece, ROWS):
                    self._engine.write(Tier.RAW, [block])
            else:
                self._engine.rewrite([block for _, block in blocks_of(piece, piece.rows.size)])
            rows += piece.rows.size
        return rows

    def marks(self) -> Marks:
        return {(fact.app, fact.key): fact.number for fact in self._engine.read_facts(MARK, None)}

    def rolled_until(self, app: str) -> int:
        self._facts.refresh(ROLLED, app)
        return self._facts.get(ROLLED, app, UNTIL) or 0

    def complete(self, marks: Marks, rolled: Mapping[str, int]) -> None:
        self._engine.write_facts([Fact(MARK, app, instance, number) for (app, instance), number in marks.items()])
        self._engine.write_facts([Fact(ROLLED, app, UNTIL, hour) for app, hour in rolled.items()])
        tell_replaced(self._engine)

    def clear(self) -> None:
        for app in self._engine.apps():
            self._engine.delete_app(app)

    def close(self) -> None:
        self._engine.close()


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield all rollups of a part at once: to replace some, an engine looks at those that are there."""
    found = list(pieces)
    if found:
        series = [one for piece in found for one in piece.series]
        offsets = [sum(len(piece.series) for piece in found[:place]) for place in range(len(found))]
        moved = [
            piece.rows._replace(series=(piece.rows.series + offset).astype(piece.rows.series.dtype))
            for piece, offset in zip(found, offsets, strict=True)
        ]
        yield Piece(series, concatenate(moved), sealed=True)
