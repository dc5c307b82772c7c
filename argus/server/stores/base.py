"""The two store contracts, and the values that cross them.

A *metric store* keeps summaries and answers range queries. A *record store* keeps everything else: applications,
keys, logs, the administrator. The server chooses a backend for each by URL; every backend passes the one contract
suite in ``tests/server/stores/``.

Thread rule: methods block. ``append`` is called from one thread at a time, or from as many as a metric store has
``writers``, and then never with batches of one (app, instance) at once; every other method from any thread, also
while ``append`` runs. A store that lies on a network may belong to several servers at once: then each of them keeps
this rule for itself, and the store keeps their writes apart.

Durability: when ``append`` returns, its batches survive the death of the process and of the machine. Batches and
delivery marks are stored in one transaction: all of a call's batches, or none. A metric engine without transactions
stores rows first and marks after them, those when ``append`` has returned, and a repeat overwrites the rows it has:
so a batch counts once all the same, and a call that failed may be seen in part until its batches are sent again.

Idempotence: a batch whose ``seq`` is not greater than the last one stored for its (app, instance) is a repeat: it is
acknowledged (``Duplicate``) and not stored again. Metric store and record store keep their own marks, so the two
streams number their batches independently.

Order: ids of lines grow in the order in which lines become visible, whoever stored them: a reader that has seen an id
will never be shown a smaller one that it has not seen.

Errors: :class:`~argus.errors.StoreUnavailable` when the backend is away or full: nothing was stored, or, where the
connection broke during the commit, everything was. So the sender sends the same batch again, and its mark tells which
it was. The store recovers by itself: the same call works when the backend is back. So a store on a network can be
opened while its backend is away; what waiting cannot heal, such as data of a newer Argus, raises
:class:`~argus.errors.StoreError` or :class:`~argus.errors.ConfigError`. :class:`~argus.errors.QueryError` is for a
wrong question, :class:`~argus.errors.Conflict` for what exists already. No message holds a password or token.

Units: times are Unix seconds (float) on this interface, durations are seconds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from argus.server.stores.alerts.base import AlertStore, Outbox
from argus.server.stores.alerts.channels import ChannelStore
from argus.wire.columns import Floats, Ints, Kind, LogLine, Section


@dataclass(frozen=True, slots=True)
class MetricBatch:
    """One window of one instance, checked: every row in it is to be stored."""

    app: str
    host: str
    start: float
    end: float
    sections: tuple[Section, ...]
    instance: str | None = None
    """``None`` (with ``seq``): points from a script, stored without deduplication."""
    seq: int | None = None


class Appended(StrEnum):
    """What became of one batch."""

    STORED = "stored"
    DUPLICATE = "duplicate"


AGGREGATIONS = ("avg", "min", "max", "last", "sum", "rate", "count")
"""Besides ``pNN`` (``p50``, ``p99``, ``p99.9`` …), which is answered from merged sketches."""


@dataclass(frozen=True, slots=True)
class RangeQuery:
    """A question for a chart.

    ``start`` is inclusive, ``end`` exclusive. Bucket ``i`` covers ``[t, t + step)`` with
    ``t = floor(start / step) * step + i * step``; a window belongs to the bucket its start is in.
    ``group_by`` names tags (``host`` is one); without it all series of a name merge into one.
    ``tags`` filters: every (key, value) must match, ``host`` too.
    """

    app: str
    names: tuple[str, ...]
    start: float
    end: float
    step: float
    agg: str = "avg"
    group_by: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One answered series: ``values[i]`` is the bucket at ``times[i]``, NaN where there is no data."""

    name: str
    tags: Mapping[str, str]
    times: Floats
    values: Floats


@dataclass(frozen=True, slots=True)
class RangeAnswer:
    """``tier`` says which resolution answered: ``raw`` or ``5m``. All lines share one time grid."""

    query: RangeQuery
    tier: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Distribution:
    """How a timing's values spread over time.

    ``counts[i, j]`` values of bucket ``times[i]`` lay from ``bounds[j]`` up to ``bounds[j + 1]`` seconds. A row is a
    bin of the sketch, or several neighbours where there would be too many; values of zero make a row of their own, from
    0 to the first bin. Without data all three are empty.
    """

    tier: str
    times: Floats
    bounds: Floats
    counts: Ints


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """One stored series, for lists and search boxes."""

    name: str
    tags: Mapping[str, str]
    kind: Kind
    host: str
    last_seen: float


