"""Recovery on demand: for a parent whose program has just died."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from argus.recorder import place

if TYPE_CHECKING:
    from argus.client.config import Config


class Recovered(NamedTuple):
    """What one recovery did."""

    batches: int
    """Batches that the server has taken."""
    complete: bool
    """Whether nothing is left; what is left stays, for the next recovery or the next start of the application."""


def recover(settings: Config, seconds: float = 5.0) -> Recovered:
    """Send what dead processes of the application that the settings name have left on this host.

    Takes ``seconds`` at most. Files of living processes are known by the lock they hold and left alone; of two that
    recover at once, each file is one's. What was sent before is recognised by the server and not counted again.
    """
    from argus.client.delivery import Delivery  # noqa: PLC0415  # these bring the network modules
    from argus.client.logs import LogBuffer  # noqa: PLC0415
    from argus.client.spool import Folder, LogStream, MetricStream  # noqa: PLC0415
    from argus.client.transport import HttpTransport  # noqa: PLC0415

    if settings.url is None:
        return Recovered(0, complete=True)
    transport = HttpTransport(settings.url, settings.api_key, settings.ca_file)
    shared = settings.spool_dir is None
    folder = Folder(place.root(settings), f"recovery-{os.getpid()}", settings.spool_bytes, shared=shared)
    nothing: dict[str, str] = {}
    delivery = Delivery(transport, MetricStream(nothing), LogStream(nothing, LogBuffer()), folder)
    try:
        complete = delivery.run(time.monotonic() + seconds, now=True)
    finally:
        delivery.close()
    return Recovered(delivery.counts["batches_sent"], complete)
