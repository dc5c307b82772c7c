"""The search box of the logs page: from text to a query that stores can translate.

``payment failed`` both words · ``"exact words"`` a phrase · ``pay*`` a word's beginning · ``-timeout`` not this ·
``level:error``, ``logger:shop.*``, ``host:web-1``, ``app:shop`` · ``order=991`` a metadata value. Described in
``docs/log-search.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from argus.errors import QueryError

MAX_TERMS = 50
LEVEL_NAMES = {
    "debug": "DEBUG",
    "info": "INFO",
    "warn": "WARN",
    "warning": "WARN",
    "error": "ERROR",
    "critical": "ERROR",
    "fatal": "ERROR",
}


class Field(StrEnum):
    """What a term looks at."""

    TEXT = "text"
    LEVEL = "level"
    LOGGER = "logger"
    HOST = "host"
    APP = "app"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. ``words`` is a TEXT term's phrase; ``prefix`` means a trailing ``*``."""

    field: Field
    value: str
    negated: bool = False
    prefix: bool = False
    words: tuple[str, ...] = ()
    key: str = ""


_TOKEN = re.compile(r"""\s*(-)?(?:(\w+):)?(?:"([^"]*)"|([^\s"]+))""")
_WORD = re.compile(r"\w+")
_METADATA = re.compile(r"([A-Za-z_][\w.]*)=(.*)", re.DOTALL)


def parse(text: str) -> tuple[Term, ...]:
    """Return the conditions, all of which a line must meet. Raises :class:`QueryError` naming the place."""
    terms = []
    position, end = 0, len(text.rstrip())
    while position < end:
        token = _TOKEN.match(text, position)
        if token is None:
            raise QueryError(
                f"cannot read the search from character {position + 1}: {text[position : position + 20]!r}", "q"
            )
        terms.extend(_terms(token, text))
        position = token.end()
        if len(terms) > MAX_TERMS:
            raise QueryError(f"a search may have at most {MAX_TERMS} conditions", "q")
    return tuple(terms)


def _terms(token: re.Match[str], text: str) -> list[Term]:
    minus, name, quoted, bare = token.groups()
    negated = minus is not None
    value = quoted if quoted is not None else bare
    if name is None:
        pair = _METADATA.fullmatch(bare) if bare is not None else None
        if pair is not None:
            return [Term(Field.METADATA, pair[2], negated, key=pair[1])]
        return _text_terms(value, negated)
    if name == "level":
        level = LEVEL_NAMES.get(value.lower())
        if level is None:
            raise QueryError(f"unknown level {value!r}; use {', '.join(LEVEL_NAMES)}", "q")
        return [Term(Field.LEVEL, level, negated)]
    if name in {"logger", "host", "app"}:
        prefix = quoted is None and value.endswith("*")
        return [Term(Field(name), value.removesuffix("*") if prefix else value, negated, prefix)]
    # Not one of our fields: the text itself is looked for, colon and all.
    return _text_terms(text[token.start() : token.end()].strip().removeprefix("-").replace('"', " "), negated)


def _text_terms(value: str, negated: bool) -> list[Term]:
    words = tuple(word.lower() for word in _WORD.findall(value))
    if not words:
        return []  # punctuation alone: nothing an index of words could find
    return [Term(Field.TEXT, value, negated, value.endswith("*"), words)]
