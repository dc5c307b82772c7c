"""The search box of the logs page: from text to a query that stores can translate.

``payment failed`` both words · ``"exact words"`` a phrase · ``pay*`` a word's beginning · ``-timeout`` not this ·
``level:error``, ``logger:shop.*``, ``host:web-1``, ``app:shop`` · ``order=991`` a metadata value. Described in
``docs/log-search.md``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from argus.errors import QueryError
from argus.wire.columns import LogLine

MAX_TERMS = 50
LONGEST_ID = 18
"""Digits that fit any store's ids."""

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


_TOKEN = re.compile(
    r"""\s*(?P<minus>-)?
    (?: (?P<key>[^\W\d][\w.]*) = (?: "(?P<exact>[^"]*)" | (?P<plain>[^\s"]+) )
      | (?: (?P<name>\w+) : )? (?: "(?P<quoted>[^"]*)" | (?P<bare>[^\s"]+) ) )""",
    re.VERBOSE,
)
_WORD = re.compile(r"\w+")
_HALF_PAIR = re.compile("[\ud800-\udfff]")


def parse(text: str) -> tuple[Term, ...]:
    """Return the conditions, all of which a line must meet. Raises :class:`QueryError` naming the place."""
    half = _HALF_PAIR.search(text)
    if half is not None:
        raise QueryError(f"the search is not Unicode: half a surrogate pair at character {half.start() + 1}", "q")
    terms: list[Term] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        token = _TOKEN.match(text, position)
        if token is None:
            raise QueryError(
                f"cannot read the search from character {position + 1}: {text[position : position + 20]!r}", "q"
            )
        terms.extend(_terms(token))
        position = token.end()
        if len(terms) > MAX_TERMS:
            raise QueryError(f"a search may have at most {MAX_TERMS} conditions", "q")
    if end and not terms:
        raise QueryError(f"the search {text.strip()[:20]!r} has no letter or digit to look for", "q")
    return tuple(terms)


def _terms(token: re.Match[str]) -> list[Term]:
    negated = token["minus"] is not None
    if token["key"] is not None:
        value = token["plain"] if token["exact"] is None else token["exact"]
        return [Term(Field.METADATA, value, negated, key=token["key"])]
    name = token["name"]
    value = token["bare"] if token["quoted"] is None else token["quoted"]
    if name is None:
        return _text_terms(value, negated)
    if name == "level":
        level = LEVEL_NAMES.get(value.lower())
        if level is None:
            place = token.start("name") + 1
            raise QueryError(f"unknown level {value!r} at character {place}; use {', '.join(LEVEL_NAMES)}", "q")
        return [Term(Field.LEVEL, level, negated)]
    if name in {"logger", "host", "app"}:
        prefix = token["quoted"] is None and value.endswith("*")
        return [Term(Field(name), value.removesuffix("*") if prefix else value, negated, prefix)]
    # Not one of our fields: the text itself is looked for, colon and all.
    return _text_terms(f"{name}:{value}", negated)


def _text_terms(value: str, negated: bool) -> list[Term]:
    words = tuple(word.lower() for word in _WORD.findall(value))
    if not words:
        return []  # punctuation alone: nothing an index of words could find
    return [Term(Field.TEXT, value, negated, value.endswith("*"), words)]


def cursor_id(text: str | None) -> int | None:
    """Return the line that a page's cursor stands for. Raises :class:`QueryError` for a text that is none."""
    if text is None:
        return None
    if not text.isdecimal() or len(text) > LONGEST_ID:
        raise QueryError(f"{text!r} is no cursor: pass the next of the page before", "cursor")
    return int(text)


def searchable(line: LogLine) -> str:
    """Return the text a line is found by: its message, and its metadata's names and values."""
    return f"{line.message} {_words(line.metadata)}" if line.metadata else line.message


def _words(value: Any) -> str:
    """Return a JSON value's text without JSON's punctuation and escapes, which would join words."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return " ".join([f"{name} {_words(inner)}" for name, inner in value.items()])
    if isinstance(value, list):
        return " ".join(map(_words, value))
    return str(value) if type(value) is int else json.dumps(value)  # the same digits, at a tenth of the time
