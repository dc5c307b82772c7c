"""The server's settings: one frozen object, read once at start.

Each is a flag of ``argus serve``, an ``ARGUS_*`` variable and a key of the ``[server]`` table of ``argus.toml``, in
this order of precedence. A variable's value may lie in a file instead, which ``ARGUS_*_FILE`` names: so secrets stay
out of the environment. ``docs/settings.md`` is checked against this file by a test.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from argus.errors import ConfigError
from argus.server.networks import networks

FILE = "argus.toml"
DAY = 86_400.0
MIB = 1024 * 1024


def _setting(default: Any, doc: str, least: float | None = None, most: float | None = None) -> Any:
    return field(default=default, metadata={"doc": doc, "least": least, "most": most})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the server can be told. Durations are seconds unless the name says days; sizes are bytes."""

    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8000, "port to listen on", 0, 65_535)
    workers: int = _setting(
        1, "server processes that share the port, on Linux and with stores that they can share", 1, 64
    )
    tls_cert: str = _setting("", "certificate for HTTPS, with its chain, as a PEM file; read again when it changes")
    tls_key: str = _setting("", "private key of that certificate, as a PEM file")
    data: Path = _setting(Path("argus-data"), "folder that holds everything the server keeps")
    metrics_url: str = _setting("", "metric store; without one, metrics.db in the data folder")
    records_url: str = _setting("", "record store; without one, records.db in the data folder")
    public_url: str = _setting("", "address under which browsers reach the server, if a proxy stands before it")
    trusted_proxies: str = _setting(
        "127.0.0.0/8, ::1/128", "networks whose X-Forwarded-For and X-Forwarded-Proto are believed"
    )
    log_level: str = _setting("INFO", "least level of the server's own log lines")
    raw_retention_days: float = _setting(7.0, "days that summaries are kept as they came", 0.05, 3650)
    rollup_retention_days: float = _setting(30.0, "days that 5-minute rollups are kept", 0.05, 3650)
    log_retention_days: float = _setting(30.0, "days that log lines are kept", 0.05, 3650)
    audit_retention_days: float = _setting(400.0, "days that administrative acts are kept", 1, 36_500)
    backup_every_days: float = _setting(7.0, "days between two backups that the server makes; 0: never", 0, 3650)
    backup_keep: int = _setting(4, "backups that are kept; older ones are removed when a new one is made", 1, 10_000)
    backup_dir: str = _setting("", "folder of the backups; without one, backups in the data folder")
    max_body: int = _setting(8 * MIB, "largest request body", 1024, 1024 * MIB)
    max_decompressed: int = _setting(32 * MIB, "largest request body after decompression", 1024, 4096 * MIB)
    max_batch: int = _setting(20_000, "most summaries in one batch", 1, 1_000_000)
    max_logs: int = _setting(10_000, "most log lines in one batch", 1, 1_000_000)
    max_series: int = _setting(10_000, "most active series per application; only new ones are rejected", 1, 10_000_000)
    max_rows_per_second: float = _setting(50_000.0, "most summaries per second and application", 1, 1e9)
    max_lines_per_second: float = _setting(10_000.0, "most log lines per second and application", 1, 1e9)
    past: float = _setting(DAY, "how old a timestamp may be", 60, 3650 * DAY)
    ahead: float = _setting(600.0, "how far ahead of the server's clock a timestamp may be", 1, DAY)
    headers_timeout: float = _setting(10.0, "seconds a new connection may take to send its first headers", 1, 3600)
    body_timeout: float = _setting(30.0, "seconds a client may take to send a body", 1, 3600)
    session_idle: float = _setting(DAY, "seconds after which an unused login ends", 60, 365 * DAY)
    session_absolute: float = _setting(30 * DAY, "seconds after which every login ends", 60, 365 * DAY)
    query_timeout: float = _setting(10.0, "seconds a log search may take", 0.1, 3600)
    live_sockets: int = _setting(200, "most live connections at once", 1, 100_000)
    alert_interval: float = _setting(60.0, "seconds from one judgement of all alert rules to the next", 1, 3600)
    alert_delay: float = _setting(30.0, "seconds that data may be late before an alert rule judges them", 0, 3600)
    smtp_url: str = _setting(
        "", "mail server, like smtp://user:password@host:587?starttls=1 or smtps://user:password@host"
    )
    mail_from: str = _setting("", "address that mails come from; the mail server's user where that is one")
    mail_per_hour: int = _setting(30, "mails to one address in an hour; beyond it, several become one", 1, 100_000)
    heartbeat_url: str = _setting("", "address that is asked after each pass of the checker that succeeded")
    self_monitoring: bool = _setting(True, "whether the server is an application of its own")
    given: Mapping[str, str] = field(default_factory=dict, compare=False)
    """No setting: where each of them comes from that is not its default."""


