r"""The key of a series: name and tags in one canonical string, as the wire carries it.

``name`` or ``name{k=v,k2=v2}``: tags sorted by key; ``\ , = { }`` in names and values escaped with ``\``.
A key is built once, when its series is registered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from argus.aggregate.base import MAX_NAME_BYTES, MAX_TAGS
from argus.errors import WireError

TagPairs = tuple[tuple[str, str], ...]

_SPECIAL = re.compile(r"([\\,={}])")
_ESCAPED = re.compile(r"\\([\\,={}])")


def check(name: object, tags: Mapping[str, str] | None) -> TagPairs:
    """Return the tags sorted by key, or raise ``TypeError``/``ValueError`` naming what is wrong."""
    _check_text("name", name)
    if tags is None:
        return ()
    if not isinstance(tags, Mapping):
        raise TypeError(f"tags must be a mapping of str to str, not {type(tags).__name__}")
    if len(tags) > MAX_TAGS:
        raise ValueError(f"{len(tags)} tags; at most {MAX_TAGS} are allowed")
    for key, value in tags.items():
        _check_text("tag key", key)
        _check_text(f"value of tag {key!r}", value, empty_allowed=True)
    return tuple(sorted(tags.items()))


def _check_text(what: str, text: object, *, empty_allowed: bool = False) -> None:
    if not isinstance(text, str):
        raise TypeError(f"{what} must be str, not {type(text).__name__}: {text!r}")
    if not text and not empty_allowed:
        raise ValueError(f"{what} is empty")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_NAME_BYTES:
        raise ValueError(f"{what} is {size} bytes long; at most {MAX_NAME_BYTES} are allowed")


def format_key(name: str, tags: TagPairs) -> str:
    """Return the canonical key; ``tags`` are sorted by key."""
    if not tags:
        return _escape(name)
    pairs = ",".join(f"{_escape(key)}={_escape(value)}" for key, value in tags)
    return f"{_escape(name)}{{{pairs}}}"


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def parse_key(key: str) -> tuple[str, TagPairs]:
    """Return name and sorted tags of a canonical key. Raises :class:`WireError` where it is none."""
    if not _SPECIAL.search(key):
        return key, ()
    parts = list(_split(key))
    name = _ESCAPED.sub(r"\1", parts[0])
    if len(parts) == 1:
        return name, ()
    texts = [_ESCAPED.sub(r"\1", part) for part in parts[1:]]
    return name, tuple(sorted(zip(texts[::2], texts[1::2], strict=True)))


_TOKEN = re.compile(r"((?:[^\\,={}]|\\[\\,={}])*)(.?)", re.DOTALL)


def _split(key: str) -> Iterator[str]:
    """Yield the name, then each tag's key and value, still escaped."""
    wanted, position = "{", 0
    while True:
        token = _TOKEN.match(key, position)
        assert token is not None  # the pattern matches the empty string
        text, end = token.groups()
        position = token.end()
        if wanted == "{" and end == "":
            yield text
            return
        if end == "" or end not in wanted:
            raise WireError(f"{key!r} is no series key: expected {wanted!r} at character {position - len(end)}")
        yield text
        if end == "}":
            if position != len(key):
                raise WireError(f"{key!r} is no series key: text after the closing brace")
            return
        wanted = {"{": "=", "=": ",}", ",": "="}[end]
