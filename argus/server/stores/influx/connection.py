"""One InfluxDB server: which version it is, and how that version is written and asked.

============ ============================== =============================== =========================
version      written by                     asked by                        authorization
============ ============================== =============================== =========================
1.6, 1.7     ``/write?db=…&rp=…``           ``/query``, InfluxQL            user and password (basic)
1.8 and on   ``/api/v2/write``, ``db/rp``   ``/query``, InfluxQL            ``Token user:password``
2.x, 3 Core  ``/api/v2/write``              ``/query``, InfluxQL            ``Token …``
============ ============================== =============================== =========================
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import msgspec
import urllib3

from argus.errors import StoreUnavailable
from argus.server.stores.influx import influxql
from argus.server.stores.remote import lines
from argus.server.stores.remote.address import Address
from argus.server.stores.remote.http import Http, refusal
from argus.server.stores.remote.writer import Writer

ENGINE = "InfluxDB"

_ANSWERS = msgspec.json.Decoder(influxql.Answer)
_VERSION = re.compile(r"v?(\d+)\.(\d+)")
CHUNK = 5_000
"""Rows of a long answer that the server sends at once."""

_FIRST_WITH_V2_WRITES = (1, 8)
_ERRORS = 400
_BEGIN, _END = "1970-01-01T00:00:00Z", "2200-01-01T00:00:00Z"


class Place(NamedTuple):
    """Where rows of one tier lie: a bucket for writing, the same as database and retention policy for InfluxQL."""

    bucket: str
    database: str
    policy: str

    def source(self, measurement: str) -> str:
        """Return what stands after ``FROM``."""
        return (
            f"{influxql.name(self.policy)}.{influxql.name(measurement)}" if self.policy else influxql.name(measurement)
        )


class Connection:
    """Speaks to one server; for any number of threads. Making one does not connect."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.org = address.options.get("org", "-")
        token = address.options.get("token", "")
        basic = f"{address.user}:{address.password}" if address.user else ""
        authorization = f"Token {token}" if token else None
        if basic:
            authorization = urllib3.make_headers(basic_auth=basic)["authorization"]
        self.http = Http(ENGINE, address, authorization)
        self.writer = Writer(ENGINE, replace(address, path=""), token=token or basic, org=self.org)

    def version(self) -> tuple[int, int]:
        """Ask the server for its version. Raises ``StoreUnavailable`` where there is no InfluxDB."""
        answer = self.http.get("/ping")
        if answer.status >= _ERRORS:
            raise refusal(ENGINE, self.address, answer.status, answer.data.decode("utf-8", "replace"))
        found = _VERSION.match(answer.headers.get("X-Influxdb-Version", ""))
        if found is None:
            raise StoreUnavailable(f"what answers at {self.address.place} is no InfluxDB: its /ping names no version")
        return int(found[1]), int(found[2])

    def write(self, place: Place, body: bytes, version: tuple[int, int]) -> None:
        """Send lines with times in nanoseconds."""
        if version < _FIRST_WITH_V2_WRITES:
            self.http.post("/write", body, [("db", place.database), ("rp", place.policy), ("precision", "ns")])
            return
        self.writer.write(place.bucket, body)

    def delete(self, place: Place, measurement: str, app: str) -> None:
        """Delete an application's points; ``app`` is a stored text. From 2.0 on."""
        predicate = f"_measurement={influxql.name(measurement)} AND app_id={influxql.name(app)}"
        with self.writer.translated():
            self.writer.client.delete_api().delete(_BEGIN, _END, predicate, place.bucket, self.org)

    def query(self, statement: str, database: str = "") -> list[influxql.Table]:
        """Ask InfluxQL. Raises ``StoreUnavailable`` with what the server says."""
        return list(self.tables(self.ask(statement, database)))

    def ask(self, statement: str, database: str = "") -> bytes:
        """Ask InfluxQL and return the answer as it came."""
        params = [("q", statement), ("epoch", "ms")]
        if database:
            params.append(("db", database))
        return self.http.ask("/query", params)

    def stream(self, statement: str, database: str) -> Iterator[influxql.Table]:
        """Ask InfluxQL and yield a long answer some rows at a time, with times in nanoseconds."""
        params = [("q", statement), ("db", database), ("epoch", "ns"), ("chunked", "true"), ("chunk_size", str(CHUNK))]
        for some in lines.whole(self.http.stream("/query", params)):
            for line in some:
                yield from self.tables(line)

    def tables(self, body: bytes) -> Iterator[influxql.Table]:
        """Yield the tables of one JSON text; what the server says of trouble is raised."""
        if not body.strip():
            return
        answer = _ANSWERS.decode(body)
        for told in (answer.error, *(result.error for result in answer.results)):
            if told:
                raise refusal(ENGINE, self.address, _ERRORS, told)
        for result in answer.results:
            yield from result.series

    def close(self) -> None:
        """Close the connections."""
        self.writer.close()
        self.http.close()
