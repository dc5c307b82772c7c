"""What a line that a program printed says of its own level, by the habits of loggers and languages.

A line that says nothing is INFO, on the standard error too: that is where most programs print their ordinary log
lines, and warnings that are none make people stop reading warnings. A doubtful word decides nothing, for a line that is
wrongly taken for DEBUG is not sent at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import ujson

from argus.client.logs import cut, safe

DEFAULT = "INFO"
RANK = {"DEBUG": 10, "INFO": 20, "WARN": 30, "ERROR": 40}
"""The wire's levels beside the numbers of ``logging``."""

_WORDS = {
    "DEBUG": "trace debug",
    "INFO": "info information notice note log",
    "WARN": "warn warning",
    "ERROR": "err error severe fatal crit critical alert emerg emergency panic",
}
LEVELS = {word: level for level, words in _WORDS.items() for word in words.split()}
_ANY = "|".join(sorted(LEVELS, key=len, reverse=True))
_CAPITALS = _ANY.upper()
_STEMS = ("err", "warn", "info", "debug", "trace", "log", "not", "fatal", "crit", "panic", "severe", "alert", "emerg")
"""One of these is in each of those words: most lines have none, and need no closer look."""

HEAD = 160
"""Letters of a line within which its level stands."""

_NUMBERED = re.compile(r"<(\d{1,3})>")
"""syslog, and what systemd reads: facility x 8 + severity."""

_KLOG = re.compile(r"([DIWEF])\d{4} \d\d:\d\d:\d\d")
"""Kubernetes, and Google's logging libraries: ``E0102 15:04:05.6 …``."""

_RUBY = re.compile(r"([DIWEFA]), \[\d{4}-")
_REDIS = re.compile(r"\d+:[A-Z] \d\d \w{3} \d{4} [\d:.]+ ([.\-*#]) ")
_PAIR = re.compile(rf"""\b(?:level|lvl|severity|loglevel)["']?[=:]\s*["']?({_ANY})\b""", re.IGNORECASE)
_FIRST = re.compile(rf"[\W\d_]*(?:npm )?({_ANY})(?:[:!]|\[\w+\]:|\s*[-|]\s)", re.IGNORECASE)
_FIRST_IN_CAPITALS = re.compile(rf"(?:npm )?({_CAPITALS})\b(?!-)")
_AFTER_TIME = re.compile(
    rf"""\W*(?:\w{{3}},?\s+){{0,2}}[\dT:.,/+Z -]*\d\d:\d\d[\dT:.,+Z-]*\W*  # a time, whatever its form
    (?:[\w.:()\[\]\#@/-]+\s+(?:-\s)?){{0,3}}?({_CAPITALS})\b""",  # zone, thread, name: three words at most
    re.VERBOSE,
)
_BRACKETED = re.compile(rf"[\[(|<]\s*(?:\w+:)?({_ANY})\s*[\])|>]", re.IGNORECASE)
_TOOL = re.compile(r"(?:^|[:\s])(fatal|error|warning)(?: error)?(?:\[\w+\])?: ", re.IGNORECASE)
"""Compilers and commands: ``file.c:3:5: error: …``."""

_TRACE = re.compile(
    r"Traceback \(most recent call last\)|Exception in thread |thread '.*' (?:\(\d+\) )?panicked at|panic: "
    r"|fatal error: |Unhandled exception|Uncaught |terminate called|\*\*\* [\w ]+: terminated|double free or corruption"
    r"|Segmentation fault|.*: Assertion .* failed|(?:[\w.$]+\.)?\w*(?:Error|Exception): "
)
_LETTERS = {"D": "DEBUG", "I": "INFO", "W": "WARN", "E": "ERROR", "F": "ERROR", "A": "INFO"}
_MARKS = {".": "DEBUG", "-": "DEBUG", "*": "INFO", "#": "WARN"}
_SEVERITIES = ("ERROR", "ERROR", "ERROR", "ERROR", "WARN", "INFO", "INFO", "DEBUG")

_JSON_LEVEL = ("level", "lvl", "severity", "levelname", "log.level", "@level", "loglevel")
_JSON_MESSAGE = ("message", "msg", "@message", "event", "text")
_JSON_LOGGER = ("logger", "logger_name", "name", "component")


class Said(NamedTuple):
    """What a line says of itself; ``level`` is ``None`` where that is nothing."""

    level: str | None
    message: str
    logger: str | None = None
    metadata: Mapping[str, Any] = {}


def read(line: str) -> Said:
    """Return what one line, without its end and without colours, says."""
    if line.startswith("{") and line.endswith("}"):
        return _json(line) or Said(None, line)
    numbered = _NUMBERED.match(line)
    if numbered:
        return Said(_SEVERITIES[int(numbered[1]) & 7], line[numbered.end() :].lstrip())
    return Said(level_of(line[:HEAD]), line)


def level_of(head: str) -> str | None:
    """Return the level that the beginning of a line names, ``None`` where it names none."""
    for pattern, meaning in ((_KLOG, _LETTERS), (_RUBY, _LETTERS), (_REDIS, _MARKS)):
        found = pattern.match(head)
        if found:
            return meaning[found[1]]
    if is_trace(head):
        return "ERROR"
    small = head.lower()
    if not any(stem in small for stem in _STEMS):
        return None
    found = (  # what is quick to find comes first
        _FIRST_IN_CAPITALS.match(head)
        or _AFTER_TIME.match(head)
        or _BRACKETED.search(head)
        or _PAIR.search(head)
        or _FIRST.match(head)
        or _TOOL.search(head)
    )
    return LEVELS[found[1].lower()] if found else None


def is_trace(line: str) -> bool:
    """Return whether a line is the first of a stack trace, or the last words of a program."""
    return _TRACE.match(line) is not None


def _json(line: str) -> Said | None:
    """Return what a line of JSON says, ``None`` where it is none or has no message."""
    try:
        found = ujson.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    message = _taken(found, _JSON_MESSAGE, str)
    if message is None:
        return None
    level = _json_level(_taken(found, _JSON_LEVEL, (str, int)))
    return Said(level, cut(message), _taken(found, _JSON_LOGGER, str), safe(found))


def _taken(found: dict[str, Any], names: tuple[str, ...], kind: type | tuple[type, ...]) -> Any:
    """Remove and return the first of these keys that holds such a value."""
    return next((found.pop(name) for name in names if isinstance(found.get(name), kind)), None)


def _json_level(value: str | int | None) -> str | None:
    if isinstance(value, int):  # pino and bunyan count by tens, one above logging
        return next((level for level, rank in reversed(RANK.items()) if value >= rank + 10), "DEBUG")
    return LEVELS.get(value.lower()) if value is not None else None
