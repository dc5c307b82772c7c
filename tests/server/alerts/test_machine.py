"""The state machine of alerts: by examples where a person would ask, by properties for everything else."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from alerts import NOW, rule, state
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from argus.server.alerts.machine import Observation, step
from argus.server.alerts.replay import replay
from argus.server.alerts.values import NoData, Rule, RuleState, State

GOOD, BAD, GONE = 10.0, 90.0, None


def seen(*values: float | str | None, every: float = 60.0) -> list[Observation]:
    """Return observations a minute apart; a text is an error."""
    return [
        Observation(NOW + n * every, None, value) if isinstance(value, str) else Observation(NOW + n * every, value)
        for n, value in enumerate(values)
    ]


def history(of: Rule, *values: float | str | None) -> list[tuple[str, bool]]:
    """Return what is recorded, and whether it is told."""
    _, found = replay(of, "shop", None, seen(*values))
    return [(str(one.transition.state), one.transition.tell) for one in found]


def test_a_breach_fires_at_once_and_is_over_when_the_value_is_good_again() -> None:
    assert history(rule(), GOOD, BAD, BAD, GOOD) == [("firing", True), ("resolved", True)]


def test_a_condition_must_hold_for_its_time() -> None:
    held = rule(for_=120.0)
    assert history(held, GOOD, BAD, BAD, GOOD) == [("pending", False), ("ok", False)]
    assert history(held, GOOD, BAD, BAD, BAD) == [("pending", False), ("firing", True)]


def test_a_firing_rule_is_over_only_beyond_its_recovery_threshold() -> None:
    wide = rule(threshold=80.0, recovery_threshold=60.0)
    assert history(wide, 90.0, 70.0, 61.0) == [("firing", True)]
    assert history(wide, 90.0, 70.0, 60.0) == [("firing", True), ("resolved", True)]
    assert history(wide, 70.0) == []
    low = rule(condition="<", threshold=5.0, recovery_threshold=10.0)
    assert history(low, 4.0, 9.0, 10.0) == [("firing", True), ("resolved", True)]


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
    assert history(rule(no_data=NoData.OK), BAD, GONE) == [("firing", True), ("resolved", True)]
    assert history(rule(no_data=NoData.KEEP), BAD, GONE, GONE, BAD, GOOD) == [("firing", True), ("resolved", True)]
    assert history(rule(no_data=NoData.ALERT), GOOD, GONE, GOOD) == [("no_data", True), ("resolved", True)]
    waits = rule(no_data=NoData.ALERT, for_=60.0)
    assert history(waits, GOOD, GONE, GONE) == [("pending", False), ("no_data", True)]


def test_a_gap_inside_a_breach_is_one_message_in_and_one_out() -> None:
    told = [one for one in history(rule(no_data=NoData.ALERT), BAD, GONE, BAD, GOOD) if one[1]]
    assert told == [("firing", True), ("resolved", True)]


def test_an_error_tells_nobody_and_does_not_end_an_incident() -> None:
    wrong = "no percentile of a gauge"
    assert history(rule(), GOOD, wrong, wrong, GOOD) == [("error", False), ("ok", False)]
    assert history(rule(), BAD, wrong, GOOD) == [("firing", True), ("error", False), ("resolved", True)]
    after, _ = replay(rule(), "shop", None, seen(BAD, wrong))
    assert after is not None
    assert (after.state, after.reason, after.incident_since) == (State.ERROR, wrong, NOW)


def test_a_pending_breach_begins_anew_after_an_error() -> None:
    assert ("firing", True) not in history(rule(for_=120.0), BAD, BAD, "wrong", BAD, BAD)


def test_a_rule_without_data_from_the_start_knows_nothing() -> None:
    after, found = replay(rule(), "shop", None, seen(GONE))
    assert after is not None
    assert (after.state, found) == (State.NO_DATA, [])


def test_while_it_fires_it_is_told_again_after_the_repeat_interval() -> None:
    of = rule(repeat_interval=180.0)
    _, found = replay(of, "shop", None, seen(*[BAD] * 8))
    assert [(one.seen.at - NOW, one.transition.reminder) for one in found] == [(0, False), (180, True), (360, True)]


def told(of: Rule, *values: float | str | None, every: float = 60.0) -> list[tuple[float, str, int]]:
    """Return when somebody is told, of what, and how often it had fired by then."""
    _, found = replay(of, "shop", None, seen(*values, every=every))
    return [
        (one.seen.at - NOW, str(one.transition.state), one.transition.fired) for one in found if one.transition.tell
    ]


def test_a_source_that_flaps_is_told_once_in_a_repeat_interval_and_its_end_after_a_quiet_one() -> None:
    of = rule(repeat_interval=600.0)
    assert told(of, *[BAD, GOOD] * 15, *[GOOD] * 20) == [
        (0, "firing", 1),
        (60, "resolved", 1),
        (120, "firing", 2),
        (720, "firing", 7),
        (1320, "firing", 12),
        (1740 + 600, "resolved", 15),
    ]
    _, found = replay(of, "shop", None, seen(*[BAD, GOOD] * 15))
    assert len(found) == 30
    assert all(one.transition.hushed for one in found if not one.transition.tell)
    assert {one.since for one in found} == {NOW}


def test_an_incident_that_comes_after_a_quiet_interval_is_one_of_its_own() -> None:
    of = rule(repeat_interval=120.0)
    assert told(of, BAD, GOOD, GOOD, BAD, GOOD) == [
        (0, "firing", 1),
        (60, "resolved", 1),
        (180, "firing", 1),
        (240, "resolved", 1),
    ]


def test_who_was_told_that_a_flapping_source_is_over_hears_at_once_that_it_is_not() -> None:
    of = rule(repeat_interval=120.0)
    assert told(of, BAD, GOOD, BAD, GOOD, GOOD, GOOD, BAD, BAD)[2:] == [
        (120, "firing", 2),
        (300, "resolved", 2),
        (360, "firing", 3),
    ]


def test_an_end_that_is_owed_waits_through_a_gap_in_the_data() -> None:
    of = rule(repeat_interval=120.0, no_data=NoData.KEEP)
    assert told(of, BAD, GOOD, BAD, GOOD, *[GONE] * 5, GOOD)[3:] == [(540, "resolved", 2)]
    assert told(of, BAD, GOOD, BAD, GOOD, *[GONE] * 5, BAD)[3:] == [(540, "firing", 3)]


def test_an_acknowledged_source_that_flaps_is_heard_of_when_it_is_over() -> None:
    of = rule(repeat_interval=120.0)
    flaps, _ = replay(of, "shop", None, seen(BAD, GOOD, BAD))
    assert flaps is not None
    later = [Observation(NOW + 180 + 60 * n, value) for n, value in enumerate([GOOD, BAD, BAD, BAD, GOOD, GOOD, GOOD])]
    after, found = replay(of, "shop", replace(flaps, acknowledged_at=NOW + 121), later)
    assert [(one.seen.at - NOW, one.transition.state) for one in found if one.transition.tell] == [
        (540, State.RESOLVED)
    ]
    assert after is not None
    assert (after.acknowledged_at, after.notified) == (None, False)


def test_a_source_that_flaps_in_a_silence_is_told_after_it() -> None:
    of = rule(repeat_interval=600.0)
    first, _ = replay(of, "shop", None, seen(BAD, GOOD))
    during, hidden = replay(of, "shop", first, [Observation(NOW + 120, BAD)], "silence 3: deploy")
    _, found = replay(of, "shop", during, [Observation(NOW + 180, BAD)])
    assert [one.transition.tell for one in (*hidden, *found)] == [False, True]


def test_what_happens_in_a_silence_is_recorded_with_its_reason() -> None:
    _, found = replay(rule(), "shop", None, seen(GOOD, BAD, BAD, GOOD), "silence 3: deploy")
    assert [(str(one.transition.state), one.transition.tell, one.transition.hushed) for one in found] == [
        ("firing", False, "silence 3: deploy"),
        ("resolved", False, "silence 3: deploy"),
    ]


def test_an_incident_that_outlasts_a_silence_is_told_afterwards() -> None:
    during, _ = replay(rule(), "shop", None, seen(BAD), "silence 3: deploy")
    _, found = replay(rule(), "shop", during, [Observation(NOW + 60, BAD), Observation(NOW + 120, GOOD)])
    assert [(one.transition.tell, one.transition.reminder) for one in found] == [(True, False), (True, False)]


def test_an_incident_nobody_was_told_of_ends_without_a_message() -> None:
    during, _ = replay(rule(), "shop", None, seen(BAD), "silence 3: deploy")
    _, (over,) = replay(rule(), "shop", during, [Observation(NOW + 60, GOOD)])
    assert (over.transition.tell, over.transition.hushed) == (False, "nobody was told that it began")


def test_an_acknowledged_incident_is_heard_of_again_when_it_is_over() -> None:
    of = rule(repeat_interval=60.0)
    fired, _ = replay(of, "shop", None, seen(BAD))
    assert fired is not None
    looked_after = replace(fired, acknowledged_at=NOW + 1)
    later = [Observation(NOW + 60 * n, BAD) for n in range(1, 9)]
    after, found = replay(of, "shop", looked_after, [*later, Observation(NOW + 540, GOOD)])
    assert [(str(one.transition.state), one.transition.tell) for one in found] == [("resolved", True)]
    assert after is not None
    assert after.acknowledged_at is None


def test_a_time_in_which_nobody_looked_is_no_time_it_held() -> None:
    of = rule(for_=600.0)
    before, _ = replay(of, "shop", None, seen(BAD))
    _, found = replay(of, "shop", before, [Observation(NOW + 3600, BAD)])
    assert found == []


values = st.one_of(st.none(), st.just("wrong"), st.floats(0, 100))
rules = st.builds(
    rule,
    condition=st.sampled_from([">", "<="]),
    threshold=st.just(50.0),
    for_=st.sampled_from([0.0, 60.0, 180.0]),
    no_data=st.sampled_from(list(NoData)),
    repeat_interval=st.sampled_from([60.0, 300.0, 3600.0]),
)


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
            assert transition.previous is (before.state if before else State.NO_DATA)
            assert current.state is (State.OK if transition.state is State.RESOLVED else transition.state)
            assert not (transition.tell and transition.hushed)


@given(rules, st.lists(values, max_size=60))
def test_incidents_open_and_close_in_turn_and_their_messages_too(of: Rule, found: list[Any]) -> None:
    _, judged = replay(of, "shop", None, seen(*found))
    opened = heard = False
    for one in judged:
        transition = one.transition
        if transition.state is State.RESOLVED:
            assert opened or transition.fired > 1
            assert not transition.tell or heard
            assert transition.tell or not heard or transition.fired > 1
            opened, heard = False, heard and not transition.tell
        elif transition.state in {State.FIRING, State.NO_DATA} and (transition.tell or transition.hushed):
            opened = True
            heard = heard or transition.tell


MOST_IN_AN_INTERVAL = 4
"""The end of one that flapped, after a quiet interval a beginning and its end, and that this one flaps too."""
changes = st.lists(st.tuples(st.sampled_from([GOOD, BAD, GOOD, BAD, GONE, "wrong"]), st.integers(1, 15)), max_size=40)
"""Values, and for how many minutes: spells of all lengths, for one minute of chance after another is only noise."""


@given(rules, changes)
def test_a_source_that_flaps_sends_no_two_messages_within_a_repeat_interval(of: Rule, spells: list[Any]) -> None:
    _, judged = replay(of, "shop", None, seen(*[value for value, minutes in spells for _ in range(minutes)]))
    sent = [one for one in judged if one.transition.tell]
    for sooner, later in itertools.pairwise(sent):
        first, second = sooner.transition, later.transition
        apart = later.seen.at - sooner.seen.at >= of.repeat_interval
        if first.fired > 1:  # it flaps; what follows its end is news again
            assert apart or first.state is State.RESOLVED
        elif second.state is not State.RESOLVED and first.state is not State.RESOLVED:
            assert apart
    for index, one in enumerate(sent):
        within = [each for each in sent[index:] if each.seen.at - one.seen.at < of.repeat_interval]
        assert len(within) <= MOST_IN_AN_INTERVAL


@given(rules, changes)
def test_the_last_message_tells_how_it_is_once_an_interval_is_over(of: Rule, spells: list[Any]) -> None:
    known = replace(of, for_=0.0)
    minutes = [value for value, count in spells for _ in range(count)]
    bad, good = (BAD, GOOD) if of.condition == ">" else (GOOD, BAD)
    for last, says in ((bad, False), (good, True)):
        _, judged = replay(known, "shop", None, seen(*minutes, *[last] * round(of.repeat_interval / 60 + 1)))
        sent = [one.transition.state is State.RESOLVED for one in judged if one.transition.tell]
        assert (sent[-1:] or [True]) == [says]


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
