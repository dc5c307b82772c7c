"""What a series is called inside an engine: its tags, and texts that no engine stumbles over.

Line protocol cannot carry a line break, stumbles over a backslash before a comma, and drops empty values; a tag's name
also has to fit a query. So a stored text has ``%0A`` for such a character, ``%25`` for a percent sign, and a single
``%`` for the empty text; ordinary texts stay as they are. In a tag's name, everything but printable ASCII is written
so. Nothing that reaches a query text needs more than its quotes escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from argus.wire.columns import Kind, SeriesKey

KINDS = {kind.name.lower(): kind for kind in Kind}
FIELDS = ("value", "count", "sum", "min", "max", "p50", "p90", "p95", "p99", "sketch")

_RESERVED = "|".join(
    re.escape(name)
    for name in (
        *("app_id", "metric_name", "kind", "machine", "instance"),
        *("time", "_time", "_field", "_measurement", "__name__", "db"),
        *FIELDS,
    )
)
_TAKEN = re.compile(rf"(?:tag_)*(?:{_RESERVED})")
"""Names a user's tag may not have in an engine; it gets ``tag_`` before it, once more than it has."""

_TROUBLE = re.compile("[\x00-\x1f\x7f\x80-\x9f\\\\%\ud800-\udfff]")
_NOT_PLAIN = re.compile("[^\x20-\x7e]|[\\\\%]")
EMPTY = "%"


class Series(NamedTuple):
    """One series of one application."""

    app: str
    host: str
    kind: Kind
    key: SeriesKey


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogatepass"))


def stored(text: str) -> str:
    """Return a value as engines store it."""
    return _TROUBLE.sub(_percent, text) or EMPTY


def original(text: str) -> str:
    """Return the value that was stored."""
    if "%" not in text:
        return text
    return "" if text == EMPTY else unquote_to_bytes(text).decode("utf-8", "surrogatepass")


def stored_tag(name: str) -> str:
    """Return the name under which a user's tag is stored; ``host`` takes the place of ours."""
    return _NOT_PLAIN.sub(_percent, f"tag_{name}" if _TAKEN.fullmatch(name) else name)


def original_tag(name: str) -> str:
    """Return the user's name of a stored tag."""
    name = original(name)
    return name.removeprefix("tag_") if name.startswith("tag_") and _TAKEN.fullmatch(name) else name


def tags_of(series: Series) -> dict[str, str]:
    """Return a series' stored tags.

    ``host`` is what queries take it for: the machine, unless the user has a tag of that name; then ``machine`` is.
    """
    own = dict(series.key.tags)
    tags = {
        "app_id": stored(series.app),
        "metric_name": stored(series.key.name),
        "host": stored(own.get("host", series.host)),
        "kind": series.kind.name.lower(),
    }
    if "host" in own:
        tags["machine"] = stored(series.host)
    tags.update((stored_tag(name), stored(value)) for name, value in own.items() if name != "host")
    return tags


def series_of(tags: Mapping[str, str]) -> Series:
    """Return the series that has these stored tags; tags of the engine's own are left out."""
    own = {
        original_tag(name): original(value)
        for name, value in tags.items()
        if value and name not in {"app_id", "metric_name", "kind", "instance", "machine", "__name__", "host"}
    }
    host = original(tags["host"])
    if tags.get("machine"):
        own["host"], host = host, original(tags["machine"])
    key = SeriesKey(original(tags["metric_name"]), tuple(sorted(own.items())))
    return Series(original(tags["app_id"]), host, KINDS[tags["kind"]], key)
