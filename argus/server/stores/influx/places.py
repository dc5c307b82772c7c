"""Databases and buckets, made at start: one place for raw rows, one for rollups, each with its retention.

1.x: one database with the retention policies ``raw`` (its default) and ``5m``. 2.x: the bucket of the address and
``BUCKET/5m``, which InfluxQL sees as database ``BUCKET`` with policy ``5m``. 3 Core: databases of these names.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from influxdb_client.domain.bucket_retention_rules import BucketRetentionRules

from argus.server.stores.influx.connection import Connection, Place
from argus.server.stores.influx.influxql import name
from argus.server.stores.remote.engine import Tier
from argus.server.stores.remote.http import Refused

log = logging.getLogger("argus.server.store")

_LEAST_SECONDS = 3_600
"""InfluxDB keeps nothing for less than an hour."""

_EXISTS = 409


def prepare(
    connection: Connection, version: tuple[int, int], database: str, retention: Mapping[Tier, float]
) -> dict[Tier, Place]:
    """Make what is missing and return where each tier lies. ``retention`` is in seconds."""
    if version < (2, 0):
        places = {tier: Place(f"{database}/{tier.value}", database, tier.value) for tier in Tier}
        _make_policies(connection, database, retention)
        return places
    rollups = f"{database}/{Tier.ROLLUP.value}"
    places = {Tier.RAW: Place(database, database, ""), Tier.ROLLUP: Place(rollups, database, Tier.ROLLUP.value)}
    for tier, place in places.items():
        seconds = max(_LEAST_SECONDS, round(retention[tier]))
        if version < (3, 0):
            _make_bucket(connection, place.bucket, seconds)
        else:
            _make_database(connection, place.bucket, seconds)
    return places


def _make_policies(connection: Connection, database: str, retention: Mapping[Tier, float]) -> None:
    statements = [f"CREATE DATABASE {name(database)}"]
    for tier in Tier:
        default = " DEFAULT" if tier is Tier.RAW else ""
        policy = f"RETENTION POLICY {name(tier.value)} ON {name(database)}"
        duration = f"DURATION {max(_LEAST_SECONDS, round(retention[tier]))}s"
        statements += [f"CREATE {policy} {duration} REPLICATION 1{default}", f"ALTER {policy} {duration}{default}"]
    for statement in statements:
        try:
            connection.query(statement)
        except Refused as refused:
            if "already exists" in refused.text:  # with another duration; the next statement changes it
                continue
            if "not authorized" not in refused.text:
                raise
            log.warning("the user of %s may not say %s; somebody else must", connection.address.place, statement)


def _make_bucket(connection: Connection, bucket: str, seconds: int) -> None:
    api = connection.writer.client.buckets_api()
    rules = [BucketRetentionRules(type="expire", every_seconds=seconds)]  # type: ignore[no-untyped-call]  # influxdb-client's
    with connection.writer.translated():
        known = api.find_bucket_by_name(bucket)  # type: ignore[no-untyped-call]  # influxdb-client's
        if known is None:
            api.create_bucket(bucket_name=bucket, retention_rules=rules, org=connection.org)
        elif [rule.every_seconds for rule in known.retention_rules] != [seconds]:
            known.retention_rules = rules
            api.update_bucket(known)


def _make_database(connection: Connection, database: str, seconds: int) -> None:
    body = json.dumps({"db": database, "retention_period": f"{seconds}s"}).encode()
    try:
        connection.http.post("/api/v3/configure/database", body, headers={"Content-Type": "application/json"})
    except Refused as refused:
        if refused.status != _EXISTS:
            raise
