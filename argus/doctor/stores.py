"""The stores: whether each is there, takes our credentials, can be written, and has a version and schema that fit.

A file that is missing is left missing. In an engine on the network the place for metrics is made where it is missing,
as the server does at its start.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import time
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from argus.doctor import web
from argus.doctor.result import Result, failure, ok, warning
from argus.errors import ConfigError, StoreError
from argus.server.settings import DAY, Settings, variable
from argus.server.stores import opening

if TYPE_CHECKING:
    from argus.server.stores.remote.engine import Engine

LOCK_SECONDS = 3.0
OLDEST_POSTGRES = 14
OLDEST_INFLUX = (1, 6)
NOBODY = "~"
"""An application that cannot be: ids are made of letters, digits and dashes."""

_RETENTION = re.compile(rb'flag\{name="retentionPeriod", ?value="([^"]+)"')
_PERIOD = re.compile(r"([\d.]+)([hdwMy]?)")
_UNITS = {"": 31.0, "h": 1 / 24, "d": 1.0, "w": 7.0, "M": 31.0, "y": 365.0}
"""Days of each unit of VictoriaMetrics."""

Clocks = MutableMapping[str, float]
"""Takes how far each store's clock is ahead of ours, by the store's name."""


def metrics(settings: Settings, clocks: Clocks) -> Result:
    """Look at the metric store."""
    from argus.server.stores.metrics.schema import VERSION  # noqa: PLC0415  # each store's own parts, when it is used

    name = "metrics"
    try:
        kind, place = opening.shown("metrics", settings.metrics_url, settings)
        name = f"metrics ({kind})"
        if kind == "sqlite":
            return sqlite(name, opening.sqlite_path(settings.metrics_url, settings.data / "metrics.db"), VERSION)
        return influx(name, settings, place, clocks) if kind == "influxdb" else victoria(name, settings, place, clocks)
    except (StoreError, ConfigError) as error:
        return failure(name, str(error), f"does it run, and is {variable('metrics_url')} right?")


def records(settings: Settings, clocks: Clocks) -> Result:
    """Look at the record store."""
    from argus.server.stores.records.schema import MIGRATIONS  # noqa: PLC0415  # as above

    name = "records"
    try:
        kind, place = opening.shown("records", settings.records_url, settings)
        name = f"records ({kind})"
        if kind == "sqlite":
            path = opening.sqlite_path(settings.records_url, settings.data / "records.db")
            return sqlite(name, path, len(MIGRATIONS))
        return postgres(name, settings.records_url, place, clocks)
    except ConfigError as error:
        return failure(name, str(error), f"correct {variable('records_url')}")


def sqlite(name: str, path: Path, known: int) -> Result:
    """Look at a database file of ours; ``known`` is the newest version of its tables."""
    if not path.exists():
        return ok(name, f"{path} is made at the first start")
    try:
        with contextlib.closing(_connected(path)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            connection.isolation_level = None
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return failure(name, f"{path} is locked by another process", f"find it with: fuser {path}")
        return failure(
            name, f"{path}: {error}", f"let argus read and write it: chown $(id -un) {path}*; is the disk full?"
        )
    except sqlite3.DatabaseError as error:
        return failure(name, f"{path}: {error}", "stop the server, and restore the newest backup")
    return _file_version(name, path, version, known)


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=LOCK_SECONDS)


def _file_version(name: str, path: Path, version: int, known: int) -> Result:
    if version > known:
        return failure(name, f"{path} has version {version}, known are up to {known}", "update Argus")
    if version < known:
        return warning(name, f"{path} has version {version}", f"the next start brings it to {known}; back it up before")
    return ok(name, f"{path} can be written, version {version}")


def influx(name: str, settings: Settings, place: str, clocks: Clocks) -> Result:
    """Look at an InfluxDB: version, rights, and a number written and read."""
    from argus.server.stores.influx.engine import InfluxEngine  # noqa: PLC0415  # as above
    from argus.server.stores.remote.engine import Tier  # noqa: PLC0415  # as above

    retention = {Tier.RAW: settings.raw_retention_days * DAY, Tier.ROLLUP: settings.rollup_retention_days * DAY}
    engine = InfluxEngine(settings.metrics_url, retention)
    try:
        version = engine.version()
        _note_clock(clocks, "InfluxDB", f"{engine.root}/ping")
        if version < OLDEST_INFLUX:
            return failure(name, f"{place} is version {version[0]}.{version[1]}", "update InfluxDB to 1.6 or newer")
        _write_and_read(engine)
    finally:
        engine.close()
    return ok(name, f"{place} can be written and read, version {version[0]}.{version[1]}")


def victoria(name: str, settings: Settings, place: str, clocks: Clocks) -> Result:
    """Look at a VictoriaMetrics: its retention, and a number written and read. Its version it may not tell."""
    from argus.server.stores.victoria.engine import VictoriaEngine  # noqa: PLC0415  # as above

    engine = VictoriaEngine(settings.metrics_url)
    try:
        _write_and_read(engine)
        _note_clock(clocks, "VictoriaMetrics", f"{engine.root}/health")
        return kept(name, place, _retention(f"{engine.root}/metrics"), settings.rollup_retention_days)
    finally:
        engine.close()


def _retention(url: str) -> str | None:
    """Return what VictoriaMetrics was started with; ``None`` where it does not tell us, as behind a proxy."""
    with contextlib.suppress(web.NoAnswer):
        found = _RETENTION.search(web.ask(url).body)
        return found[1].decode() if found else None
    return None


def kept(name: str, place: str, retention: str | None, days: float) -> Result:
    """Judge the retention of the engine (``30d``; a bare number is months): it has to cover the days of rollups."""
    told = f"{place} can be written and read"
    found = _PERIOD.fullmatch(retention or "")
    if found is None:
        return ok(name, told)
    if float(found[1]) * _UNITS[found[2]] < days:
        fix = f"start it with -retentionPeriod={days:g}d, or lower {variable('rollup_retention_days')}"
        return warning(name, f"{told}, and keeps {retention}, less than the {days:g} days that are set", fix)
    return ok(name, f"{told}, keeps {retention}")


def _write_and_read(engine: Engine) -> None:
    """Store a fact of nobody's and ask for it: this takes the same ways, and rights, as what a server stores."""
    from argus.server.stores.remote.engine import Fact  # noqa: PLC0415  # as above

    engine.write_facts([Fact("doctor", NOBODY, "visit", int(time.time()))])
    engine.read_facts("doctor", [(NOBODY, "visit")])


