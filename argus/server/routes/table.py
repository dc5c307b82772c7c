"""Every resource of the API, in the order of its documentation."""

from __future__ import annotations

from argus.server.api import Routes
from argus.server.routes import (
    alerts,
    api_docs,
    application,
    application_keys,
    applications,
    audit,
    backups,
    channels,
    health,
    ingest,
    live,
    logs,
    marks,
    metrics,
    session,
    settings,
    silences,
    status,
)

TABLE: tuple[Routes, ...] = (
    ingest.routes,
    metrics.routes,
    logs.routes,
    marks.routes,
    alerts.routes,
    silences.routes,
    channels.routes,
    applications.routes,
    application.routes,
    application_keys.routes,
    session.routes,
    audit.routes,
    status.routes,
    settings.routes,
    backups.routes,
    live.routes,
    health.routes,
    api_docs.routes,
)
