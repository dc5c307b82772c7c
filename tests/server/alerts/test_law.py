"""Who is told, and how often: no two messages of a rule about an application are closer than its repeat interval."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from alerts import BAD, GONE, GOOD, NOW, rule, rules, seen
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from argus.server.alerts.machine import LATE, LONGEST_PAUSE, UNTOLD
from argus.server.alerts.replay import Judged, replay
from argus.server.alerts.values import NoData, Rule, RuleState, State

SILENCE = "silence 3: deploy"


def messages(judged: list[Judged]) -> list[tuple[float, str, int]]:
    """Return when somebody is told, of what, and how often it had fired by then."""
    return [
        (one.seen.at - NOW, str(one.transition.state), one.transition.fired) for one in judged if one.transition.tell
    ]


def told(of: Rule, *values: float | str | None) -> list[tuple[float, str, int]]:
    return messages(replay(of, "shop", None, seen(*values))[1])


def hushed(judged: list[Judged]) -> list[str]:
    return [one.transition.hushed for one in judged]


def after(of: Rule, *values: float | str | None, silenced: str = "") -> RuleState:
    state, _ = replay(of, "shop", None, seen(*values), silenced)
    assert state is not None
    return state


def test_a_beginning_is_told_at_once_and_an_end_that_comes_after_an_interval_too() -> None:
    of = rule(repeat_interval=120.0)
    assert told(of, GOOD, BAD, BAD, GOOD) == [(60, "firing", 1), (180, "resolved", 1)]


def test_an_end_that_comes_sooner_is_told_when_the_interval_is_over_and_says_when_it_was() -> None:
    _, judged = replay(rule(repeat_interval=300.0), "shop", None, seen(BAD, GOOD, *[GOOD] * 6))
    assert messages(judged) == [(0, "firing", 1), (300, "resolved", 1)]
    _, over, late = judged
    assert "not yet 5 min old" in over.transition.hushed
    assert (late.since, late.ended) == (NOW, NOW + 60)


def test_while_it_fires_it_is_told_again_after_pauses_that_grow() -> None:
    of = rule(repeat_interval=180.0)
    _, judged = replay(of, "shop", None, seen(*[BAD] * 60))
    assert [(one.seen.at - NOW, one.transition.reminder) for one in judged] == [
        (0, False),
        (180, True),
        (540, True),
        (1260, True),
        (2700, True),
    ]
    days = [at for at, _, _ in told(of, *[BAD] * 2880)]
    assert days[-1] - days[-2] == LONGEST_PAUSE
    rare = rule(repeat_interval=2 * LONGEST_PAUSE)
    assert [at for at, _, _ in told(rare, *[BAD] * 2000)] == [0, 28_800, 57_600, 86_400, 115_200]


def test_a_source_that_flaps_is_one_message_an_interval_with_how_often_it_fired() -> None:
    of = rule(repeat_interval=600.0)
    assert told(of, *[BAD, GOOD] * 15, *[GOOD] * 20) == [
        (0, "firing", 1),
        (600, "firing", 6),
        (1740 + 600, "resolved", 15),
    ]
    _, judged = replay(of, "shop", None, seen(*[BAD, GOOD] * 15))
    assert len(judged) == 30
    assert all(one.transition.hushed for one in judged if not one.transition.tell)
    assert {one.since for one in judged} == {NOW}


def test_a_second_outage_soon_after_an_end_that_was_told_is_told_when_it_may_be() -> None:
    of = rule(repeat_interval=300.0)
    assert told(of, BAD, *[GOOD] * 6, *[BAD] * 5) == [(0, "firing", 1), (300, "resolved", 1), (600, "firing", 1)]


def test_a_second_outage_that_was_over_before_it_could_be_told_is_told_with_its_end() -> None:
    of = rule(repeat_interval=300.0)
    _, judged = replay(of, "shop", None, seen(BAD, *[GOOD] * 7, BAD, BAD, *[GOOD] * 9))
    assert messages(judged) == [(0, "firing", 1), (300, "resolved", 1), (600, "resolved", 1)]
    assert (judged[-1].since, judged[-1].ended) == (NOW + 480, NOW + 600)


def test_what_comes_after_a_quiet_interval_is_an_incident_of_its_own() -> None:
    of = rule(repeat_interval=120.0)
    _, judged = replay(of, "shop", None, seen(BAD, *[GOOD] * 5, BAD, GOOD, GOOD))
    assert messages(judged) == [
        (0, "firing", 1),
        (120, "resolved", 1),
        (360, "firing", 1),
        (480, "resolved", 1),
    ]
    assert [one.since - NOW for one in judged if one.transition.tell] == [0, 0, 360, 360]


def test_an_end_that_is_owed_waits_through_a_gap_in_the_data() -> None:
    of = rule(repeat_interval=120.0, no_data=NoData.KEEP)
    flaps = (BAD, GOOD, BAD, GOOD, *[GONE] * 5)
    assert told(of, *flaps, GOOD)[2:] == [(540, "resolved", 2)]
    assert told(of, *flaps, BAD)[2:] == [(540, "firing", 3)]


def test_a_gap_inside_a_breach_is_one_message_in_and_one_out() -> None:
    of = rule(no_data=NoData.ALERT, repeat_interval=180.0)
    assert told(of, BAD, GONE, BAD, GOOD) == [(0, "firing", 1), (180, "resolved", 1)]


def test_an_error_tells_nobody() -> None:
    assert told(rule(), GOOD, "no percentile of a gauge", GOOD) == []


def test_an_acknowledged_incident_is_heard_of_again_when_it_is_over() -> None:
    of = rule(repeat_interval=60.0)
    looked_after = replace(after(of, BAD), acknowledged_at=NOW + 1)
    state, judged = replay(of, "shop", looked_after, seen(*[BAD] * 8, GOOD, after=60.0))
    assert messages(judged) == [(540, "resolved", 1)]
    assert state is not None
    assert (state.acknowledged_at, state.owed, state.told) == (None, False, 0)


def test_an_acknowledged_source_that_flaps_is_heard_of_when_it_is_over() -> None:
    of = rule(repeat_interval=120.0)
    looked_after = replace(after(of, BAD, GOOD, BAD), acknowledged_at=NOW + 121)
    assert looked_after.flaps
    state, judged = replay(of, "shop", looked_after, seen(GOOD, BAD, BAD, BAD, GOOD, GOOD, GOOD, after=180.0))
    assert messages(judged) == [(540, "resolved", 3)]
    assert state is not None
    assert (state.acknowledged_at, state.owed, state.flaps) == (None, False, False)


def test_what_begins_and_ends_in_a_silence_is_recorded_with_its_reason() -> None:
    state, judged = replay(rule(), "shop", None, seen(GOOD, BAD, BAD, GOOD), SILENCE)
    assert [(str(one.transition.state), one.transition.tell) for one in judged] == [
        ("firing", False),
        ("resolved", False),
    ]
    assert hushed(judged) == [SILENCE, SILENCE]
    _, judged = replay(rule(), "shop", state, seen(GOOD, GOOD, after=240.0))
    assert judged == []


def test_an_incident_that_outlasts_a_silence_is_told_afterwards() -> None:
    of = rule(repeat_interval=60.0)
    _, judged = replay(of, "shop", after(of, BAD, silenced=SILENCE), seen(BAD, GOOD, after=60.0))
    assert [(one.transition.tell, one.transition.reminder) for one in judged] == [(True, False), (True, False)]


def test_an_incident_nobody_was_told_of_ends_without_a_message() -> None:
    _, (over,) = replay(rule(), "shop", after(rule(), BAD, silenced=SILENCE), seen(GOOD, after=60.0))
    assert (over.transition.tell, over.transition.hushed) == (False, UNTOLD)


@pytest.mark.parametrize("turns", [1, 2])
def test_an_end_in_a_silence_is_told_after_it_to_those_who_know_of_the_beginning(turns: int) -> None:
    of = rule(repeat_interval=120.0)
    before = after(of, *[BAD, GOOD] * (turns - 1), BAD)
    during, judged = replay(of, "shop", before, seen(*[GOOD] * 9, after=120.0 * turns), SILENCE)
    assert hushed(judged) == [SILENCE]
    _, judged = replay(of, "shop", during, seen(GOOD, GOOD, after=1200.0))
    assert messages(judged) == [(1200, "resolved", turns)]


def test_a_source_that_flaps_in_a_silence_is_told_after_it() -> None:
    of = rule(repeat_interval=120.0)
    during, judged = replay(of, "shop", after(of, BAD, GOOD), seen(BAD, after=120.0), SILENCE)
    assert messages(judged) == []
    _, judged = replay(of, "shop", during, seen(BAD, after=180.0))
    assert messages(judged) == [(180, "firing", 2)]


def test_a_pass_that_was_late_tells_how_it_is_and_not_how_it_was_meanwhile() -> None:
    of, now = rule(repeat_interval=120.0), NOW + 600.0
    _, judged = replay(of, "shop", after(of, GOOD), seen(BAD, BAD, GOOD, GOOD, GOOD, GOOD, after=60.0), now=now)
    assert hushed(judged)[0] == LATE
    assert [(one.transition.state, one.ended) for one in judged if one.transition.tell] == [
        (State.RESOLVED, NOW + 180.0)
    ]
    _, judged = replay(of, "shop", after(of, GOOD), seen(GOOD, BAD, BAD, BAD, BAD, after=60.0), now=now)
    assert [str(one.transition.state) for one in judged if one.transition.tell] == ["firing"]


def test_a_clock_that_was_set_back_a_little_brings_no_message_sooner() -> None:
    of = rule(repeat_interval=600.0)
    fired, _ = replay(of, "shop", None, seen(BAD), now=NOW + 30.0)
    for now, tells in ((NOW - 300.0, False), (NOW + 629.0, False), (NOW + 630.0, True), (NOW - 86_400.0, True)):
        _, judged = replay(of, "shop", fired, seen(GOOD, after=60.0), now=now)
        assert [one.transition.tell for one in judged] == [tells]


spells = st.lists(st.tuples(st.sampled_from([GOOD, BAD, GOOD, BAD, GONE, "wrong"]), st.integers(1, 15)), max_size=40)
"""Values, and for how many minutes: spells of all lengths, for one minute of chance after another is only noise."""

passes = st.lists(
    st.tuples(st.integers(1, 12), st.floats(0.0, 300.0), st.booleans(), st.booleans()), min_size=1, max_size=30
)
"""How many windows a pass looks at, how late it is, whether a silence is on, and whether somebody acknowledges."""


@given(rules, spells, passes)
def test_no_two_messages_are_closer_than_the_repeat_interval(
    of: Rule, series: list[Any], how: list[tuple[int, float, bool, bool]]
) -> None:
    windows = seen(*[value for value, minutes in series for _ in range(minutes)])
    state: RuleState | None = None
    sent: list[float] = []
    now = NOW
    for width, late, silent, known in itertools.cycle(how):
        if not windows:
            break
        looked, windows = windows[:width], windows[width:]
        now = max(now, looked[-1].at + late)  # the clock of passes goes on
        state, judged = replay(of, "shop", state, looked, SILENCE if silent else "", now=now)
        sent += [now for one in judged if one.transition.tell]
        if known and state is not None and state.incident_since is not None:
            state = replace(state, acknowledged_at=now)
    assert all(later - sooner >= of.repeat_interval for sooner, later in itertools.pairwise(sent))


@given(rules, spells)
def test_the_last_message_tells_how_it_is_once_an_interval_is_over(of: Rule, series: list[Any]) -> None:
    known = replace(of, for_=0.0)
    minutes = [value for value, count in series for _ in range(count)]
    bad, good = (BAD, GOOD) if of.condition == ">" else (GOOD, BAD)
    for last, says in ((bad, "firing"), (good, "resolved")):
        state, judged = replay(known, "shop", None, seen(*minutes, *[last] * round(of.repeat_interval / 60 + 1)))
        sent = ["resolved" if what == "resolved" else "firing" for _, what, _ in messages(judged)]
        assert (sent[-1:] or ["resolved"]) == [says]
        assert state is not None
        assert state.owed is (says == "firing")


@given(rules, spells)
def test_every_transition_is_recorded_and_whatever_was_not_told_says_why(of: Rule, series: list[Any]) -> None:
    windows = seen(*[value for value, minutes in series for _ in range(minutes)])
    _, judged = replay(of, "shop", None, windows)
    for one in judged:
        matters = one.transition.state in {State.FIRING, State.RESOLVED}
        assert one.transition.tell or bool(one.transition.hushed) or not matters
