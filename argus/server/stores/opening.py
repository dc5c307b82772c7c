"""Which backend a URL names: ``sqlite:///folder/file`` and the like. Drivers are imported when a store is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import SplitResult, urlsplit

from argus.errors import ConfigError
from argus.server.settings import DAY, Settings
from argus.server.stores.base import MetricStore, RecordStore

if TYPE_CHECKING:
    from argus.server.stores.remote.engine import Engine

BACKUPS = "backups"
"""Folder in the data folder."""

ESCAPING = "write special characters of a user, password or option as %XX, such as %40 for @ and %2F for /"

Store = TypeVar("Store")


def open_metrics(settings: Settings) -> MetricStore:
    """Open the metric store. Raises :class:`ConfigError` for a URL that names none, ``StoreError`` where it cannot."""
    return _opener("--metrics-url", settings.metrics_url, METRIC_STORES)(settings)


def open_records(settings: Settings) -> RecordStore:
    """Open the record store. Raises as :func:`open_metrics` does."""
    return _opener("--records-url", settings.records_url, RECORD_STORES)(settings)


def is_embedded(settings: Settings) -> bool:
    """Return whether a store of the server lies in files of this machine, which one server at a time may own."""
    return is_sqlite(settings.metrics_url) or is_sqlite(settings.records_url)


def is_sqlite(url: str) -> bool:
    """Return whether a URL, or none, names an embedded store."""
    return not url or _parts(url).scheme == "sqlite"


def check(settings: Settings) -> None:
    """Raise :class:`ConfigError` for addresses of stores that none could have. Nothing is connected."""
    _opener("--metrics-url", settings.metrics_url, METRIC_STORES)
    if is_sqlite(settings.metrics_url):
        sqlite_path(settings.metrics_url, settings.data)
    else:
        open_engine(settings).close()
    check_records(settings)


def check_records(settings: Settings) -> None:
    """Raise :class:`ConfigError` for a record store's URL that names none."""
    _opener("--records-url", settings.records_url, RECORD_STORES)
    if is_sqlite(settings.records_url):
        sqlite_path(settings.records_url, settings.data)
    else:
        from argus.server.stores.postgres.database import conninfo_of  # noqa: PLC0415  # see the module's docstring

        conninfo_of(settings.records_url)


def without_secrets(url: str) -> str:
    """Return the URL as it may be shown: without user, password and query."""
    parts = _parts(url)
    return SplitResult(parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "").geturl()


def shown(role: str, url: str, settings: Settings) -> tuple[str, str]:
    """Return the product that a store's URL means, and where it is, without secrets. ``role``: metrics or records.

    Raises :class:`ConfigError` for a URL that names no store.
    """
    default = settings.data / f"{role}.db"
    _opener("--metrics-url", url, METRIC_STORES) if role == "metrics" else _opener("--records-url", url, RECORD_STORES)
    scheme = _parts(url).scheme if url else "sqlite"
    if scheme == "sqlite":
        return scheme, f"sqlite://{sqlite_path(url, default).absolute()}"
    kinds = {"influxdbs": "influxdb", "victoriametricss": "victoriametrics", "postgres": "postgresql"}
    return kinds.get(scheme, scheme), without_secrets(url)


def _parts(url: str) -> SplitResult:
    """Take a URL apart. What is wrong with it is said without quoting it, for it may hold a password."""
    try:
        parts = urlsplit(url)
    except ValueError:  # such as a bracket that nothing closes
        raise ConfigError(f"the address of a store cannot be read; {ESCAPING}") from None
    behind = parts.path + parts.fragment + ("" if "@" in parts.netloc else parts.query)
    if "@" in behind and parts.scheme != "sqlite":  # a / ? or # has ended a password, whose rest would be shown
        raise ConfigError(f"the address of a store holds an @ behind its host; {ESCAPING}")
    return parts


