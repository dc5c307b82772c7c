"""Rules, states, history and silences in the record store's database; see the contract in ``base.py``.

What people and the state machine know is one JSON document per row; columns are what is searched for, and what keeps
two servers apart. The documents are small and their number is bounded by the limits on rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from argus.errors import Conflict
from argus.server.alerts.values import AlertEvent, Rule, RuleState, Silence, State
from argus.server.stores.alerts import outbox
from argus.server.stores.alerts.base import AlertStore, Change, EventQuery
from argus.server.stores.alerts.connections import Connections, Transaction

HISTORY_SECONDS = 365 * 86_400.0

REFRESH = "UPDATE alert_states SET body = ?, incident = ? WHERE rule_id = ? AND app = ? AND version = ?"
ADVANCE = REFRESH.replace("SET", "SET version = version + 1,")
INSERT = (
    "INSERT INTO alert_states (rule_id, app, revision, incident, version, body) VALUES (?, ?, ?, ?, 1, ?) "
    "ON CONFLICT DO NOTHING"
)

_rule = msgspec.json.Decoder(Rule)
_state = msgspec.json.Decoder(RuleState)
_event = msgspec.json.Decoder(AlertEvent)
_silence = msgspec.json.Decoder(Silence)


class SqlAlertStore(AlertStore):
    """Alerts over any database that :class:`Connections` describes.

    ``keep`` ends a SELECT whose rows must stay as they are until the commit; SQLite has one writer anyway.
    """

    def __init__(self, connections: Connections, keep: str = "") -> None:
        self._connections = connections
        self._keep = keep

    def rules(self) -> Sequence[Rule]:
        with self._connections.read() as transaction:
            rows = transaction.execute("SELECT id, body FROM alert_rules ORDER BY id").fetchall()
        return [replace(_rule.decode(body), id=number) for number, body in rows]

    def rule(self, rule_id: int) -> Rule | None:
        with self._connections.read() as transaction:
            row = transaction.execute("SELECT body FROM alert_rules WHERE id = ?", (rule_id,)).fetchone()
        return None if row is None else replace(_rule.decode(row[0]), id=rule_id)

    def add_rule(self, rule: Rule, most: int) -> Rule:
        with self._connections.write() as transaction:
            _need_room(transaction, "alert_rules", most)
            (number,) = transaction.execute(
                "INSERT INTO alert_rules (app, enabled, revision, body) VALUES (?, ?, ?, ?) RETURNING id", _row_of(rule)
            ).fetchone()
        return replace(rule, id=number)

    def replace_rule(self, rule: Rule) -> bool:
        with self._connections.write() as transaction:
            found = transaction.execute(
                "UPDATE alert_rules SET app = ?, enabled = ?, revision = ?, body = ? WHERE id = ?",
                (*_row_of(rule), rule.id),
            )
            kept = rule.revision if rule.enabled else None
            _drop_states(transaction, rule, kept, rule.updated_at, "changed" if rule.enabled else "disabled")
            return found.rowcount == 1

    def delete_rule(self, rule_id: int, at: float) -> bool:
        with self._connections.write() as transaction:
            row = transaction.execute("SELECT body FROM alert_rules WHERE id = ?", (rule_id,)).fetchone()
            if row is not None:
                _drop_states(transaction, replace(_rule.decode(row[0]), id=rule_id), None, at, "deleted")
            return transaction.execute("DELETE FROM alert_rules WHERE id = ?", (rule_id,)).rowcount == 1

    def delete_app(self, app: str) -> None:
        with self._connections.write() as transaction:
            transaction.execute("DELETE FROM alert_rules WHERE app = ?", (app,))
            transaction.execute("DELETE FROM alert_states WHERE app = ?", (app,))
            transaction.execute("DELETE FROM alert_events WHERE app = ?", (app,))
            transaction.execute("DELETE FROM alert_silences WHERE app = ?", (app,))

    def states(self, rule_id: int | None = None) -> Sequence[RuleState]:
        wanted, values = ("", ()) if rule_id is None else (" WHERE rule_id = ?", (rule_id,))
        with self._connections.read() as transaction:
            rows = transaction.execute(
                f"SELECT body, version FROM alert_states{wanted} ORDER BY rule_id, app",  # noqa: S608  # one of two
                values,
            ).fetchall()
        return [replace(_state.decode(body), version=version) for body, version in rows]

    def incidents(self) -> Mapping[str, int]:
        with self._connections.read() as transaction:
            rows = transaction.execute(
                "SELECT app, count(*) FROM alert_states WHERE incident = 1 GROUP BY app"
            ).fetchall()
        return dict(rows)

    def record(self, changes: Sequence[Change]) -> Sequence[AlertEvent]:
        if not changes:
            return []
        ordered = sorted(changes, key=lambda change: (change.state.rule_id, change.state.app))  # so nobody deadlocks
        happened: list[outbox.Happening] = []
        with self._connections.write() as transaction:
            rows = transaction.execute(
                f"SELECT id, revision FROM alert_rules WHERE enabled = 1{self._keep}"  # noqa: S608  # one of two
            ).fetchall()
            standing = dict(rows)
            kept = [change for change in ordered if standing.get(change.state.rule_id) == change.state.revision]
            quiet = [change.state for change in kept if not change.happened]
            transaction.executemany(REFRESH, [_refreshed(state) for state in quiet if state.version])
            transaction.executemany(INSERT, [_inserted(state) for state in quiet if not state.version])
            for change in kept:
                if change.happened and _advance(transaction, change.state):
                    for one in change.happened:
                        event = _insert_event(transaction, one.event)
                        outbox.insert(transaction, event.id, one.deliveries)
                        happened.append((event, one.deliveries))
            outbox.supersede(transaction, happened)
        return [event for event, _ in happened]

    def acknowledge(self, rule_id: int, app: str | None, at: float) -> Sequence[RuleState]:
        acknowledged: list[RuleState] = []
        with self._connections.write() as transaction:
            rows = transaction.execute(
                "SELECT body, version FROM alert_states WHERE rule_id = ? ORDER BY app", (rule_id,)
            ).fetchall()
            for body, version in rows:
                state = replace(_state.decode(body), version=version)
                if not (state.incident_since is not None or state.owed) or app not in {None, state.app}:
                    continue
                changed = replace(state, acknowledged_at=at)
                if _advance(transaction, changed):
                    acknowledged.append(replace(changed, version=version + 1))
        return acknowledged

    def events(self, query: EventQuery) -> Sequence[AlertEvent]:
        terms = [
            ("app = ?", query.app),
            ("rule_id = ?", query.rule_id),
            ("at >= ?", query.start),
            ("at < ?", query.end),
            ("id < ?", query.before),
            ("id > ?", query.after),
        ]
        wanted = [(term, value) for term, value in terms if value is not None]
        where = [term for term, _ in wanted]
        values: list[Any] = [value for _, value in wanted]
        if query.states:
            where.append(f"state IN ({outbox.marks(query.states)})")
            values += query.states
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        with self._connections.read() as transaction:
            rows = transaction.execute(
                f"SELECT id, body FROM alert_events{condition} ORDER BY id DESC LIMIT ?",  # noqa: S608  # fixed words
                (*values, query.limit),
            ).fetchall()
        return [replace(_event.decode(body), id=number) for number, body in rows]

    def silences(self) -> Sequence[Silence]:
        with self._connections.read() as transaction:
            rows = transaction.execute("SELECT id, body FROM alert_silences ORDER BY starts, id").fetchall()
        return [replace(_silence.decode(body), id=number) for number, body in rows]

    def add_silence(self, silence: Silence, most: int) -> Silence:
        with self._connections.write() as transaction:
            _need_room(transaction, "alert_silences", most)
            (number,) = transaction.execute(
                "INSERT INTO alert_silences (app, starts, over_at, body) VALUES (?, ?, ?, ?) RETURNING id",
                _silence_row(silence),
            ).fetchone()
        return replace(silence, id=number)

    def replace_silence(self, silence: Silence) -> bool:
        with self._connections.write() as transaction:
            found = transaction.execute(
                "UPDATE alert_silences SET app = ?, starts = ?, over_at = ?, body = ? WHERE id = ?",
                (*_silence_row(silence), silence.id),
            )
            return found.rowcount == 1

    def delete_silence(self, silence_id: int) -> bool:
        with self._connections.write() as transaction:
            return transaction.execute("DELETE FROM alert_silences WHERE id = ?", (silence_id,)).rowcount == 1

    def maintain(self, now: float) -> None:
        with self._connections.write() as transaction:
            transaction.execute("DELETE FROM alert_events WHERE at < ?", (now - HISTORY_SECONDS,))
            transaction.execute("DELETE FROM alert_silences WHERE over_at <= ?", (now,))


def _drop_states(transaction: Transaction, rule: Rule, kept: int | None, at: float, what: str) -> None:
    """Drop a rule's states but those of the revision that is kept; the history says how their incidents ended."""
    rows = transaction.execute(
        "SELECT body FROM alert_states WHERE rule_id = ? AND incident = 1 AND revision <> ?", (rule.id, kept or 0)
    ).fetchall()
    for (body,) in rows:
        state = _state.decode(body)
        _insert_event(
            transaction,
            AlertEvent(
                rule_id=rule.id,
                rule_name=rule.name,
                app=state.app,
                state=State.OK,
                previous=state.state,
                at=at,
                value=state.value,
                threshold=rule.threshold,
                severity=rule.severity,
                reason=f"the rule was {what}",
            ),
        )
    transaction.execute("DELETE FROM alert_states WHERE rule_id = ? AND revision <> ?", (rule.id, kept or 0))


