"""The contract of the alerts' store and the outbox, over every record store."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import record_backends
from alerts import NOW, delivery, event, rule, state
from msgspec.structs import replace
from record_backends import Backend

from argus.errors import Conflict
from argus.server.alerts.values import (
    AlertEvent,
    Attempt,
    Delivery,
    DeliveryState,
    Recipient,
    Rule,
    RuleState,
    Severity,
    Silence,
    State,
)
from argus.server.stores.alerts.base import AlertStore, Change, EventQuery, Happened, Outbox
from argus.server.stores.alerts.outbox import SUPERSEDED
from argus.server.stores.base import RecordStore
from argus.server.stores.records.schema import migrate

MOST = 1000


@pytest.fixture(params=record_backends.NAMES)
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Backend:
    return record_backends.backend(request.param, tmp_path, request)


@pytest.fixture
def records(backend: Backend) -> Iterator[RecordStore]:
    opened = backend.open()
    yield opened
    opened.close()


@pytest.fixture
def store(records: RecordStore) -> AlertStore:
    return records.alerts()


@pytest.fixture
def outbox(records: RecordStore) -> Outbox:
    return records.outbox()


def fired(store: AlertStore, of: Rule, **changes: object) -> RuleState:
    """Store that a rule fired, with one message; return the state as it is stored."""
    new = state(of, state=State.FIRING, incident_since=NOW, owed=True, **changes)
    store.record([change(new, event(of, app=new.app), (delivery(of),))])
    return next(known for known in store.states(of.id) if known.app == new.app)


def change(new: RuleState, happened: AlertEvent | None = None, deliveries: tuple[Delivery, ...] = ()) -> Change:
    return Change(new, (Happened(happened, deliveries),) if happened is not None else ())


def silence(**changes: object) -> Silence:
    given = {"id": 0, "comment": "deploy", "rule_id": None, "app_id": None, "severity": None, "every": None}
    return Silence(**{**given, "starts": NOW, "ends": NOW + 60, "created_at": NOW, **changes})  # type: ignore[arg-type]  # what a test names


def test_a_rule_comes_back_as_it_was_stored(store: AlertStore) -> None:
    wanted = rule(name="tür\u0000 🦚", tags={"env": "prod"}, channels=(1, 3), for_=120.0)
    made = store.add_rule(wanted, MOST)
    assert made == replace(wanted, id=made.id)
    assert store.rules() == [made]
    assert store.rule(made.id) == made
    assert store.rule(made.id + 1) is None


def test_ids_of_deleted_rules_are_not_given_again(store: AlertStore) -> None:
    first = store.add_rule(rule(), MOST)
    assert store.delete_rule(first.id, NOW)
    assert not store.delete_rule(first.id, NOW)
    assert store.add_rule(rule(), MOST).id > first.id


def test_the_number_of_rules_is_bounded(store: AlertStore) -> None:
    store.add_rule(rule(), 1)
    with pytest.raises(Conflict, match="1 already"):
        store.add_rule(rule(), 1)


def test_a_transition_its_event_and_its_messages_are_stored_together(store: AlertStore, outbox: Outbox) -> None:
    made = store.add_rule(rule(), MOST)
    new = state(made, state=State.FIRING, incident_since=NOW)
    (stored,) = store.record([change(new, event(made), (delivery(made), delivery(made, Recipient("channel", "3"))))])
    assert store.states() == [replace(new, version=1)]
    assert store.events(EventQuery()) == [stored]
    assert stored == replace(event(made), id=stored.id)
    kept = outbox.deliveries([stored.id])
    assert [(one.event_id, one.kind, one.content) for one in kept] == [
        (stored.id, "email", delivery(made).content),
        (stored.id, "channel", delivery(made).content),
    ]


def test_a_failure_in_the_middle_leaves_nothing(store: AlertStore, outbox: Outbox) -> None:
    made = store.add_rule(rule(), MOST)
    broken = replace(delivery(made), created_at=None)
    with pytest.raises(Exception, match=r"(?i)not.null"):
        store.record([change(state(made, state=State.FIRING), event(made), (delivery(made), broken))])
    assert (store.states(), store.events(EventQuery()), outbox.due(NOW, 10)) == ([], [], [])


def test_of_two_servers_that_judge_the_same_state_one_is_too_late(store: AlertStore, outbox: Outbox) -> None:
    made = store.add_rule(rule(), MOST)
    store.record([change(state(made))])
    (seen,) = store.states()
    late = change(replace(seen, state=State.FIRING), event(made), (delivery(made),))
    assert len(store.record([late])) == 1
    assert store.record([late]) == []
    assert len(outbox.due(NOW, 10)) == 1


def test_a_new_state_is_not_stored_over_one_that_is_there(store: AlertStore) -> None:
    made = store.add_rule(rule(), MOST)
    store.record([change(state(made, value=1.0))])
    store.record([change(state(made, value=2.0))])
    assert store.record([change(state(made, state=State.FIRING), event(made))]) == []
    assert [known.value for known in store.states()] == [1.0]


def test_a_value_alone_changes_no_version(store: AlertStore) -> None:
    made = store.add_rule(rule(), MOST)
    store.record([change(state(made, value=1.0))])
    (first,) = store.states()
    store.record([change(replace(first, value=2.0, evaluated=NOW + 60))])
    assert store.states() == [replace(first, value=2.0, evaluated=NOW + 60)]


def test_a_judgement_of_a_rule_that_was_changed_meanwhile_is_left_out(store: AlertStore) -> None:
    made = store.add_rule(rule(), MOST)
    assert store.replace_rule(replace(made, threshold=10.0, revision=2))
    assert store.record([change(state(made, state=State.FIRING), event(made))]) == []
    assert store.states() == []


def test_a_judgement_of_a_rule_that_was_disabled_or_deleted_meanwhile_is_left_out(store: AlertStore) -> None:
    off, gone = store.add_rule(rule(), MOST), store.add_rule(rule(), MOST)
    fired(store, off)
    store.replace_rule(replace(off, enabled=False))
    assert [one.reason for one in store.events(EventQuery(limit=1))] == ["the rule was disabled"]
    store.delete_rule(gone.id, NOW)
    assert store.record([change(state(one, state=State.FIRING), event(one)) for one in (off, gone)]) == []


def test_a_change_of_the_name_keeps_the_state_and_one_of_the_question_drops_it(store: AlertStore) -> None:
    made = store.add_rule(rule(), MOST)
    fired(store, made)
    store.replace_rule(replace(made, name="renamed"))
    assert [known.state for known in store.states()] == [State.FIRING]
    store.replace_rule(replace(made, threshold=1.0, revision=2))
    assert store.states() == []
    assert [(one.state, one.reason) for one in store.events(EventQuery(limit=1))] == [
        (State.OK, "the rule was changed")
    ]
    assert not store.replace_rule(replace(made, id=made.id + 1))


def test_states_are_kept_for_each_application_and_outlive_the_process(backend: Backend) -> None:
    records = backend.open()
    made = records.alerts().add_rule(rule(app_id=None), MOST)
    for app in ("pear", "apple"):
        records.alerts().record([change(state(made, app=app, value=1.5))])
    records.close()
    again = backend.open()
    assert [(known.app, known.value) for known in again.alerts().states(made.id)] == [("apple", 1.5), ("pear", 1.5)]
    again.close()


def test_open_incidents_are_counted_by_application(store: AlertStore) -> None:
    first, second = store.add_rule(rule(app_id=None), MOST), store.add_rule(rule(), MOST)
    fired(store, first, app="pear")
    fired(store, first, app="shop")
    seen = fired(store, second)
    assert store.incidents() == {"pear": 1, "shop": 2}
    store.record([change(replace(seen, state=State.OK, incident_since=None), event(second))])
    assert store.incidents() == {"pear": 1, "shop": 1}


def test_acknowledging_is_for_open_incidents_and_overtakes_a_judgement(store: AlertStore) -> None:
    made = store.add_rule(rule(app_id=None), MOST)
    seen = fired(store, made, app="apple")
    fired(store, made, app="pear")
    store.record([change(state(made, app="fig"))])
    assert [known.app for known in store.acknowledge(made.id, "apple", NOW + 5)] == ["apple"]
    assert [known.app for known in store.acknowledge(made.id, None, NOW + 6)] == ["apple", "pear"]
    assert [known.acknowledged_at for known in store.states()] == [NOW + 6, None, NOW + 6]
    assert store.record([change(replace(seen, state=State.OK), event(made))]) == []


def test_the_history_comes_newest_first_in_pages_and_by_filter(store: AlertStore) -> None:
    cpu, disk = store.add_rule(rule(), MOST), store.add_rule(rule(app_id="other"), MOST)
    for n, (of, kind) in enumerate([(cpu, State.FIRING), (disk, State.FIRING), (cpu, State.RESOLVED)]):
        known = [one for one in store.states() if one.rule_id == of.id]
        store.record([change(known[0] if known else state(of), event(of, state=kind, at=NOW + n))])
    assert [one.at for one in store.events(EventQuery())] == [NOW + 2, NOW + 1, NOW]
    first = store.events(EventQuery(limit=2))
    assert [one.at for one in store.events(EventQuery(before=first[-1].id))] == [NOW]
    assert [one.at for one in store.events(EventQuery(after=first[-1].id))] == [NOW + 2]
    assert [one.at for one in store.events(EventQuery(app="other"))] == [NOW + 1]
    assert [one.at for one in store.events(EventQuery(rule_id=cpu.id, states=("firing", "no_data")))] == [NOW]
    assert [one.at for one in store.events(EventQuery(start=NOW + 1, end=NOW + 2))] == [NOW + 1]


def test_the_history_outlives_its_rule_and_ends_with_its_application(store: AlertStore, outbox: Outbox) -> None:
    mine, everyones = store.add_rule(rule(), MOST), store.add_rule(rule(app_id=None), MOST)
    fired(store, mine)
    fired(store, everyones)
    store.add_silence(silence(app_id="shop"), MOST)
    store.delete_rule(mine.id, NOW)
    assert [one.state for one in store.events(EventQuery(rule_id=mine.id))] == [State.OK, State.FIRING]
    store.delete_app("shop")
    assert store.rules() == [everyones]
    assert (store.states(), store.events(EventQuery()), store.silences(), outbox.due(NOW, 10)) == ([], [], [], [])


def test_silences_are_kept_changed_and_deleted(store: AlertStore) -> None:
    later = store.add_silence(silence(starts=NOW + 50), MOST)
    first = store.add_silence(silence(severity=Severity.INFO), MOST)
    assert store.silences() == [first, later]
    assert store.replace_silence(replace(first, comment="still"))
    assert not store.replace_silence(replace(first, id=999))
    assert store.silences()[0].comment == "still"
    assert store.delete_silence(first.id)
    assert not store.delete_silence(first.id)
    with pytest.raises(Conflict):
        store.add_silence(silence(), 1)


def test_what_is_past_its_time_is_dropped(store: AlertStore, outbox: Outbox) -> None:
    made = store.add_rule(rule(), MOST)
    fired(store, made)
    weekly = store.add_silence(silence(every="week"), MOST)
    store.add_silence(silence(), MOST)
    store.maintain(NOW + 61)
    assert store.silences() == [weekly]
    assert len(store.events(EventQuery())) == 1
    store.maintain(NOW + 366 * 86_400)
    assert (store.events(EventQuery()), outbox.due(NOW + 366 * 86_400, 10)) == ([], [])
    assert len(store.states()) == 1


def test_dropping_what_is_old_reads_nothing_that_stays() -> None:
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        ((*_, plan),) = connection.execute("EXPLAIN QUERY PLAN DELETE FROM alert_events WHERE at < 1")
    assert "USING INDEX alert_events_at" in plan


def test_messages_are_due_in_their_order_until_they_are_sent(store: AlertStore, outbox: Outbox) -> None:
    made = store.add_rule(rule(), MOST)
    later, sooner = delivery(made, next_at=NOW + 10), delivery(made, Recipient("channel", "3"))
    muted = delivery(made, state=DeliveryState.SUPPRESSED, reason="silence 1")
    store.record([change(state(made, state=State.FIRING), event(made), (later, sooner, muted))])
    assert [one.kind for one in outbox.due(NOW, 10)] == ["channel"]
    assert [one.kind for one in outbox.due(NOW + 10, 10)] == ["channel", "email"]
    (first,) = outbox.due(NOW + 10, 1)
    refused, taken = Attempt(NOW + 10, ok=False, answer="503 \0 busy"), Attempt(NOW + 40, ok=True, answer="200")
    outbox.attempted(first.id, refused, DeliveryState.PENDING, NOW + 40, "")
    assert [one.attempts for one in outbox.due(NOW + 40, 10) if one.id == first.id] == [1]
    outbox.attempted(first.id, taken, DeliveryState.SENT, NOW + 40, "")
    assert [one.kind for one in outbox.due(NOW + 40, 10)] == ["email"]
    assert [one.ok for one in outbox.attempts([first.id])[first.id]] == [False, True]
    assert outbox.sent_since(NOW) == {("channel", "3"): 1}
    assert outbox.sent_since(NOW + 41) == {}


def test_a_newer_message_takes_the_place_of_those_that_could_not_be_delivered(
    store: AlertStore, outbox: Outbox
) -> None:
    mine, other = store.add_rule(rule(), MOST), store.add_rule(rule(), MOST)
    to_hook = Recipient("channel", "3")
    fires = state(mine, state=State.FIRING, incident_since=NOW)
    store.record([change(fires, event(mine), (delivery(mine), delivery(mine, to_hook)))])
    fired(store, other)
    hidden = delivery(mine, state=DeliveryState.SUPPRESSED, reason="silence 1")
    store.record([change(replace(fires, version=1), event(mine), (hidden,))])
    assert len(outbox.due(NOW, 10)) == 3, "what nobody is to hear takes no place"
    over = event(mine, state=State.RESOLVED)
    (newest,) = store.record([change(replace(fires, version=2), over, (delivery(mine),))])
    assert [(one.event_id, one.kind) for one in outbox.due(NOW, 10) if one.event_id != newest.id] == [
        (1, "channel"),
        (2, "email"),
    ]
    assert [one.event_id for one in outbox.due(NOW, 10)][-1] == newest.id
    first = next(one for one in outbox.deliveries([1]) if one.kind == "email")
    assert (first.state, first.reason) == (DeliveryState.SUPPRESSED, SUPERSEDED)


def test_a_message_that_was_dealt_with_stays_as_it_is(store: AlertStore, outbox: Outbox) -> None:
    fired(store, store.add_rule(rule(), MOST))
    (waiting,) = outbox.due(NOW, 10)
    outbox.attempted(waiting.id, Attempt(NOW, ok=True, answer="250"), DeliveryState.SENT, NOW, "")
    outbox.attempted(waiting.id, Attempt(NOW, ok=False, answer="late"), DeliveryState.PENDING, NOW, "")
    outbox.postpone([waiting.id], NOW + 5)
    (kept,) = outbox.deliveries([waiting.event_id])
    assert (kept.state, kept.attempts, kept.next_at) == (DeliveryState.SENT, 1, NOW)


def test_a_postponed_message_waits_without_an_attempt(store: AlertStore, outbox: Outbox) -> None:
    fired(store, store.add_rule(rule(), MOST))
    (waiting,) = outbox.due(NOW, 10)
    outbox.postpone([waiting.id], NOW + 5)
    assert outbox.due(NOW + 4, 10) == []
    assert outbox.due(NOW + 5, 10) == [replace(waiting, next_at=NOW + 5)]


def test_messages_that_a_digest_tells_of_are_given_up(store: AlertStore, outbox: Outbox) -> None:
    made = store.add_rule(rule(), MOST)
    fired(store, made)
    (waiting,) = outbox.due(NOW, 10)
    outbox.suppress([waiting.id], "in a digest")
    assert outbox.due(NOW, 10) == []
    (kept,) = outbox.deliveries([waiting.event_id])
    assert (kept.state, kept.reason) == (DeliveryState.SUPPRESSED, "in a digest")


def test_an_attempt_for_a_message_that_is_gone_is_not_kept(outbox: Outbox) -> None:
    outbox.attempted(7, Attempt(NOW, ok=True, answer=""), DeliveryState.SENT, NOW, "")
    assert (outbox.attempts([7]), outbox.deliveries([]), outbox.attempts([])) == ({}, [], {})