class MetricStore(ABC):
    """Keeps summaries. See the module docstring for threads, durability and errors."""

    writers: int = 1
    """Threads that may append at once."""

    @abstractmethod
    def append(self, batches: Sequence[MetricBatch]) -> list[Appended]:
        """Store the batches in one transaction and return when they are durable."""

    @abstractmethod
    def query(self, query: RangeQuery) -> RangeAnswer:
        """Answer a range query. A name without data gives no line."""

    @abstractmethod
    def distribution(self, query: RangeQuery) -> Distribution:
        """Answer how a timing's values spread, all its series together.

        The query's ``agg`` and ``group_by`` are not looked at.
        """

    @abstractmethod
    def series(self, app: str) -> Sequence[SeriesInfo]:
        """Every series of an application, ordered by name, then tags, then host."""

    @abstractmethod
    def delete_app(self, app: str) -> None:
        """Delete all that is stored of an application.

        Raises :class:`~argus.errors.StoreError` where the engine cannot do that, ever: then its rows expire.
        """

    @abstractmethod
    def forget(self, app: str) -> None:
        """Forget what is remembered in this process of an application that another server deleted.

        Called from a thread that appends.
        """

    @property
    @abstractmethod
    def lag(self) -> float | None:
        """Seconds until what another server stored can certainly be read here; ``None``: no other has this store."""

    @abstractmethod
    def maintain(self, now: float) -> None:
        """Do what is due: seal closed hours, fill the rollup tier, drop what is past retention.

        Called by a scheduled job every minute; cheap when nothing is due; safe to interrupt. Of a store that is this
        server's alone, from the thread that appends.
        """

    @abstractmethod
    def check(self) -> None:
        """Raise ``StoreUnavailable``, with the reason, where a batch could not be stored now."""

    @abstractmethod
    def stats(self) -> Mapping[str, float]:
        """Sizes and counters of the store, by metric name, for the server's own charts."""

    @abstractmethod
    def close(self) -> None:
        """Release files and connections. Everything acknowledged stays."""


@dataclass(frozen=True, slots=True)
class AppLimits:
    """How much an application may send; ``None``: as the server's settings say."""

    max_series: int | None = None
    max_rows_per_second: float | None = None
    max_lines_per_second: float | None = None


@dataclass(frozen=True, slots=True)
class App:
    """A registered application. ``last_seen`` is kept by the server, not by the store."""

    app_id: str
    name: str
    created_at: float
    limits: AppLimits = AppLimits()


@dataclass(frozen=True, slots=True)
class Key:
    """An API key as it is stored: SHA-256 of the key, and a prefix to recognise it by."""

    sha256: bytes
    prefix: str
    app_id: str
    created_at: float
    expires_at: float | None = None
    """Set by a rotation: the old key works until then."""
    label: str = ""
    """What people call it."""
    last_used: float | None = None


LEVELS = ("DEBUG", "INFO", "WARN", "ERROR")


@dataclass(frozen=True, slots=True)
class LogBatch:
    """Log lines of one instance. Without ``instance`` and ``seq`` there is no deduplication."""

    app: str
    host: str
    lines: Sequence[LogLine]
    instance: str | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class LogQuery:
    """A log search, newest first.

    ``q`` is the search box's text (syntax in ``docs/log-search.md``), ``levels`` are alternatives,
    ``start`` is inclusive, ``end`` exclusive. ``cursor`` is the ``next`` of the page before.
    ``after`` asks for lines stored after the line with this id, oldest first: for live tails, which go on from the
    last id they got and have no use for ``next``.
    """

    app: str | None = None
    q: str = ""
    levels: tuple[str, ...] = ()
    start: float | None = None
    end: float | None = None
    limit: int = 200
    cursor: str | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A stored line with its id, which grows in the order of storing."""

    id: int
    app: str
    host: str
    line: LogLine


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of a search; ``next`` is ``None`` on the last one."""

    lines: Sequence[FoundLine]
    next: str | None


@dataclass(frozen=True, slots=True)
class LogHistogram:
    """How many lines there were: ``counts[level][i]`` in the bucket from ``start + i * step`` on, all levels present.

    ``complete`` is false where the time a search may take was over first: then the oldest lines are not counted.
    """

    start: float
    step: float
    counts: Mapping[str, Sequence[int]]
    complete: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A login of the administrator: SHA-256 of its token, and its limits."""

    sha256: bytes
    created_at: float
    last_seen: float


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One administrative act. ``id`` is the store's, and grows with time."""

    at: float
    who: str
    origin: str
    """Where it came from: an address, or user and machine of a command line."""
    act: str
    subject: str
    detail: str = ""
    id: int = 0


class Listener(Protocol):
    """What a server hears of the exchange that it takes part in. Called on the event loop."""

    def joined(self) -> None:
        """From now on everything is heard. What was told before, or while the connection was broken, was not."""

    def heard(self, message: str) -> None:
        """A server told something; it may be this one."""

    def leads(self, until: float | None) -> None:
        """This server, and no other, leads until a moment of the monotonic clock; ``None``: it does not."""


class Exchange(ABC):
    """Where servers that share a store hear each other, and where one of them leads. Belongs to the event loop."""

    @abstractmethod
    async def run(self, listener: Listener) -> None:
        """Take part until cancelled. Where the connection breaks, it is made again.

        Who leads goes on doing so until it ends, or falls silent for some seconds; then another one does.
        """

    @abstractmethod
    async def tell(self, messages: Sequence[str]) -> None:
        """Tell every server, this one too, messages of at most :data:`MOST_BYTES` each.

        Raises ``StoreUnavailable``; then nobody may have heard them.
        """


