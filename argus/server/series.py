"""Which series, hosts and instances each application has: the series limit, and what the applications page shows.

Where several servers share the stores, each knows what it was sent itself, and is told by the others who sends to them
and how many series of each host they know. Those are counted together: of a host the greatest number counts, for a
program mostly keeps to one server. So a limit may be exceeded by what comes in before the others have told.

Belongs to the event loop. Only what has been active within :data:`ACTIVE_SECONDS` counts against the limit, so an
application that once made too many series heals by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from argus.server.stores.base import MetricBatch, SeriesInfo
from argus.wire.columns import KeySet, Kind, Section, SeriesKey
from argus.wire.sections import Rejected, take_rows

ACTIVE_SECONDS = 86_400.0
INSTANCE_SECONDS = 60.0
MOST_KEY_SETS = 4096

Identity = tuple[str, Kind, SeriesKey]


class Instance(NamedTuple):
    """One client in one process."""

    name: str
    host: str
    sdk: str
    """Empty where it has sent log lines only."""
    last_seen: float


class _App:
    """What one application has sent."""

    def __init__(self) -> None:
        self.series: dict[Identity, float] = {}
        self.by_host: Counter[str] = Counter()
        self.elsewhere: dict[str, dict[str, tuple[int, float]]] = {}
        """Host → server → how many of its series it knows, and when it told."""
        self.most: dict[str, int] = {}
        """Host → how many of its series the server knows that knows most of them."""
        self.beyond = 0
        """Series that only other servers know."""
        self.hosts: dict[str, float] = {}
        self.instances: dict[str, Instance] = {}
        self.admitted: dict[tuple[str, Kind, KeySet], float] = {}
        self.last_seen: float | None = None

    def forget_idle(self, now: float) -> None:
        """Drop series that have not been active for long."""
        self.series = {key: seen for key, seen in self.series.items() if now - seen < ACTIVE_SECONDS}
        self.by_host = Counter(host for host, _, _ in self.series)
        self.admitted.clear()
        for told in self.elsewhere.values():
            for server in [name for name, (_, at) in told.items() if now - at >= ACTIVE_SECONDS]:
                del told[server]
        self.count_elsewhere()

    def count_elsewhere(self) -> None:
        """Count what only others know."""
        told = self.elsewhere.items()
        self.most = {host: max((known for known, _ in by.values()), default=0) for host, by in told}
        self.beyond = sum(max(0, known - self.by_host[host]) for host, known in self.most.items())

    @property
    def active(self) -> int:
        """How many series count against the limit."""
        return len(self.series) + self.beyond

    def has_room(self, host: str, limit: int) -> bool:
        """Return whether a series of a host that is new here may be added: others may have admitted it already."""
        return self.active < limit or self.by_host[host] < self.most.get(host, 0)

    def add(self, identity: Identity, now: float) -> None:
        """Remember a series that sends."""
        if identity not in self.series:
            host = identity[0]
            self.by_host[host] += 1
            self.beyond -= self.by_host[host] <= self.most.get(host, 0)
        self.series[identity] = now


class SeriesDirectory:
    """Admits series up to ``limit`` per application, and remembers who sends."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._apps: dict[str, _App] = {}
        self._tells = False
        self._hosts: set[tuple[str, str]] = set()
        self._instances: set[tuple[str, str]] = set()

    def prime(self, app: str, stored: Sequence[SeriesInfo], now: float) -> None:
        """Learn what the store holds already; called at start."""
        known = self._apps.setdefault(app, _App())
        for info in stored:
            known.hosts[info.host] = max(known.hosts.get(info.host, 0.0), info.last_seen)
            known.last_seen = max(known.last_seen or 0.0, info.last_seen)
            if now - info.last_seen < ACTIVE_SECONDS:
                key = SeriesKey(info.name, tuple(sorted(info.tags.items())))
                known.add((info.host, info.kind, key), info.last_seen)

    def admit(
        self, batch: MetricBatch, now: float, limit: int | None = None, sdk: str = ""
    ) -> tuple[MetricBatch, list[Rejected]]:
        """Return the batch without series over the limit (the application's own, or all's), and those left out."""
        app = self._apps.setdefault(batch.app, _App())
        app.last_seen = now
        app.hosts[batch.host] = now
        if batch.instance is not None:
            app.instances[batch.instance] = Instance(batch.instance, batch.host, sdk, now)
        self._to_tell(batch.app, batch.host, batch.instance)
        most = self.limit if limit is None else limit
        rejected: list[Rejected] = []
        sections = tuple(self._admit(app, batch.host, section, now, rejected, limit=most) for section in batch.sections)
        if not rejected:
            return batch, rejected
        kept = MetricBatch(batch.app, batch.host, batch.start, batch.end, sections, batch.instance, batch.seq)
        return kept, rejected

    @staticmethod
    def _admit(app: _App, host: str, section: Section, now: float, rejected: list[Rejected], *, limit: int) -> Section:
        place = (host, section.kind, section.keys)
        if place in app.admitted and now - app.admitted[place] < ACTIVE_SECONDS / 4:
            return section
        kept = []
        for row, key in enumerate(section.keys.keys):
            identity = (host, section.kind, key)
            if identity not in app.series and not app.has_room(host, limit):
                app.forget_idle(now)
                if not app.has_room(host, limit):
                    rejected.append(Rejected(key.name, f"series limit of {limit} reached"))
                    continue
            app.add(identity, now)
            kept.append(row)
        if len(kept) == len(section.keys.keys):
            if len(app.admitted) >= MOST_KEY_SETS:
                app.admitted.clear()
            app.admitted[place] = now
            return section
        keys = KeySet(tuple(section.keys.keys[row] for row in kept))
        return take_rows(section, np.array(kept, np.int64), keys)

    def heard(self, app: str, host: str, instance: str | None, now: float) -> None:
        """Remember that log lines came."""
        known = self._apps.setdefault(app, _App())
        known.last_seen = now
        known.hosts[host] = now
        if instance is not None:
            before = known.instances.get(instance)
            known.instances[instance] = Instance(instance, host, before.sdk if before else "", now)
        self._to_tell(app, host, instance)

    def forget(self, app: str) -> None:
        """Forget a deleted application."""
        self._apps.pop(app, None)

    def last_seen(self, app: str) -> float | None:
        """Return when the application last sent something."""
        known = self._apps.get(app)
        return known.last_seen if known is not None else None

    def hosts(self, app: str) -> list[str]:
        """Return the hosts the application was seen on within a day of its last sign of life."""
        known = self._apps.get(app)
        if known is None or known.last_seen is None:
            return []
        known.hosts = {host: seen for host, seen in known.hosts.items() if known.last_seen - seen < ACTIVE_SECONDS}
        return sorted(known.hosts)

    def instances(self, app: str, now: float) -> int:
        """Return how many instances sent something within the last minute."""
        return sum(now - one.last_seen < INSTANCE_SECONDS for one in self.instances_of_a_day(app, now))

    def instances_of_a_day(self, app: str, now: float) -> list[Instance]:
        """Return the instances that sent something within a day, the latest first."""
        known = self._apps.get(app)
        if known is None:
            return []
        known.instances = {one.name: one for one in known.instances.values() if now - one.last_seen < ACTIVE_SECONDS}
        return sorted(known.instances.values(), key=lambda one: -one.last_seen)

    def count(self, app: str) -> int:
        """Return the number of active series."""
        known = self._apps.get(app)
        return known.active if known is not None else 0

    def apps(self) -> list[str]:
        """Return the applications that something is known of."""
        return list(self._apps)

    def _to_tell(self, app: str, host: str, instance: str | None) -> None:
        if self._tells:
            self._hosts.add((app, host))
            if instance is not None:
                self._instances.add((app, instance))

    def start_telling(self) -> None:
        """Keep for the others who sends from now on: who lives sends every few seconds, so nobody needs the past."""
        self._tells = True

    def news(self) -> tuple[list[tuple[str, str, float, int]], list[tuple[str, str, str, str, float]]]:
        """Return the rows of :class:`~argus.server.messages.Hosts` and ``Instances`` to tell, once."""
        hosts, self._hosts = self._hosts, set()
        instances, self._instances = self._instances, set()
        of = self._apps
        return (
            [(a, host, of[a].hosts[host], of[a].by_host[host]) for a, host in hosts if a in of],
            [(a, *of[a].instances[name]) for a, name in instances if a in of and name in of[a].instances],
        )

    def hear_hosts(self, server: str, rows: Iterable[tuple[str, str, float, int]]) -> None:
        """Learn from which hosts another server gets data, and how many of their series it knows."""
        changed = set()
        for name, host, seen, series in rows:
            app = self._apps.setdefault(name, _App())
            app.hosts[host] = max(seen, app.hosts.get(host, 0.0))
            app.last_seen = max(seen, app.last_seen or 0.0)
            app.elsewhere.setdefault(host, {})[server] = (series, seen)
            changed.add(name)
        for name in changed:
            self._apps[name].count_elsewhere()

    def hear_instances(self, rows: Iterable[tuple[str, str, str, str, float]]) -> None:
        """Learn which instances send to another server."""
        for app_id, name, host, sdk, seen in rows:
            told = Instance(name, host, sdk, seen)
            app = self._apps.setdefault(app_id, _App())
            known = app.instances.get(told.name)
            if known is None or known.last_seen < told.last_seen:
                app.instances[told.name] = told
