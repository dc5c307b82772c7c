"""The server's settings and stores, as the options of a command choose them."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argus.server.settings import Settings
    from argus.server.stores.base import RecordStore


def add_store(command: Any) -> None:
    """Give a command the options that say where a server keeps what it knows."""
    command.add_argument("--data", help="the server's data folder (ARGUS_DATA, or ./argus-data)")
    command.add_argument("--records-url", help="its record store, where that lies elsewhere (ARGUS_RECORDS_URL)")


def add_stores(command: Any) -> None:
    """Give a command the options that say where both stores are."""
    add_store(command)
    command.add_argument("--metrics-url", help="its metric store, where that lies elsewhere (ARGUS_METRICS_URL)")


def settings(options: argparse.Namespace) -> Settings:
    """Return the settings of the server that a command is about."""
    from argus.server.settings import load  # noqa: PLC0415  # part of the server extra

    return load(vars(options), os.environ)


def open_records(options: argparse.Namespace) -> tuple[RecordStore, Settings]:
    """Open the record store of the server that a command is about, and return its settings with it."""
    from argus.server import data_folder  # noqa: PLC0415  # part of the server extra
    from argus.server.stores import opening  # noqa: PLC0415  # part of the server extra

    chosen = settings(options)
    if opening.is_embedded(chosen):
        data_folder.prepare(chosen.data)
    return opening.open_records(chosen), chosen
