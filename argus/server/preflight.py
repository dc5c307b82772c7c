"""What can be known of settings before anything is opened, migrated or started: whether they could ever work."""

from __future__ import annotations

from argus.server import supervisor, tls
from argus.server.notify.carrier import Carrier
from argus.server.notify.heartbeat import Heartbeat
from argus.server.settings import Settings
from argus.server.stores import opening


def check(settings: Settings) -> None:
    """Raise :class:`~argus.errors.ConfigError` for what no server could work with. Nothing is connected."""
    if settings.workers > 1:
        supervisor.check(settings)
    opening.check(settings)
    tls.certificate_of(settings)
    Heartbeat(settings.heartbeat_url, Carrier(settings))