def _opener(flag: str, url: str, known: Mapping[str, Callable[[Settings], Store]]) -> Callable[[Settings], Store]:
    scheme = _parts(url).scheme if url else "sqlite"
    if scheme not in known:
        schemes = ", ".join(f"{name}://" for name in known)
        raise ConfigError(f"the address of {flag} begins with {scheme!r}; it must begin with one of {schemes}")
    return known[scheme]


def sqlite_path(url: str, default: Path) -> Path:
    """Return the file that ``sqlite:///folder/file`` names (a path from the root), ``default`` for no URL."""
    if not url:
        return default
    parts = _parts(url)
    if parts.netloc or not parts.path.strip("/"):
        raise ConfigError(f"a file is named like sqlite:///var/lib/argus/metrics.db, not {without_secrets(url)!r}")
    return Path("/" + parts.path.lstrip("/"))


def _sqlite_metrics(settings: Settings) -> MetricStore:
    from argus.server.stores.metrics.store import SqliteMetricStore  # noqa: PLC0415  # see the module's docstring

    return SqliteMetricStore(
        sqlite_path(settings.metrics_url, settings.data / "metrics.db"),
        raw_retention=settings.raw_retention_days * DAY,
        rollup_retention=settings.rollup_retention_days * DAY,
    )


def open_engine(settings: Settings) -> Engine:
    """Return the engine behind a metric store that is not embedded; it connects when it is used."""
    return _opener("--metrics-url", settings.metrics_url, ENGINES)(settings)


def _influx(settings: Settings) -> Engine:
    from argus.server.stores.influx.engine import InfluxEngine  # noqa: PLC0415  # see the module's docstring
    from argus.server.stores.remote.engine import Tier  # noqa: PLC0415  # see the module's docstring

    retention = {Tier.RAW: settings.raw_retention_days * DAY, Tier.ROLLUP: settings.rollup_retention_days * DAY}
    return InfluxEngine(settings.metrics_url, retention)


def _victoria(settings: Settings) -> Engine:
    from argus.server.stores.victoria.engine import VictoriaEngine  # noqa: PLC0415  # see the module's docstring

    return VictoriaEngine(settings.metrics_url)


def _remote_metrics(settings: Settings) -> MetricStore:
    from argus.server.stores.remote.store import RemoteMetricStore  # noqa: PLC0415  # see the module's docstring

    raw, rollup = settings.raw_retention_days * DAY, settings.rollup_retention_days * DAY
    return RemoteMetricStore(open_engine(settings), raw_retention=raw, rollup_retention=rollup)


def _sqlite_records(settings: Settings) -> RecordStore:
    from argus.server.stores.records.store import SqliteRecordStore  # noqa: PLC0415  # see the module's docstring

    return SqliteRecordStore(
        sqlite_path(settings.records_url, settings.data / "records.db"),
        log_retention=settings.log_retention_days * DAY,
        audit_retention=settings.audit_retention_days * DAY,
        query_timeout=settings.query_timeout,
    )


def _postgres_records(settings: Settings) -> RecordStore:
    from argus.server.stores.postgres.store import PostgresRecordStore  # noqa: PLC0415  # see the module's docstring

    return PostgresRecordStore(
        settings.records_url,
        settings.data / BACKUPS,
        log_retention=settings.log_retention_days * DAY,
        audit_retention=settings.audit_retention_days * DAY,
        query_timeout=settings.query_timeout,
    )


ENGINES: dict[str, Callable[[Settings], Engine]] = {
    "influxdb": _influx,
    "influxdbs": _influx,
    "victoriametrics": _victoria,
    "victoriametricss": _victoria,
}
METRIC_STORES: dict[str, Callable[[Settings], MetricStore]] = {
    "sqlite": _sqlite_metrics,
    **dict.fromkeys(ENGINES, _remote_metrics),
}
RECORD_STORES: dict[str, Callable[[Settings], RecordStore]] = {
    "sqlite": _sqlite_records,
    "postgresql": _postgres_records,
    "postgres": _postgres_records,
}
