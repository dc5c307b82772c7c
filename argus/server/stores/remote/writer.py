"""The write path both engines have, ``/api/v2/write``, by influxdb-client.

Bodies come encoded: the client's ``Point`` objects take twenty times as long, more than the engine needs to store them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException

from argus.server.stores.remote.address import Address
from argus.server.stores.remote.http import CONNECT_SECONDS, CONNECTIONS, WRITE_SECONDS, refusal, unreachable


class Writer:
    """Connections to one address. ``token`` is a token, or with ``basic`` user and password with a colon between."""

    def __init__(self, engine: str, address: Address, *, token: str, org: str, basic: bool = False) -> None:
        self._engine = engine
        self._address = address
        self._org = org
        self.client = InfluxDBClient(
            address.root + address.path,
            token=token,
            auth_basic=basic,
            org=org,
            timeout=(round(CONNECT_SECONDS * 1000), round(WRITE_SECONDS * 1000)),
            enable_gzip=not address.is_loopback,
            connection_pool_maxsize=CONNECTIONS,
        )
        self._api = self.client.write_api(write_options=SYNCHRONOUS)

    def write(self, bucket: str, body: bytes, precision: str = WritePrecision.NS) -> None:
        """Send lines."""
        with self.translated():
            self._api.write(bucket, self._org, body, write_precision=precision)  # type: ignore[arg-type]  # its names are texts

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        """Turn the client's errors into ``StoreUnavailable``."""
        try:
            with unreachable(self._engine, self._address):
                yield
        except ApiException as error:
            told = error.body or error.reason or ""
            text = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
            raise refusal(self._engine, self._address, int(error.status or 0), text) from None  # its text has headers

    def close(self) -> None:
        """Close the connections."""
        self._api.close()  # type: ignore[no-untyped-call]  # influxdb-client's
        self.client.close()  # type: ignore[no-untyped-call]  # influxdb-client's
