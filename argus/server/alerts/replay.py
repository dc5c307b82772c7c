"""Judging a row of observations: the one path that the checker and the preview share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from argus.server.alerts.machine import Observation, Telling, Transition, step
from argus.server.alerts.observe import hop
from argus.server.alerts.values import Rule, RuleState, State

LATE_SECONDS = 120.0
"""A pass that looks at more than this at once was late: it tells how things are, not how they were meanwhile."""


class Judged(NamedTuple):
    """A transition with the observation that led to it."""

    seen: Observation
    transition: Transition
    since: float
    """When the incident began that the transition is about; where it is about none, when it happened."""
    ended: float | None
    """When that incident was over, if it is."""


def replay(
    rule: Rule,
    app: str,
    state: RuleState | None,
    seen: Sequence[Observation],
    silenced: str = "",
    *,
    now: float | None = None,
) -> tuple[RuleState | None, list[Judged]]:
    """Judge observations in their order; return the state after the last, and every transition.

    Messages go ``now``; where that is left out, as a preview does, each at the time of its observation.
    """
    found: list[Judged] = []
    for observation in seen:
        if state is not None and observation.at - state.evaluated > hop(rule):
            state = replace(state, breached_since=None)  # nobody looked meanwhile: it may not have held all the time
        late = now is not None and seen[-1].at - observation.at >= LATE_SECONDS
        telling = Telling(observation.at if now is None else now, silenced, late)
        state, transition = step(rule, app, state, observation, telling)
        if transition is not None:
            about = state.first_at if transition.tell or transition.hushed else None
            ended = state.ended_at if transition.state is State.RESOLVED else None
            found.append(Judged(observation, transition, observation.at if about is None else about, ended))
    return state, found
