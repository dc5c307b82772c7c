"""What the patches record: three timings whose tags take a bounded number of values, and what went wrong.

``http.request{route,method,status}``, ``http.client{host,method,status}``, ``db.query{system,operation}``. Nothing here
raises: a patch calls it from inside the application.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from argus.aggregate.base import MAX_NAME_BYTES, Timer

if TYPE_CHECKING:
    from argus.client.client import Client

ROUTES = 1000
"""Route templates told apart: more than an application has, unless it makes them while it runs."""

HOSTS = 100
"""Hosts told apart."""

TIMERS = 5000
"""Timers of requests that are remembered, then it begins anew: a timer in use keeps its series."""

NONE = "(none)"
"""No route matched; no answer came."""

REST = "(other)"
"""Routes and hosts beyond those that are told apart."""

METHODS = {
    name: name for name in ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY")
}
STATEMENTS = """
    SELECT INSERT UPDATE DELETE MERGE REPLACE UPSERT WITH VALUES TABLE CALL EXEC EXECUTE PREPARE DEALLOCATE DO
    BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE SET RESET SHOW USE LOCK UNLOCK COPY LOAD DECLARE FETCH MOVE
    CLOSE LISTEN NOTIFY UNLISTEN EXPLAIN ANALYZE ANALYSE VACUUM PRAGMA ATTACH DETACH REINDEX CLUSTER REFRESH CREATE
    ALTER DROP TRUNCATE RENAME COMMENT GRANT REVOKE OPTIMIZE CHECKPOINT DESCRIBE DESC
"""
OPERATIONS = frozenset(STATEMENTS.split())
"""First words that become the tag ``operation``."""

SEEN = 500
"""Statements whose timer is remembered, each of at most :data:`SEEN_LENGTH` characters; then it begins anew."""

SEEN_LENGTH = 1000

OTHER = "OTHER"
"""Methods and first words that are none of those above."""

SWITCHING_PROTOCOLS = 101

_CLASSES = {number: f"{number}xx" for number in range(1, 6)}
_FIRST_WORD = re.compile(r"(?>\s+|[(;]|--[^\n]*\n|/\*.*?\*/)*+([A-Za-z]+)", re.DOTALL)
"""Behind white space, brackets and comments. Atomic: a hostile statement takes no longer than its length."""

log = logging.getLogger("argus.client")


class Recorder:
    """Records into one client. Any thread."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.patched: set[str] = set()
        """Modules whose patch is in place."""
        self.requests = RequestTimers(client)
        self._timing = client.timing
        self._hosts = _Bounded(HOSTS)
        self._queries: dict[str, Queries] = {}
        self._said: set[str] = set()

    def call(self, host: str, method: str, status: str, seconds: float) -> None:
        """Record one request that the application sent."""
        tags = {"host": self._hosts.name(host), "method": method_name(method), "status": status}
        self._timing("http.client", seconds, tags)

    def queries(self, system: str) -> Queries:
        """Return the timers of a database system's statements."""
        found = self._queries.get(system)
        if found is None:
            found = self._queries[system] = Queries(self.client, system)
        return found

    def attempt(self, library: str, function: Callable[..., object], *args: Any) -> None:
        """Call a function that touches the library's objects; whatever is wrong with it is not the application's."""
        try:
            function(*args)
        except Exception as error:  # noqa: BLE001  # see above
            self.trouble(library, error)

    def trouble(self, library: str, error: Exception) -> None:
        """Count that a library did not behave as its patch expects; say it once."""
        self.client.increment("argus.client.instrument_problems", tags={"library": library})
        self._say(library, f"what {library} does could not be measured: {error!r}")

    def unknown(self, library: str, why: str) -> None:
        """Count that a library is left untouched; say it once."""
        self.client.increment("argus.client.libraries_unknown", tags={"library": library})
        self._say(library, f"{library} is not measured, for this version is not known: {why}")

    def _say(self, library: str, message: str) -> None:
        if library not in self._said:
            self._said.add(library)
            log.warning(message)


class RequestTimers(dict[tuple[str, str, int], Timer]):
    """Route, method and status, as the library has them → the timer of such requests: ``requests[…].record(seconds)``.

    A web server does this for every request, so what is known already takes one look-up and no Python.
    """

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client
        self._routes = _Bounded(ROUTES)

    def __missing__(self, key: tuple[str, str, int]) -> Timer:
        """Return the timer of a request whose like was not there yet; one of a bounded number is remembered."""
        route, method, status = key
        name = self._routes.name(route)
        tags = {"route": name, "method": method_name(method), "status": status_class(status)}
        timer = self._client.timer("http.request", tags)
        if name is not REST and method in METHODS:
            if len(self) >= TIMERS:
                self.clear()
            self[key] = timer
        return timer


class Queries:
    """The timers of one database system's statements, one per operation."""

    def __init__(self, client: Client, system: str) -> None:
        self._client = client
        self._system = system
        self._timers: dict[str, Timer] = {}
        self._seen: dict[str, Timer] = {}

    def timer(self, statement: object) -> Timer:
        """Return the timer of a statement: ``with queries.timer(statement): ...``."""
        if not isinstance(statement, str):
            return self._of(OTHER)
        return self._seen.get(statement) or self._see(statement)

    def _see(self, statement: str) -> Timer:
        found = _FIRST_WORD.match(statement)
        timer = self._of(found[1].upper() if found is not None else OTHER)
        if len(statement) <= SEEN_LENGTH:
            if len(self._seen) >= SEEN:
                self._seen.clear()
            self._seen[statement] = timer
        return timer

    def _of(self, word: str) -> Timer:
        operation = word if word in OPERATIONS else OTHER
        timer = self._timers.get(operation)
        if timer is None:
            tags = {"system": self._system, "operation": operation}
            timer = self._timers[operation] = self._client.timer("db.query", tags)
        return timer


class _Bounded:
    """Values of a tag: the first so many as they are, then :data:`REST`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._names: dict[str, str] = {}

    def name(self, value: str) -> str:
        """Return what the tag becomes."""
        name = self._names.get(value)
        if name is None:
            if len(self._names) >= self._limit:
                return REST
            name = self._names[value] = value.encode(errors="replace")[:MAX_NAME_BYTES].decode(errors="ignore")
        return name


def method_name(method: str) -> str:
    """Return the method as a tag."""
    return METHODS.get(method) or METHODS.get(str(method).upper(), OTHER)


def status_class(status: int) -> str:
    """``404`` → ``4xx``; ``0``, no answer, → ``(none)``."""
    return _CLASSES.get(status // 100, NONE)


def host_name(host: str | None, port: int | None) -> str:
    """Return a host as a tag: ``api.example.org``, ``127.0.0.1:8000``; a usual port is given as ``None``."""
    if not host:
        return NONE
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host.lower()
    return name if port is None else f"{name}:{port}"