def _note_clock(clocks: Clocks, name: str, url: str) -> None:
    with contextlib.suppress(web.NoAnswer):  # whether it answers is told elsewhere
        offset = web.ask(url).offset
        if offset is not None:
            clocks[name] = offset


def postgres(name: str, url: str, place: str, clocks: Clocks) -> Result:
    """Look at a PostgreSQL: version, rights, schema; nothing in it is changed."""
    import psycopg  # noqa: PLC0415  # as above

    from argus.server.stores.postgres import migrations  # noqa: PLC0415  # as above
    from argus.server.stores.postgres.database import conninfo_of, said  # noqa: PLC0415  # as above

    try:
        with psycopg.connect(conninfo_of(url), autocommit=True) as connection:
            clock, read_only, may_make = connection.execute(
                "SELECT extract(epoch FROM clock_timestamp())::float8, "
                "pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on', "
                "coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"
            ).fetchone() or (0.0, True, False)
            clocks["PostgreSQL"] = clock - time.time()
            server, version = connection.info.server_version, migrations.version(connection)
    except psycopg.OperationalError as error:
        fix = f"does it run, and are host, user and password of {variable('records_url')} right?"
        return failure(name, f"{place}: {said(error)}", fix)
    return schema(name, place, Facts(server, version, len(migrations.migrations()), bool(read_only), bool(may_make)))


class Facts(NamedTuple):
    """What is known of a database; versions of the server as libpq counts them, those of the schema as migrations."""

    server: int
    version: int
    known: int
    read_only: bool
    may_make: bool


def schema(name: str, place: str, facts: Facts, *, has_dump: bool | None = None) -> Result:
    """Judge a database."""
    told = f"{place}, version {facts.server // 10_000}"
    if facts.server // 10_000 < OLDEST_POSTGRES:
        return failure(name, f"{told} is too old", f"update PostgreSQL to {OLDEST_POSTGRES} or newer")
    if facts.read_only:
        return failure(name, f"{told}, is read-only", "name the primary, or reset default_transaction_read_only")
    if not facts.may_make:
        return failure(name, f"{told}: the role may make no tables", "make it the owner of a database of its own")
    return _migrations(
        name, told, facts, has_dump=shutil.which("pg_dump") is not None if has_dump is None else has_dump
    )


def _migrations(name: str, told: str, facts: Facts, *, has_dump: bool) -> Result:
    if facts.version == 0:
        return ok(name, f"{told}, is empty: the first start makes its tables")
    told = f"{told}, has migration {facts.version} of {facts.known}"
    if facts.version > facts.known:
        return failure(name, told, "update Argus: the database is a newer one's")
    if facts.version == facts.known:
        return ok(name, f"{told}: up to date")
    if not has_dump:
        return failure(name, f"{told}, and pg_dump is missing", "install postgresql-client: a copy is made before")
    return warning(name, told, "the next start migrates it, after a copy into the data folder's backups")
