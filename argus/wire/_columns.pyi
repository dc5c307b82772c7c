from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argus.wire.columns import Ints

def read_numbers(text: Any, whole: bool) -> bytearray | None: ...
def write_lines(
    head: bytes, tags: Sequence[bytes], fields: Sequence[tuple[bytes, Any]], more: Sequence[bytes], times: Ints
) -> bytes: ...
def pack_sketches(lengths: NDArray[np.uint32], flat: NDArray[np.uint32]) -> list[bytes]: ...
def number_fields(name: bytes, rows: Sequence[bytes]) -> list[bytes]: ...
