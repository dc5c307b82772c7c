"""The preview: what a rule would have done with the past, by the checker's own path."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from argus.errors import StoreUnavailable
from argus.server.alerts.body import RuleBody
from argus.server.alerts.observe import Observer, Series, Wanted, hop
from argus.server.alerts.replay import Judged, replay
from argus.server.alerts.values import Point, Rule, State
from argus.server.alerts.wording import condition_text
from argus.server.problems import Problem
from argus.server.stores.metrics.select import MOST_POINTS as MOST_BUCKETS

ROLLUP_SECONDS = 300.0
DAYS = 7 * 86_400.0
MOST_LOOKS = 100_000
"""Windows that one preview judges; a longer range is cut at its beginning."""

MOST_POINTS = 500


class PreviewBody(RuleBody, kw_only=True):
    """A rule, and the range to run it over."""

    start: Annotated[
        float | UnsetType, Meta(description="First moment, in Unix seconds; 7 days before the end if left out.")
    ] = UNSET
    end: Annotated[float | UnsetType, Meta(description="End, in Unix seconds; now if left out.")] = UNSET


class Span(NamedTuple):
    """Which windows are judged: those that end after ``start`` and not after ``end``."""

    start: float
    end: float
    raw_since: float
    """From when on summaries are kept as they came; before, only their rollups are."""


class Incident(msgspec.Struct):
    """A time in which the rule would have been firing."""

    app: Annotated[str, Meta(description="Id of the application.")]
    start: Annotated[float, Meta(description="When it would have fired, in Unix seconds.")]
    end: Annotated[float | None, Meta(description="When it would have been over; null: not within the range.")]


class PreviewSeries(msgspec.Struct):
    """What the rule would have seen of one application."""

    app: Annotated[str, Meta(description="Id of the application.")]
    points: Annotated[
        list[Point], Meta(description="Pairs of a window's end and its value; of many, those nearest to a breach.")
    ]


class Preview(msgspec.Struct):
    """What a rule would have done."""

    condition_text: Annotated[str, Meta(description="The rule in words.")]
    start: Annotated[float, Meta(description="End of the first window that was judged, in Unix seconds.")]
    end: Annotated[float, Meta(description="End of the last one.")]
    fired: Annotated[int, Meta(description="How often it would have fired.")]
    messages: Annotated[int, Meta(description="How often somebody would have been told, for each place to tell.")]
    incidents: Annotated[list[Incident], Meta(description="When it would have been firing, by time.")]
    series: Annotated[list[PreviewSeries], Meta(description="What it would have seen, by application.")]


def preview(observer: Observer, rule: Rule, apps: Sequence[str], span: Span) -> Preview:
    """Judge every window that ends within the span. Blocks. Raises ``Problem``."""
    every, start, end = hop(rule), span.start, span.end
    if every % ROLLUP_SECONDS:  # finer than what is kept longer
        start = max(start, span.raw_since + rule.window)
    last = math.floor(end / every) * every
    looks = min(MOST_LOOKS // max(1, len(apps)), MOST_BUCKETS - round(rule.window / every))
    first = max(math.floor(start / every + 1) * every, last - (looks - 1) * every)
    if first > last:
        raise Problem("bad_request", f"no window ends between start, {start:g}, and end, {end:g}", "$.start")
    wanted = [Wanted(rule, app, first, last) for app in apps]
    seen = observer.look(wanted)
    if observer.trouble is not None:
        raise StoreUnavailable(observer.trouble)
    wrong = next((series.error for series in seen.values() if series.error), "")
    if wrong:
        raise Problem("bad_request", wrong, "$")
    incidents, messages = [], 0
    for one in wanted:
        _, judged = replay(rule, one.app, None, seen[one.place].observations())
        incidents += _incidents(one.app, judged)
        messages += sum(each.transition.tell for each in judged)
    return Preview(
        condition_text=condition_text(rule),
        start=first,
        end=last,
        fired=len(incidents),
        messages=messages,
        incidents=sorted(incidents, key=lambda incident: (incident.start, incident.app)),
        series=[PreviewSeries(one.app, _thinned(rule, seen[one.place])) for one in wanted],
    )


def _incidents(app: str, judged: Sequence[Judged]) -> list[Incident]:
    found: list[Incident] = []
    for one in judged:
        matters = one.transition.tell or one.transition.hushed
        if one.transition.state is State.RESOLVED:
            if found[-1].end is None:  # otherwise the end of one that flapped, told late
                found[-1].end = one.seen.at
        elif matters and (not found or found[-1].end is not None):
            found.append(Incident(app, one.seen.at, None))
    return found


def _thinned(rule: Rule, series: Series) -> list[Point]:
    """Return at most ``MOST_POINTS`` points: of neighbours, the one that is nearest to a breach."""
    seen = series.observations()
    width = math.ceil(len(seen) / MOST_POINTS)
    downwards = rule.condition in {"<", "<="}
    points: list[Point] = []
    for begin in range(0, len(seen), width):
        some = [one for one in seen[begin : begin + width] if one.value is not None]
        if some:
            chosen = (min if downwards else max)(some, key=lambda one: one.value or 0.0)
            points.append((chosen.at, chosen.value))
        else:
            points.append((seen[begin].at, None))
    return points
