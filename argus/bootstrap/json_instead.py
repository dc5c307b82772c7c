"""What Argus uses of ujson, by the standard library: for an interpreter for which our ujson is not built."""

from __future__ import annotations

import json
from typing import Any

loads = json.loads


def dumps(value: Any, *, ensure_ascii: bool, escape_forward_slashes: bool) -> str:
    """Return the value as JSON; the standard library escapes no slashes."""
    assert not escape_forward_slashes
    return json.dumps(value, ensure_ascii=ensure_ascii, separators=(",", ":"))
