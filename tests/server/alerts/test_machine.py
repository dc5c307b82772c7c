"""The states of a rule: by examples where a person would ask, by properties for everything else."""

from __future__ import annotations

from typing import Any

import pytest
from alerts import BAD, GONE, GOOD, NOW, rule, rules, seen, state
from hypothesis import given
from hypothesis import strategies as st

from argus.server.alerts.machine import Observation, step
from argus.server.alerts.replay import replay
from argus.server.alerts.values import NoData, Rule, RuleState, State


def history(of: Rule, *values: float | str | None) -> list[str]:
    """Return what is recorded."""
    _, found = replay(of, "shop", None, seen(*values))
    return [str(one.transition.state) for one in found]


def test_a_breach_fires_at_once_and_is_over_when_the_value_is_good_again() -> None:
    assert history(rule(), GOOD, BAD, BAD, GOOD) == ["firing", "resolved"]


def test_a_condition_must_hold_for_its_time() -> None:
    held = rule(for_=120.0)
    assert history(held, GOOD, BAD, BAD, GOOD) == ["pending", "ok"]
    assert history(held, GOOD, BAD, BAD, BAD) == ["pending", "firing"]


def test_a_firing_rule_is_over_only_beyond_its_recovery_threshold() -> None:
    wide = rule(threshold=80.0, recovery_threshold=60.0)
    assert history(wide, 90.0, 70.0, 61.0) == ["firing"]
    assert history(wide, 90.0, 70.0, 60.0) == ["firing", "resolved"]
    assert history(wide, 70.0) == []
    low = rule(condition="<", threshold=5.0, recovery_threshold=10.0)
    assert history(low, 4.0, 9.0, 10.0) == ["firing", "resolved"]


@pytest.mark.parametrize(
    ("condition", "below", "at", "above"),
    [
        (">", False, False, True),
        (">=", False, True, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        ("==", False, True, False),
        ("!=", True, False, True),
    ],
)
def test_each_condition_compares_as_it_says(condition: Any, below: bool, at: bool, above: bool) -> None:
    of = rule(condition=condition, threshold=5.0)
    assert [bool(history(of, value)) for value in (4.0, 5.0, 6.0)] == [below, at, above]


def test_no_data_is_what_the_rule_says() -> None:
    assert history(rule(no_data=NoData.OK), BAD, GONE) == ["firing", "resolved"]
    assert history(rule(no_data=NoData.KEEP), BAD, GONE, GONE, BAD, GOOD) == ["firing", "resolved"]
    assert history(rule(no_data=NoData.ALERT), GOOD, GONE, GOOD) == ["no_data", "resolved"]
    waits = rule(no_data=NoData.ALERT, for_=60.0)
    assert history(waits, GOOD, GONE, GONE) == ["pending", "no_data"]


def test_an_error_does_not_end_an_incident() -> None:
    wrong = "no percentile of a gauge"
    assert history(rule(), GOOD, wrong, wrong, GOOD) == ["error", "ok"]
    assert history(rule(), BAD, wrong, GOOD) == ["firing", "error", "resolved"]
    after, _ = replay(rule(), "shop", None, seen(BAD, wrong))
    assert after is not None
    assert (after.state, after.reason, after.incident_since) == (State.ERROR, wrong, NOW)


def test_a_pending_breach_begins_anew_after_an_error() -> None:
    assert "firing" not in history(rule(for_=120.0), BAD, BAD, "wrong", BAD, BAD)


def test_a_rule_without_data_from_the_start_knows_nothing() -> None:
    after, found = replay(rule(), "shop", None, seen(GONE))
    assert after is not None
    assert (after.state, found) == (State.NO_DATA, [])


def test_a_time_in_which_nobody_looked_is_no_time_it_held() -> None:
    of = rule(for_=600.0)
    before, _ = replay(of, "shop", None, seen(BAD))
    _, found = replay(of, "shop", before, [Observation(NOW + 3600, BAD)])
    assert found == []


values = st.one_of(st.none(), st.just("wrong"), st.floats(0, 100))


@given(rules, st.lists(values, max_size=60))
def test_every_change_of_state_is_recorded_and_connects_to_the_one_before(of: Rule, found: list[Any]) -> None:
    current: RuleState | None = None
    for observation in seen(*found):
        before = current
        current, transition = step(of, "shop", before, observation)
        assert current.evaluated == observation.at
        if transition is None:
            assert before is None or current.state is before.state
        else:
            was = before.state if before else State.NO_DATA
            late = transition.state is State.RESOLVED and was is State.OK
            assert transition.previous is (State.RESOLVED if late else was)
            assert current.state is (State.OK if transition.state is State.RESOLVED else transition.state)
            assert not (transition.tell and transition.hushed)


@given(rules, st.lists(values, max_size=60))
def test_incidents_open_and_close_in_turn(of: Rule, found: list[Any]) -> None:
    _, judged = replay(of, "shop", None, seen(*found))
    opened, fired = False, 0
    for one in judged:
        transition = one.transition
        if transition.state is State.RESOLVED:
            assert opened or transition.tell  # the end that could not be told at once
            opened = False
        elif transition.tell or transition.hushed:
            fired += not opened
            opened = True
    assert fired == sum(is_opening(before, after) for before, after in turns(of, found))


def turns(of: Rule, found: list[Any]) -> list[tuple[RuleState | None, RuleState]]:
    """Return each state with the one before."""
    states: list[RuleState] = []
    for observation in seen(*found):
        states.append(step(of, "shop", states[-1] if states else None, observation).state)
    return list(zip([None, *states], states, strict=False))


def is_opening(before: RuleState | None, after: RuleState) -> bool:
    return after.incident_since is not None and (before is None or before.incident_since is None)


@given(rules, st.lists(values, max_size=60), st.integers(0, 60))
def test_a_restart_between_two_observations_changes_nothing(of: Rule, found: list[Any], cut: int) -> None:
    whole = replay(of, "shop", None, seen(*found))
    first, earlier = replay(of, "shop", None, seen(*found)[:cut])
    second, later = replay(of, "shop", first, seen(*found)[cut:])
    assert (second, earlier + later) == whole


@given(rules, st.lists(values, max_size=60))
def test_a_rule_fires_only_after_the_condition_held_for_its_time(of: Rule, found: list[Any]) -> None:
    current: RuleState | None = None
    held: float | None = None
    for observation in seen(*found):
        opened = current is not None and current.incident_since is not None
        current, _ = step(of, "shop", current, observation)
        bad = current.breached_since is not None
        held = (observation.at if held is None else held) if bad else None
        if current.incident_since is not None and not opened:
            assert held is not None
            assert observation.at - held >= of.for_


def test_the_machine_never_touches_what_it_is_given() -> None:
    before = state(rule())
    step(rule(), "shop", before, Observation(NOW + 60, BAD))
    assert before == state(rule())
