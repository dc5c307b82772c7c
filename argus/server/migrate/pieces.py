"""Rows on their way from one metric store to another, and what each kind of store makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from argus.server.stores.metrics import seal
from argus.server.stores.metrics.rows import Rows
from argus.server.stores.remote import names
from argus.server.stores.remote.engine import COLUMNS, Found
from argus.server.stores.remote.lines import Block, encoded_tags
from argus.wire.columns import Kind

SENDER = "~moved"
"""Who sent what came from another store, as far as engines tell points apart by it; no instance is called so."""


class Piece(NamedTuple):
    """Some rows of one application, by series, then time; ``rows.series`` are places in ``series``.

    ``sealed``: the rollups of these rows' hours hold them. Others have still to be rolled up.
    """

    series: Sequence[names.Series]
    rows: Rows
    sealed: bool


def piece_of(found: Sequence[Found], *, sealed: bool) -> Piece | None:
    """Return what an engine found; ``None`` for nothing."""
    found = [one for one in found if len(one.time)]
    if not found:
        return None
    series = [names.series_of(one.tags) for one in found]
    numbers = {known: number for number, known in enumerate(dict.fromkeys(series))}
    columns = {name: np.concatenate([one.columns[name] for one in found]) for name in COLUMNS}
    rows = Rows(
        np.concatenate(
            [np.full(len(one.time), numbers[known], np.uint32) for one, known in zip(found, series, strict=True)]
        ),
        np.concatenate([one.time for one in found]),
        np.rint(columns["count"]).astype(np.int64),
        columns["sum"],
        columns["min"],
        columns["max"],
        columns["last"],
        np.concatenate([one.lengths for one in found]),
        np.concatenate([one.flat for one in found]),
    )
    return Piece(list(numbers), seal.ordered(rows), sealed)


def blocks_of(piece: Piece, most: int) -> Iterator[tuple[str, Block]]:
    """Yield the rows as engines take them, in blocks of at most so many rows, each with its sender.

    Two instances may have had one series at one time; in an engine they need a sender each.
    """
    rows = piece.rows
    turns = _turns(rows)
    kinds = np.array([series.kind for series in piece.series])[rows.series]
    tags = [encoded_tags(names.tags_of(series)) for series in piece.series]
    for turn in range(int(turns.max()) + 1 if rows.size else 0):
        for kind in Kind:
            chosen = np.flatnonzero((turns == turn) & (kinds == kind))
            for begin in range(0, len(chosen), most):
                sender = f"{SENDER}+{turn}" if turn else SENDER
                yield sender, _block(piece, rows.take(chosen[begin : begin + most]), tags, kind)


def _block(piece: Piece, rows: Rows, tags: Sequence[bytes], kind: Kind) -> Block:
    places = rows.series.tolist()
    return Block(
        [piece.series[place] for place in places],
        [tags[place] for place in places],
        *rows[1:7],
        rows.lengths if kind is Kind.TIMING else None,
        rows.flat,
    )


def _turns(rows: Rows) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return for each row how many before it have its series and time."""
    places = np.arange(rows.size)
    new = np.ones(rows.size, bool)
    new[1:] = (rows.series[1:] != rows.series[:-1]) | (rows.time[1:] != rows.time[:-1])
    return places - np.maximum.accumulate(np.where(new, places, 0))
