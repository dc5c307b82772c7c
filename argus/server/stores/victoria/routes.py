"""Where an address leads: to one node, or to a cluster's two doors.

``victoriametrics://host:8428/prefix`` is a node; the prefix is its ``-http.pathPrefix``, or a proxy's.
``victoriametrics://insert-host:8480/insert/TENANT/influx`` is a cluster: it is read at ``/select/TENANT/prometheus`` of
``?select=host:port``, or, where the address does not say, of the same host, at port 8481 if writing is at 8480.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from argus.errors import ConfigError
from argus.server.stores.remote.address import Address, parse

EXAMPLE = "victoriametrics://user:password@host:8428/prefix or victoriametrics://host:8480/insert/0/influx"
PORT = 8428
INSERT_PORT, SELECT_PORT = 8480, 8481

_CLUSTER = re.compile(r"(?P<before>.*)/insert/(?P<tenant>\d+(?::\d+)?)(?:/influx)?")


class Routes(NamedTuple):
    """The two doors, and the paths behind them."""

    insert: Address
    select: Address
    read_path: str
    delete_path: str
    import_path: str
    is_cluster: bool


def routes(url: str) -> Routes:
    """Take an address apart. Raises :class:`ConfigError`."""
    address = parse(url, "victoriametrics", example=EXAMPLE, port=PORT, options=frozenset({"select"}))
    cluster = _CLUSTER.fullmatch(address.path)
    if cluster is None:
        if "select" in address.options:
            raise ConfigError(f"?select= belongs to a cluster, whose path is /insert/TENANT; an address is {EXAMPLE}")
        return Routes(address, address, address.path, address.path, address.path, is_cluster=False)
    before, tenant = cluster["before"], cluster["tenant"]
    host, _, port = address.options.get("select", "").rpartition(":")
    if "select" in address.options and not (host and port.isdigit()):
        raise ConfigError(f"?select= is host:port; an address is {EXAMPLE}")
    usual = SELECT_PORT if address.port == INSERT_PORT else address.port
    return Routes(
        replace(address, path=f"{before}/insert/{tenant}/influx"),
        replace(address, host=host or address.host, port=int(port) if host else usual),
        f"{before}/select/{tenant}/prometheus",
        f"{before}/delete/{tenant}/prometheus",
        f"{before}/insert/{tenant}/prometheus",
        is_cluster=True,
    )
