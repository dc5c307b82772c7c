"""Where the parts of the running server are found in the aiohttp application: typed keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from argus.server.alerts.checker import Checker
from argus.server.auth import Auth
from argus.server.backup.schedule import Backups
from argus.server.errors_hour import ErrorCounts
from argus.server.ingest import GroupCommit
from argus.server.intake import Intake
from argus.server.jobs import Jobs
from argus.server.leadership import Leadership
from argus.server.live import Hub
from argus.server.neighbours import Neighbours
from argus.server.networks import Networks
from argus.server.notify.carrier import Carrier
from argus.server.notify.heartbeat import Heartbeat
from argus.server.notify.worker import DeliveryWorker
from argus.server.problems import ProblemLog
from argus.server.process import Process
from argus.server.readiness import Readiness
from argus.server.series import SeriesDirectory
from argus.server.settings import Settings
from argus.server.slow_clients import SlowClients
from argus.server.startup import Startup
from argus.server.stores.alerts.base import AlertStore, Outbox
from argus.server.stores.alerts.channels import ChannelStore
from argus.server.stores.base import LogBatch, MetricBatch, MetricStore, RecordStore
from argus.server.traffic import Traffic
from argus.wire.decode import Limits
from argus.wire.sections import KeyCache

SETTINGS = web.AppKey("settings", Settings)
METRICS = web.AppKey("metrics", MetricStore)
RECORDS = web.AppKey("records", RecordStore)
ALERTS = web.AppKey("alerts", AlertStore)
CHECKER = web.AppKey("checker", Checker)
OUTBOX = web.AppKey("outbox", Outbox)
CHANNELS = web.AppKey("channels", ChannelStore)
CARRIER = web.AppKey("carrier", Carrier)
DELIVERY = web.AppKey("delivery", DeliveryWorker)
HEARTBEAT = web.AppKey("heartbeat", Heartbeat)
AUTH = web.AppKey("auth", Auth)
SERIES = web.AppKey("series", SeriesDirectory)
METRIC_COMMIT = web.AppKey("metric_commit", GroupCommit[MetricBatch])
LOG_COMMIT = web.AppKey("log_commit", GroupCommit[LogBatch])
STARTUP = web.AppKey("startup", Startup)
READINESS = web.AppKey("readiness", dict[str, Readiness])
HUB = web.AppKey("hub", Hub)
LEADERSHIP = web.AppKey("leadership", Leadership)
NEIGHBOURS = web.AppKey("neighbours", Neighbours)
"""Only where other servers may share the stores."""
LIMITS = web.AppKey("limits", Limits)
KEY_CACHE = web.AppKey("key_cache", KeyCache)
PROBLEM_LOG = web.AppKey("problem_log", ProblemLog)
ERROR_COUNTS = web.AppKey("error_counts", ErrorCounts)
SLOW_CLIENTS = web.AppKey("slow_clients", SlowClients)
TRAFFIC = web.AppKey("traffic", Traffic)
API_DOCUMENT: web.AppKey[Callable[[], dict[str, Any]]] = web.AppKey("api_document")
"""Makes it when somebody asks first: it takes as long as the rest of the application, and most servers need none."""
TRUSTED_PROXIES: web.AppKey[Networks] = web.AppKey("trusted_proxies", tuple)
INTAKE = web.AppKey("intake", Intake)
JOBS = web.AppKey("jobs", Jobs)
PROCESS = web.AppKey("process", Process)
BACKUPS = web.AppKey("backups", Backups)
