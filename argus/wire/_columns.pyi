from collections.abc import Sequence
from typing import Any

from argus.wire.columns import Ints

def read_numbers(text: Any, whole: bool) -> bytearray | None: ...
def write_lines(
    head: bytes, tags: Sequence[bytes], fields: Sequence[tuple[bytes, Any]], more: Sequence[bytes], times: Ints
) -> bytes: ...
