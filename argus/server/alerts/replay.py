"""Judging a row of observations: the one path that the checker and the preview share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from argus.server.alerts.machine import Observation, Transition, step
from argus.server.alerts.observe import hop
from argus.server.alerts.values import Rule, RuleState


class Judged(NamedTuple):
    """A transition with the observation that led to it."""

    seen: Observation
    transition: Transition
    since: float
    """When the incident began that the transition is about; where it is about none, when it happened."""


def replay(
    rule: Rule, app: str, state: RuleState | None, seen: Iterable[Observation], silenced: str = ""
) -> tuple[RuleState | None, list[Judged]]:
    """Judge observations in their order; return the state after the last, and every transition."""
    found: list[Judged] = []
    for observation in seen:
        if state is not None and observation.at - state.evaluated > hop(rule):
            state = replace(state, breached_since=None)  # nobody looked meanwhile: it may not have held all the time
        state, transition = step(rule, app, state, observation, silenced)
        if transition is not None:
            about = state.first_at if transition.tell or transition.hushed else None
            found.append(Judged(observation, transition, observation.at if about is None else about))
    return state, found