def _need_room(transaction: Transaction, table: str, most: int) -> None:
    (count,) = transaction.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608  # one of ours
    if count >= most:
        raise Conflict(f"there are {count} already; delete one that is not needed")


def _advance(transaction: Transaction, state: RuleState) -> bool:
    """Store a state over the one it came from; ``False`` where that is another by now."""
    statement, row = (ADVANCE, _refreshed(state)) if state.version else (INSERT, _inserted(state))
    return transaction.execute(statement, row).rowcount == 1


def _refreshed(state: RuleState) -> tuple[Any, ...]:
    return _text(state), int(state.incident_since is not None), state.rule_id, state.app, state.version


def _inserted(state: RuleState) -> tuple[Any, ...]:
    return state.rule_id, state.app, state.revision, int(state.incident_since is not None), _text(state)


def _insert_event(transaction: Transaction, event: AlertEvent) -> AlertEvent:
    (number,) = transaction.execute(
        "INSERT INTO alert_events (rule_id, app, state, at, body) VALUES (?, ?, ?, ?, ?) RETURNING id",
        (event.rule_id, event.app, event.state, event.at, _text(event)),
    ).fetchone()
    return replace(event, id=number)


def _row_of(rule: Rule) -> tuple[Any, ...]:
    return rule.app_id, int(rule.enabled), rule.revision, _text(rule)


def _silence_row(silence: Silence) -> tuple[Any, ...]:
    return silence.app_id, silence.starts, None if silence.every else silence.ends, _text(silence)


def _text(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()
