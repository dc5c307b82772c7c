"""VictoriaMetrics' native export, as far as it must be understood to count the rows in it.

Sixteen bytes say the range of time; then, for every block of one series: the length (u32, big-endian) and bytes of its
labels, the length and bytes of the block. Labels are texts ended by ``01``, the metric's name first, then key and value
by turns; a block begins with varints: first time, first value, rows.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from argus.errors import StoreError
from argus.server.stores.remote import names
from argus.server.stores.remote.engine import Tier
from argus.server.stores.victoria import promql

_RANGE = 16
_LENGTH = struct.Struct(">I")
_ESCAPED = ((b"\0" + b"2", b"\2"), (b"\0" + b"1", b"\1"), (b"\0" + b"0", b"\0"))
_COUNTED = {
    f"{promql.SUMMARIES[Tier.RAW]}_count": Tier.RAW.value,
    f"{promql.SUMMARIES[Tier.ROLLUP]}_count": Tier.ROLLUP.value,
    f"{promql.FACTS}_number": "facts",
}
"""Every row has its count, and every fact its number."""


def counted(pieces: Iterable[bytes], counts: dict[str, dict[str, int]]) -> Iterator[bytes]:
    """Yield the pieces as they are; add the rows in them to ``counts``, and all samples under ``samples``."""
    data, skipped = bytearray(), 0
    for piece in pieces:
        yield piece
        data += piece
        at = 0
        if not skipped and len(data) >= _RANGE:
            at = skipped = _RANGE
        while skipped and (end := _end_of_block(data, at)) is not None:
            labels, body = end
            _count(bytes(data[at + _LENGTH.size : labels]), data[labels + _LENGTH.size : body], counts)
            at = body
        del data[:at]
    if len(data) > (0 if skipped else _RANGE):
        raise StoreError("VictoriaMetrics' export ended inside a block; try again")


def _end_of_block(data: bytearray, at: int) -> tuple[int, int] | None:
    """Return where the labels and the block end that begin here; ``None`` where the rest has not come yet."""
    if len(data) < at + _LENGTH.size:
        return None
    labels = at + _LENGTH.size + _LENGTH.unpack_from(data, at)[0]
    if len(data) < labels + _LENGTH.size:
        return None
    body = labels + _LENGTH.size + _LENGTH.unpack_from(data, labels)[0]
    return None if len(data) < body else (labels, body)


def _count(labels: bytes, block: bytearray, counts: dict[str, dict[str, int]]) -> None:
    texts = [_text(part) for part in labels.split(b"\1")]
    tags = dict(zip(texts[1::2], texts[2::2], strict=False))
    app = names.original(tags.get("app_id", ""))
    rows, at = 0, 0
    for _ in range(3):
        rows, at = _varint(block, at)
    for table in filter(None, ("samples", _COUNTED.get(texts[0]))):
        of_table = counts.setdefault(table, {})
        of_table[app] = of_table.get(app, 0) + rows


def _text(part: bytes) -> str:
    for written, meant in _ESCAPED:
        part = part.replace(written, meant)
    return part.decode("utf-8", "replace")


def _varint(data: bytearray, at: int) -> tuple[int, int]:
    number = shift = 0
    while data[at] & 0x80:
        number |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return number | data[at] << shift, at + 1
