"""Settings of a client: arguments, else ``ARGUS_*`` variables, else ``argus.toml``, else defaults.

``argus.toml`` is looked for in the working directory and its parents; the client's settings are its ``[client]`` table.
A wrong value never stops the program: it is said in one log line, and the default takes its place.
"""

# No "from __future__ import annotations": typing compiles the text, and the first compile() of a program takes 1 ms.
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

from argus.aggregate.series import check
from argus.aggregate.summary import Window
from argus.client.logs import LogLine
from argus.errors import ConfigError

log = logging.getLogger("argus.client")

Sink = Callable[[Window, Sequence[LogLine]], None]

FILE = "argus.toml"
JSONL = "jsonl:"
SHORTEST_INTERVAL = 0.1
LONGEST_INTERVAL = 3600.0
LAST_PORT = 65535


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"must be text, not {value!r}")
    return value


def _url(value: object) -> str:
    text = _text(value).rstrip("/")
    if _is_usual(text):
        return text
    from urllib.parse import urlsplit  # noqa: PLC0415  # a program waits for it at its start

    try:
        parts = urlsplit(text)
        right = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an IPv6 address that cannot be one
        right = False
    if not right or not _plain(text):
        raise ConfigError(f"must be an address like http://127.0.0.1:8000, not {value!r}")
    return text


def _is_usual(url: str) -> bool:
    """Return whether this is a scheme, a name or IPv4 address, and maybe a port: right without a further look."""
    scheme, _, authority = url.partition("://")
    host, colon, port = authority.partition(":")
    named = host.isascii() and host.replace(".", "").replace("-", "").isalnum()
    reached = not colon or (port.isascii() and port.isdecimal() and 0 < int(port) <= LAST_PORT)
    return scheme in {"http", "https"} and named and reached


def _plain(text: str) -> bool:
    """Return whether the text can stand in a request: no spaces, control characters or letters beyond ASCII."""
    return text.isascii() and text.isprintable() and " " not in text


def _key(value: object) -> str:
    text = _text(value).strip()
    if not _plain(text):
        raise ConfigError("must be the key as the server showed it; this one has a space or a letter that no key has")
    return text


def _seconds(value: object) -> float:
    try:
        seconds = float(value)  # type: ignore[arg-type]  # whatever is no number raises
    except (TypeError, ValueError):
        seconds = -1.0
    if not SHORTEST_INTERVAL <= seconds <= LONGEST_INTERVAL:
        bounds = f"{SHORTEST_INTERVAL} to {LONGEST_INTERVAL}"
        raise ConfigError(f"must be a number of seconds from {bounds}, not {value!r}")
    return seconds


def _size(value: object) -> int:
    try:
        size = int(value)  # type: ignore[call-overload]  # whatever is no number raises
    except (TypeError, ValueError):
        size = -1
    if size <= 0:
        raise ConfigError(f"must be a whole number above 0, not {value!r}")
    return int(size)


def _file(value: object) -> str:
    path = os.path.expanduser(_text(value))
    if not os.access(path, os.R_OK) or not os.path.isfile(path):
        raise ConfigError(f"must be a file that can be read, not {str(value)!r}")
    return path


def _switch(value: object) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    known = words.get(str(value).lower())
    if known is None:
        raise ConfigError(f"must be true or false, not {value!r}")
    return known


def _recorder(value: object) -> bool | str:
    """A switch, or the folder."""
    if isinstance(value, str) and (os.sep in value or value.startswith("~")):
        return value
    try:
        return _switch(value)
    except ConfigError:
        raise ConfigError(f"must be true, false or a folder such as /dev/shm/argus, not {value!r}") from None


def _level(value: object) -> int:
    if isinstance(value, int):
        return value
    number = logging.getLevelNamesMapping().get(str(value).upper())
    if number is None:
        raise ConfigError(f"must be a level such as INFO, not {value!r}")
    return number


def _tags(value: object) -> dict[str, str]:
    """``{"env": "prod"}``, or ``env=prod,zone=a`` in a variable."""
    if isinstance(value, str):
        pairs = [part.partition("=") for part in value.split(",") if part]
        if not all(equals and key for key, equals, _ in pairs):
            raise ConfigError(f"must look like env=prod,zone=a, not {value!r}")
        value = {key.strip(): text.strip() for key, _, text in pairs}
    if not isinstance(value, Mapping) or not all(isinstance(x, str) for pair in value.items() for x in pair):
        raise ConfigError(f"must map names to text, not {value!r}")
    try:
        return dict(check("any", value))
    except ValueError as error:
        raise ConfigError(f"must be tags that a series can carry, not {value!r}: {error}") from error


PARTS = (
    "machine",
    "tree",
    "lines",
    "inside",
    "recorder",
    "logging",
    "warnings",
    "exceptions",
    "requests_in",
    "requests_out",
    "databases",
    "event_loop",
    "gc",
)
"""What can be left out by ``without``. Some of it only ``argus run`` brings along."""