def known() -> list[Field[Any]]:
    """Return every setting, as its field."""
    return [setting for setting in fields(Settings) if setting.metadata]


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"ARGUS_{name.upper()}"


def file_variable(name: str) -> str:
    """Return the environment variable that names a file with a setting's value."""
    return f"{variable(name)}_FILE"


def _secret(name: str, environment: Mapping[str, str]) -> str | None:
    path = environment.get(name)
    if not path:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise ConfigError(f"{name} is {path!r}, which cannot be read: {error}") from error


def admin_password(environment: Mapping[str, str]) -> str | None:
    """Return the administrator's first password, where the environment gives one. Raises :class:`ConfigError`."""
    return environment.get("ARGUS_ADMIN_PASSWORD") or _secret("ARGUS_ADMIN_PASSWORD_FILE", environment)


def flag(name: str) -> str:
    """Return the command-line flag of a setting."""
    return f"--{name.replace('_', '-')}"


def described() -> list[tuple[str, str, str]]:
    """Return name, default and description of every setting."""
    return [(f.name, str(f.default), str(f.metadata["doc"])) for f in known()]


def load(arguments: Mapping[str, Any], environment: Mapping[str, str], folder: Path | None = None) -> Settings:
    """Return the settings from flags, variables and ``argus.toml`` in ``folder`` (the working directory).

    Raises :class:`ConfigError` naming the value, where it came from, and what it may be.
    """
    found = list(_given(arguments, environment, folder))
    values = {setting.name: _read(setting, value, source) for setting, source, value in found}
    return Settings(**values, given={setting.name: source for setting, source, _ in found})


def sources(arguments: Mapping[str, Any], environment: Mapping[str, str], folder: Path | None = None) -> list[str]:
    """Return where each setting comes from that is not a default. Raises as :func:`load` does."""
    return [source for _, source, _ in _given(arguments, environment, folder)]


def _given(
    arguments: Mapping[str, Any], environment: Mapping[str, str], folder: Path | None
) -> Iterator[tuple[Any, str, Any]]:
    """Yield every setting that was given, where it comes from, and its value."""
    path = (folder or Path.cwd()) / FILE
    table = _read_table(path)
    for setting in known():
        name = setting.name
        for source, value in (
            (flag(name), arguments.get(name)),
            _from_environment(name, environment),
            (f"{path}: server.{name}", table.get(name)),
        ):
            if value is not None:
                yield setting, source, value
                break


def _from_environment(name: str, environment: Mapping[str, str]) -> tuple[str, str | None]:
    """Return where the environment gives a setting, and its value. An empty variable is none."""
    text, secret = environment.get(variable(name)) or None, _secret(file_variable(name), environment)
    if text and secret is not None:
        raise ConfigError(f"{variable(name)} and {file_variable(name)} are both set; leave one out")
    return (variable(name), text) if secret is None else (file_variable(name), secret)


def _read_table(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("server", {})
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: server is {table!r}; it must be a table: [server]")
    names = [setting.name for setting in known()]
    for name in table:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(names)}"
            raise ConfigError(f"{path}: there is no setting server.{name}{hint}")
    return table


def _read(setting: Any, value: Any, source: str) -> Any:
    default = setting.default
    try:
        if isinstance(default, bool):
            return _switch(value)
        if isinstance(default, int):
            return _bounded(setting, _whole(value))
        if isinstance(default, float):
            return _bounded(setting, _number(value))
        if isinstance(default, Path):
            return Path(value).expanduser()
        return _text(setting.name, str(value))
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{source} is {value!r}: {error}") from error


def _whole(value: Any) -> int:
    try:
        return int(str(value))  # not int(value), which would cut 1.5 to 1
    except ValueError as error:
        raise ValueError("it must be a whole number") from error


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise ValueError("it must be a number") from error


def _bounded(setting: Any, number: float) -> float:
    least, most = setting.metadata["least"], setting.metadata["most"]
    if least is not None and not least <= number <= most:
        raise ValueError(f"it must be from {least:,} to {most:,}")
    return number


def _switch(value: Any) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if str(value).lower() not in words:
        raise ValueError("it must be true or false")
    return words[str(value).lower()]


def _text(name: str, value: str) -> str:
    if (
        name == "public_url"
        and value
        and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).netloc)
    ):
        raise ValueError("it must be an address like https://argus.example.org")
    if name == "trusted_proxies":
        networks(value)  # raises ValueError
    if name == "log_level" and value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("it must be DEBUG, INFO, WARNING or ERROR")
    return value.rstrip("/") if name == "public_url" else value
