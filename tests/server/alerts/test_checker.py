"""The checker over real stores: what it sees, what it stores, and that our own trouble is no news."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import summaries
from alert_world import DELAY, World
from alerts import NOW, rule

from argus.errors import StoreUnavailable
from argus.server.alerts import answers, observe
from argus.server.alerts.trust import SETTLE_SECONDS
from argus.server.alerts.values import NoData, Silence, State
from argus.server.stores.alerts.outbox import SUPERSEDED
from argus.server.stores.base import RangeAnswer, RangeQuery
from argus.wire.columns import Kind, SeriesKey


def test_a_breach_is_recorded_with_its_value_and_a_message_with_all_it_needs(world: World) -> None:
    made = world.add(channels=(3,), runbook_url="https://wiki/cpu")
    assert [world.minute(60.0), world.minute(93.5), world.minute(40.0)] == [[], ["firing"], ["resolved"]]
    fired, over = world.history()
    assert (fired.value, fired.threshold, fired.at, over.value) == (93.5, 80.0, NOW + 120, 40.0)
    assert [value for _, value in fired.points if value is not None] == [60.0, 93.5]
    kept = world.records.outbox().deliveries([fired.id])
    assert [(one.kind, one.target) for one in kept] == [
        ("email", "ops@example.org"),
        ("channel", "3"),
    ]
    content = kept[0].content
    assert content.condition_text == "avg of cpu over 1 min > 80"
    assert content.link == f"https://argus.example.org/alerts?rule={made.id}"
    assert (content.value, content.since, content.points) == (93.5, NOW + 120, fired.points)
    assert (content.runbook_url, content.app_id) == ("https://wiki/cpu", "shop")
    (ended,) = {one.content.incident for one in world.records.outbox().deliveries([over.id])}
    assert ended == content.incident


AGGREGATIONS: list[tuple[str, float]] = [
    ("avg", 3.0),
    ("min", 1.0),
    ("max", 5.0),
    ("sum", 9.0),
    ("count", 3.0),
    ("rate", 9.0 / 180.0),
    ("last", 3.0),
]


@pytest.mark.parametrize(("aggregation", "expected"), AGGREGATIONS)
def test_a_window_is_what_its_values_come_to(world: World, aggregation: str, expected: float) -> None:
    world.wait(180.0)
    for n, value in enumerate((100.0, 1.0, 5.0, 3.0)):  # the first is before the window
        world.send(value, at=NOW - 60 + 60 * n)
    world.add(aggregation=aggregation, window=180.0)
    world.run()
    (known,) = world.states()
    assert known.value == pytest.approx(expected)


def test_a_percentile_is_judged_once_in_a_window(world: World) -> None:
    made = world.add(metric_name="request", aggregation="p50", window=120.0, threshold=1.0)
    world.metrics.append([summaries.one(NOW - 50, 2.0, kind=Kind.TIMING, key=SeriesKey("request"))])
    assert NOW % 120 == 0
    assert world.run() == ["firing"]
    world.wait(60.0)
    assert world.run() == []
    assert world.states()[0].evaluated == NOW
    assert world.records.alerts().rule(made.id) == made


def test_only_series_with_the_tags_are_looked_at(world: World) -> None:
    world.add(tags={"env": "prod"})
    world.send(99.0, env="test")
    assert world.run() == []
    world.send(99.0, env="prod")
    world.wait(60.0)
    world.send(99.0, env="prod")
    assert world.run() == ["firing"]


def test_a_rule_for_all_applications_is_judged_for_each(world: World) -> None:
    world.add(app_id=None)
    world.send(99.0, app="other")
    world.send(9.0, app="shop")
    assert world.run() == ["firing"]
    assert [(known.app, known.state) for known in world.states()] == [("other", State.FIRING), ("shop", State.OK)]


def test_lines_of_a_log_are_counted_by_application(world: World) -> None:
    world.add(metric_name=None, query="payment failed", aggregation="count", threshold=2.0, app_id=None)
    world.write("payment failed", "payment failed", "payment done", app="shop")
    world.write("payment failed", "payment failed: card", "payment failed", app="other")
    world.write("payment failed", at=world.now - DELAY - 200, app="shop")
    assert world.run() == ["firing"]
    assert [(known.app, known.value) for known in world.states()] == [("other", 3.0), ("shop", 2.0)]
    assert [value for _, value in world.history()[0].points if value] == [3.0]


def test_one_that_writes_much_does_not_hide_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observe, "MOST_LINES", 4)
    monkeypatch.setattr(observe, "PAGE", 2)
    world.add(metric_name=None, query="failed", aggregation="count", threshold=1.0, app_id=None)
    world.write("failed", "failed", app="shop")
    world.write(*["failed"] * 9, app="other")
    world.run()
    assert [(known.app, known.value) for known in world.states()] == [("other", 4.0), ("shop", 2.0)]


def test_a_search_that_takes_too_long_changes_no_state(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.add(metric_name=None, query="failed", aggregation="count", threshold=1.0)
    world.write("failed", "failed")
    assert world.run() == ["firing"]
    search = world.records.search
    monkeypatch.setattr(world.records, "search", lambda query: replace(search(query), next="7"))
    assert world.minute(None) == []
    assert "took too long" in world.checker.health.trouble
    assert [known.state for known in world.states()] == [State.FIRING]


def test_many_rules_are_few_questions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(40):
        world.add(metric_name=f"m{n % 10}", threshold=float(n), aggregation="max")
    asked: list[RangeQuery] = []
    query = world.metrics.query

    def counted(question: RangeQuery) -> RangeAnswer:
        asked.append(question)
        return query(question)

    monkeypatch.setattr(world.metrics, "query", counted)
    world.run()
    assert len(asked) == 1
    assert len(world.states()) == 40


def test_a_window_is_judged_when_its_data_have_come(world: World) -> None:
    world.add()
    world.send(10.0)
    world.run()
    world.wait(59.0)
    world.send(99.0, at=NOW)
    assert world.run() == []  # the window ended 29 seconds ago
    world.wait(1.0)
    assert world.run() == ["firing"]


def test_a_pass_that_ran_late_looks_at_what_it_missed(world: World) -> None:
    world.add(for_=120.0)
    assert world.minute(10.0) == []
    for _ in range(4):
        world.wait(60.0)
        world.send(99.0)
    assert world.run() == ["pending", "firing"]
    assert [event.at for event in world.history()] == [NOW + 120, NOW + 240]


def test_a_pass_that_ran_far_too_late_goes_on_from_now(world: World) -> None:
    world.add(for_=600.0)
    assert world.minute(99.0) == ["pending"]
    world.wait(7200.0)
    world.send(99.0)
    assert world.run() == []
    assert [world.minute(99.0) for _ in range(9)] == [[]] * 9
    assert world.minute(99.0) == ["firing"]


def test_a_state_survives_a_restart_and_its_message_is_not_sent_again(world: World) -> None:
    world.add()
    assert world.minute(99.0) == ["firing"]
    before = world.states()
    world.restart()
    for n in range(3):
        world.send(99.0, at=NOW + 60 + 60 * n)
    assert world.run() == []
    assert [known.since for known in world.states()] == [known.since for known in before]
    assert world.messages() == [("firing", "pending", "")]
    assert world.minute(10.0) == ["resolved"]


def test_after_a_start_rules_wait_for_what_clients_kept(world: World) -> None:
    world.add(no_data=NoData.ALERT)
    world.add(aggregation="sum", condition="<", threshold=5.0)
    assert world.minute(10.0) == []
    world.restart(after=300.0)
    world.wait(-SETTLE_SECONDS)
    assert world.run() == []  # a moment after the start: nothing has come yet
    assert world.checker.health.judged == 0
    assert "just started" in world.checker.health.trouble
    for n in range(8):
        world.send(10.0, at=NOW + 60 * (n + 1))
    world.wait(SETTLE_SECONDS)
    assert world.run() == []
    assert {known.state for known in world.states()} == {State.OK}


def test_a_rule_made_after_the_start_waits_for_nothing(world: World) -> None:
    world.restart()
    world.wait(-SETTLE_SECONDS)
    world.add()
    world.send(99.0)
    assert world.run() == ["firing"]


def fail(error: Exception) -> Callable[..., Any]:
    def failing(*_: object) -> None:
        raise error

    return failing


FAULTS = [StoreUnavailable("the disk is away"), sqlite3.OperationalError("locked"), ZeroDivisionError("ours")]


@pytest.mark.parametrize("error", FAULTS, ids=["away", "database", "bug"])
@pytest.mark.parametrize("no_data", list(NoData))
def test_a_metric_store_that_fails_changes_no_state_and_tells_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, no_data: NoData
) -> None:
    world.add(no_data=no_data)
    world.add(no_data=no_data, condition="<", threshold=5.0, aggregation="sum")
    world.add(no_data=no_data, name="fires", threshold=1.0)
    assert world.minute(10.0) == ["firing"]
    before, told = world.states(), world.messages()
    with monkeypatch.context() as broken:
        broken.setattr(world.metrics, "query", fail(error))
        for _ in range(5):
            assert world.minute(10.0) == []
        assert (world.states(), world.messages()) == (before, told)
        assert str(error) in world.checker.health.trouble
    assert world.minute(10.0) == []
    assert world.checker.health.trouble == ""
    assert [known.state for known in world.states()] == [known.state for known in before]


@pytest.mark.parametrize("error", FAULTS, ids=["away", "database", "bug"])
def test_a_log_search_that_fails_changes_no_state(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    world.add(metric_name=None, query="failed", aggregation="count", threshold=0.0)
    world.write("failed")
    assert world.run() == ["firing"]
    before = world.states()
    with monkeypatch.context() as broken:
        broken.setattr(world.records, "search", fail(error))
        assert world.minute(None) == []
        assert world.states() == before
    assert world.minute(None) == ["resolved"]


def test_a_store_of_alerts_that_fails_leaves_everything_for_the_next_pass(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add()
    assert world.minute(10.0) == []
    store = world.checker._store
    with monkeypatch.context() as broken:
        broken.setattr(store, "record", fail(StoreUnavailable("full")))
        with pytest.raises(StoreUnavailable):
            world.minute(99.0)
    assert world.history() == []
    assert world.minute(99.0) == ["firing"]
    assert [event.at for event in world.history()] == [NOW + 120]


def test_a_chart_that_cannot_be_read_keeps_nobody_from_being_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add()
    world.send(99.0)
    monkeypatch.setattr(world.checker.observer, "_metric_charts", fail(StoreUnavailable("away")))
    assert world.run() == ["firing"]
    assert world.history()[0].points == ()


def test_while_data_cannot_be_stored_their_absence_is_no_news(world: World) -> None:
    world.add(no_data=NoData.ALERT)
    assert world.minute(10.0) == []
    for _ in range(3):
        world.wait(60.0)
        assert world.run(trouble="disk full") == []
    world.wait(60.0)
    assert world.run() == []
    assert "disk full" in world.checker.health.trouble
    for n in range(6):
        world.send(10.0, at=NOW + 60 + 60 * n)
    world.wait(SETTLE_SECONDS)
    assert world.run() == []
    assert [known.state for known in world.states()] == [State.OK]


@pytest.mark.parametrize("jump", [-600.0, 600.0, -86_400.0, 86_400.0])
def test_a_clock_that_is_set_changes_no_state(world: World, jump: float) -> None:
    world.add(no_data=NoData.ALERT)
    world.add(aggregation="sum", condition="<", threshold=5.0)
    assert world.minute(10.0) == []
    world.now += jump
    for _ in range(20):
        assert world.minute(10.0) == []
    assert {known.state for known in world.states()} == {State.OK}
    assert world.messages() == []


def test_a_clock_that_was_far_ahead_is_not_waited_for(world: World) -> None:
    world.now += 86_400.0 * 365
    world.add()
    assert world.minute(10.0) == []
    world.restart(after=-86_400.0 * 365)
    world.send(99.0)
    assert world.run() == ["firing"]


def test_a_question_that_has_no_answer_is_an_error_of_its_own_rule_alone(world: World) -> None:
    world.add(aggregation="p99")
    world.add(aggregation="p99", metric_name="request", threshold=1.0)
    world.send(99.0)
    world.metrics.append([summaries.one(NOW - 60, 2.0, kind=Kind.TIMING, key=SeriesKey("request"))])
    assert world.run() == ["error", "firing"]
    assert "percentiles" in world.history()[0].reason
    assert [known.state for known in world.states()] == [State.ERROR, State.FIRING]
    assert world.messages() == [("firing", "pending", "")]


def silence(**changes: Any) -> Silence:
    given = {"id": 0, "comment": "deploy", "rule_id": None, "app_id": None, "severity": None, "every": None}
    return Silence(**{**given, "starts": NOW, "ends": NOW + 200, "created_at": NOW, **changes})


def test_a_silence_keeps_messages_back_and_not_the_history(world: World) -> None:
    world.add()
    made = world.records.alerts().add_silence(silence(app_id="shop"), 10)
    assert world.minute(99.0) == ["firing"]
    assert world.messages() == [("firing", "suppressed", f"silence {made.id}: deploy")]
    assert world.minute(99.0) == []
    world.wait(60.0)
    assert world.minute(99.0) == ["firing"]  # it is over, and the incident is not
    assert world.messages()[1:] == [("firing", "pending", "")]


def test_a_silence_of_something_else_keeps_nothing_back(world: World) -> None:
    made = world.add()
    for other in ({"app_id": "other"}, {"rule_id": made.id + 1}, {"severity": "critical"}, {"starts": NOW + 150}):
        world.records.alerts().add_silence(silence(**other), 10)
    world.minute(99.0)
    assert world.messages() == [("firing", "pending", "")]


def test_a_maintenance_window_comes_again() -> None:
    nightly = silence(starts=NOW - 86_400 * 9, ends=NOW - 86_400 * 9 + 300, every="day")
    assert [nightly.active_at(NOW + at) for at in (-1, 0, 299, 300, 86_400)] == [False, True, True, False, True]


def test_an_acknowledged_incident_reminds_nobody(world: World) -> None:
    made = world.add(repeat_interval=60.0)
    world.minute(99.0)
    world.records.alerts().acknowledge(made.id, None, world.now)
    assert [world.minute(99.0), world.minute(99.0), world.minute(10.0)] == [[], [], ["resolved"]]


def test_a_source_that_flaps_makes_one_message_in_an_interval_and_all_of_it_is_history(world: World) -> None:
    world.add(repeat_interval=600.0)
    changes = sum(len(world.minute(99.0 if n % 2 else 10.0)) for n in range(60))
    events = world.history()
    assert len(events) == changes >= 59
    kept = world.records.outbox().deliveries([event.id for event in events])
    made = [one.created_at for one in kept if one.state == "pending" or one.reason == SUPERSEDED]
    assert [at - made[0] for at in made] == [0.0, 600.0, 1800.0]
    assert all(one.reason for one in kept if one.state == "suppressed")


def test_a_source_that_flaps_is_shown_as_such_and_looked_after_also_while_it_is_well(world: World) -> None:
    made = world.add()
    for value in (99.0, 10.0, 99.0, 10.0):
        world.minute(value)
    (shown,) = answers.alert_rule(made, world.states(), [], world.now).applications
    assert (shown.state, shown.flapping, shown.fired, shown.incident_since) == (State.OK, True, 2, None)
    known = world.records.alerts().acknowledge(made.id, None, world.now)
    assert [one.acknowledged_at for one in known] == [world.now]


def test_a_rule_of_a_deleted_application_is_not_judged(world: World) -> None:
    world.add()
    world.send(99.0)
    world.records.delete_app("shop", world.now)
    assert world.run() == []


def test_a_rule_that_was_changed_is_judged_anew(world: World) -> None:
    made = world.add()
    world.minute(99.0)
    changed = rule(id=made.id, threshold=99.5, revision=made.revision + 1)
    world.records.alerts().replace_rule(changed)
    assert world.minute(99.0) == []
    assert [known.state for known in world.states()] == [State.OK]