def _parts(value: object) -> frozenset[str]:
    """``{"gc", "databases"}``, or ``gc,databases`` in a variable."""
    names = [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
    if not isinstance(names, Iterable) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"must be names of parts such as gc,databases, not {value!r}")
    parts = frozenset(names)
    if unknown := sorted(parts.difference(PARTS)):
        raise ConfigError(f"has {unknown[0]!r}, and there is no such part; there are {', '.join(PARTS)}")
    return parts


def _sink(value: object) -> Any:
    known = value == "console" or (isinstance(value, str) and value.startswith(JSONL) and len(value) > len(JSONL))
    if not known and not callable(value):
        raise ConfigError(f"must be 'console', '{JSONL}PATH' or a callable, not {value!r}")
    return value


class Setting(NamedTuple):
    """One setting: how it is read, its default, and what it is for."""

    read: Callable[[object], Any]
    default: Any
    doc: str


SETTINGS: dict[str, Setting] = {
    "url": Setting(_url, None, "address of the server; without one nothing is sent"),
    "app_id": Setting(_text, None, "application, for the log lines about sending; the key decides"),
    "api_key": Setting(_key, None, "the application's key"),
    "tags": Setting(_tags, {}, "tags that every series carries"),
    "host": Setting(_text, None, "name of this host; the system's own where it is not given"),
    "flush_interval": Setting(_seconds, 10.0, "seconds between two windows"),
    "log_level": Setting(_level, logging.INFO, "least level of the log lines that are sent"),
    "capture_logs": Setting(_switch, True, "whether what the program logs is sent"),
    "system_metrics": Setting(_switch, True, "whether the machine, the process and the interpreter are measured"),
    "without": Setting(_parts, frozenset(), "parts that are left out, such as gc, event_loop or machine"),
    "spool_dir": Setting(_text, None, "folder that keeps undelivered batches over a restart"),
    "spool_bytes": Setting(_size, 64 * 1024 * 1024, "size that folder may reach, in bytes"),
    "flight_recorder": Setting(_recorder, False, "whether what is recorded outlives a kill; or the folder for that"),
    "ca_file": Setting(_file, None, "certificates to verify the server with, instead of the system's"),
    "sink": Setting(_sink, None, "'console', 'jsonl:PATH' or a callable that gets every window"),
}


class Options(TypedDict, total=False):
    """What ``argus.init`` and ``argus.Client`` can be given, for type checkers; ``None`` is as if it were left out."""

    url: str | None
    app_id: str | None
    api_key: str | None
    tags: Mapping[str, str] | None
    host: str | None
    flush_interval: float | None
    log_level: int | str | None
    capture_logs: bool | None
    system_metrics: bool | None
    without: Iterable[str] | None
    spool_dir: str | None
    spool_bytes: int | None
    flight_recorder: bool | str | None
    ca_file: str | None
    sink: str | Sink | None


class Config(NamedTuple):
    """A client's settings, checked."""

    url: str | None
    app_id: str | None
    api_key: str | None
    tags: dict[str, str]
    host: str | None
    flush_interval: float
    log_level: int
    capture_logs: bool
    system_metrics: bool
    without: frozenset[str]
    spool_dir: str | None
    spool_bytes: int
    flight_recorder: bool | str
    ca_file: str | None
    sink: Any


def load(arguments: Mapping[str, object]) -> Config:
    """Return the settings. Raises ``TypeError`` for an argument that does not exist; wrong values are logged."""
    for name in arguments:
        if name not in SETTINGS:
            raise TypeError(f"there is no setting {name!r}; there are {', '.join(SETTINGS)}")
    file, path = _read_file()
    values = {}
    for name, setting in SETTINGS.items():
        variable = f"ARGUS_{name.upper()}"
        sources = (
            (f"argument {name}", arguments.get(name)),
            (variable, os.environ.get(variable) or None),
            (f"{path}: client.{name}", file.get(name)),
        )
        values[name] = _first_right(sources, setting)
    return Config(**values)


def _first_right(sources: tuple[tuple[str, Any], ...], setting: Setting) -> Any:
    for source, value in sources:
        if value is None:
            continue
        try:
            return setting.read(value)
        except ConfigError as error:
            log.error("%s %s; it is ignored", source, error)  # noqa: TRY400  # the message is whole without a trace
    return setting.default


def _read_file() -> tuple[Mapping[str, Any], str | None]:
    """Return the ``[client]`` table of the nearest ``argus.toml``, and its path."""
    try:
        folder = os.getcwd()
    except OSError:  # the working directory is gone
        return {}, None
    while not os.path.isfile(path := os.path.join(folder, FILE)) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    if not os.path.isfile(path):
        return {}, None
    import tomllib  # noqa: PLC0415  # only programs with a file pay for the parser

    try:
        with open(path, "rb") as file:
            table = tomllib.load(file).get("client", {})
    except (OSError, ValueError) as error:
        log.error("%s cannot be read (%s); it is ignored", path, error)  # noqa: TRY400  # the message is whole
        return {}, path
    if not isinstance(table, dict):
        log.error("%s: client is %r and is ignored; it must be a table: [client]", path, table)
        return {}, path
    for name in table:
        if name not in SETTINGS:
            log.error("%s: there is no setting client.%s; there are %s", path, name, ", ".join(SETTINGS))
    return table, path