MOST_BYTES = 7_999


class RecordStore(ABC):
    """Keeps everything but summaries. See the module docstring for threads and errors."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Make one transaction of what the block writes here, by alerts and channels too, from this thread.

        Where the block raises, nothing is stored. It does not read what it has written; :meth:`append`, :meth:`purge`
        and :meth:`maintain` have no place in it.
        """

    @abstractmethod
    def create_app(self, app: App, key: Key) -> None:
        """Register an application with its first key. Raises ``Conflict`` if the id is taken."""

    @abstractmethod
    def apps(self) -> Sequence[App]:
        """Every application that is not deleted, ordered by name."""

    @abstractmethod
    def delete_app(self, app_id: str, now: float) -> bool:
        """Mark an application deleted and revoke its keys; ``False`` if there is none.

        Its data go when the server next calls :meth:`purge`.
        """

    @abstractmethod
    def deleted_apps(self) -> Sequence[str]:
        """Applications whose data are still to be purged."""

    @abstractmethod
    def purge(self, app_id: str) -> None:
        """Delete every log line of a deleted application, and the application itself."""

    @abstractmethod
    def change_app(self, app: App) -> bool:
        """Set an application's name and limits; ``False`` if there is none."""

    @abstractmethod
    def rotate_key(
        self, key: Key, now: float, old_expires_at: float, replaced: Collection[bytes] | None = None
    ) -> bool:
        """Add ``key``; let the ``replaced`` keys of its application expire, without a list all of them.

        ``False``: no such application.
        """

    @abstractmethod
    def revoke_key(self, app_id: str, sha256: bytes) -> bool:
        """End a key at once; ``False`` if the application has no such key."""

    @abstractmethod
    def use_keys(self, used: Mapping[bytes, float]) -> None:
        """Note when keys were last used."""

    @abstractmethod
    def keys(self) -> Sequence[Key]:
        """Every key of every application that is not deleted."""

    @abstractmethod
    def version(self) -> int:
        """A number that changes when another process changed the store: caches compare it."""

    @abstractmethod
    def exchange(self) -> Exchange | None:
        """Where the servers that share this store meet; ``None`` where one server owns it."""

    @abstractmethod
    def admin_hash(self) -> str | None:
        """The administrator's argon2 hash, ``None`` before the first start."""

    @abstractmethod
    def set_admin_hash(self, encoded: str) -> None:
        """Set the administrator's password hash and end every session."""

    @abstractmethod
    def first_admin_hash(self, encoded: str) -> bool:
        """Set the hash where there is none; ``False`` if there is one, which another server may just have set."""

    @abstractmethod
    def add_session(self, session: Session) -> None: ...

    @abstractmethod
    def session(self, sha256: bytes) -> Session | None: ...

    @abstractmethod
    def touch_session(self, sha256: bytes, now: float) -> None: ...

    @abstractmethod
    def end_sessions(self, sha256: Iterable[bytes] | None = None) -> None:
        """End these sessions; without a list, all."""

    @abstractmethod
    def add_audit(self, entry: AuditEntry) -> None:
        """Keep an entry of the audit log; the store chooses its id."""

    @abstractmethod
    def audit(self, limit: int, before: int | None = None) -> Sequence[AuditEntry]:
        """Return the newest entries first, from before an id on."""

    @abstractmethod
    def append(self, batches: Sequence[LogBatch]) -> list[Appended]:
        """Store log lines in one transaction and return when they are durable."""

    @abstractmethod
    def search(self, query: LogQuery) -> LogPage:
        """Search the log lines."""

    @abstractmethod
    def histogram(self, query: LogQuery, step: float) -> LogHistogram:
        """Count the lines that a search finds, by level, in buckets of ``step`` seconds.

        The query's ``start`` and ``end`` must be given; ``limit``, ``cursor`` and ``after`` are not looked at.
        """

    @abstractmethod
    def alerts(self) -> AlertStore:
        """Return the alerts that lie in the same database."""

    @abstractmethod
    def outbox(self) -> Outbox:
        """Return the messages that wait there to be delivered."""

    @abstractmethod
    def channels(self) -> ChannelStore:
        """Return the named places that messages go to."""

    @abstractmethod
    def maintain(self, now: float) -> None:
        """Drop log lines, audit entries and sessions past their retention. Several servers may do it at once."""

    @abstractmethod
    def check(self) -> None:
        """Raise ``StoreUnavailable``, with the reason, where a batch could not be stored now."""

    @abstractmethod
    def stats(self) -> Mapping[str, float]:
        """Sizes and counters of the store, by metric name, for the server's own charts."""

    @abstractmethod
    def close(self) -> None: ...
