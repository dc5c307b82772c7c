"""``/api/v1/alerts``: rules, where they stand, what happened, and what a rule would have done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Meta

from argus.errors import Conflict
from argus.server import keys
from argus.server.access import Access
from argus.server.alerts import answers
from argus.server.alerts.answers import AlertHistory, AlertRule, AlertRules, HistoryEvent
from argus.server.alerts.body import RuleBody
from argus.server.alerts.observe import Observer
from argus.server.alerts.preview import DAYS, Preview, PreviewBody, Span, preview
from argus.server.alerts.rules import changed_rule, new_rule, replaced_rule
from argus.server.alerts.values import Rule, RuleState, State
from argus.server.api import Routes
from argus.server.audit import Act
from argus.server.log_search import LONGEST_ID
from argus.server.problems import Problem
from argus.server.query import Moment
from argus.server.settings import DAY
from argus.server.stores.alerts.base import EventQuery

MOST_RULES = 1_000
MOST_EVENTS = 1_000
MOST_DEFAULT = 100

routes = Routes("Alerts", "Rules that are judged every minute, where they stand, and who was told.")

Number = Annotated[int, Meta(ge=0, lt=10**LONGEST_ID)]
Cursor = Annotated[str, Meta(pattern="^[0-9]{1,18}$")]
RuleId = Annotated[str, Meta(description="Number of the rule.", pattern="^[0-9]{1,18}$")]


class RulesQuery(msgspec.Struct):
    """Which rules are listed."""

    app: Annotated[
        str | None, Meta(description="Rules of this application, and those for all; left out: all rules.")
    ] = None


class AcknowledgeQuery(msgspec.Struct):
    """What is acknowledged."""

    app: Annotated[str | None, Meta(description="The incident of this application; left out: every open one.")] = None


class HistoryQuery(msgspec.Struct):
    """Which transitions are listed."""

    app: Annotated[str | None, Meta(description="Of this application.")] = None
    rule_id: Annotated[Number | None, Meta(description="Of this rule.")] = None
    state: Annotated[list[State], Meta(description="Transitions to one of these states; all of them.")] = []
    start: Annotated[Moment | None, Meta(description="First moment, in Unix seconds.")] = None
    end: Annotated[Moment | None, Meta(description="End, not in the range, in Unix seconds.")] = None
    limit: Annotated[int, Meta(description="Most events in one answer.", ge=1, le=MOST_EVENTS)] = MOST_DEFAULT
    cursor: Annotated[Cursor | None, Meta(description="The `next` of the page before.")] = None


@routes.get("/api/v1/alerts", Access.ADMIN)
async def get_alerts(request: web.Request, query: RulesQuery) -> AlertRules:
    """List the rules with their states."""
    store = request.app[keys.ALERTS]
    rules, states, silences = await asyncio.to_thread(lambda: (store.rules(), store.states(), store.silences()))
    own: dict[int, list[RuleState]] = {}
    for state in states:
        if query.app in {None, state.app}:
            own.setdefault(state.rule_id, []).append(state)
    now = time.time()
    shown = [
        answers.alert_rule(rule, own.get(rule.id, []), silences, now)
        for rule in rules
        if query.app is None or rule.app_id in {None, query.app}
    ]
    return AlertRules(shown, answers.checker_state(request.app[keys.CHECKER].health))


@routes.post("/api/v1/alerts", Access.ADMIN, status=201, errors=("conflict",))
async def post_alert(request: web.Request, body: RuleBody, act: Act) -> AlertRule:
    """Make a rule. A metric or a log search and a threshold are enough; the answer has every default filled in."""
    rule = new_rule(body, time.time())
    await _check_app(request, rule)
    await _check_channels(request, rule)

    def make() -> Rule:
        made = request.app[keys.ALERTS].add_rule(rule, MOST_RULES)
        act.detail = f"rule {made.id}: {made.name}"
        return made

    try:
        made = await act.do(make)
    except Conflict as error:
        raise Problem("conflict", f"too many rules: {error}") from error
    return answers.alert_rule(made, [], [], time.time())


@routes.get("/api/v1/alerts/history", Access.ADMIN)
async def get_alert_history(request: web.Request, query: HistoryQuery) -> AlertHistory:
    """List what happened, newest first, with each message and each try to deliver it."""
    asked = EventQuery(
        app=query.app,
        rule_id=query.rule_id,
        states=tuple(query.state),
        start=query.start,
        end=query.end,
        limit=query.limit,
        before=None if query.cursor is None else int(query.cursor),
    )
    events = await asyncio.to_thread(history, request.app, asked)
    return AlertHistory(events, str(events[-1].id) if len(events) == query.limit else None)


@routes.post("/api/v1/alerts/preview", Access.ADMIN, audited=False)
async def post_alert_preview(request: web.Request, body: PreviewBody) -> Preview:
    """Run a rule over the past and answer when it would have fired; nothing is stored and nobody is told.

    A rule without an application is run for each of them. It begins as a new rule would, with nothing known.
    """
    rule = new_rule(body, time.time())
    apps = await _check_app(request, rule)
    settings, now = request.app[keys.SETTINGS], time.time()
    judged = now - settings.alert_delay
    end = judged if isinstance(body.end, msgspec.UnsetType) else min(body.end, judged)
    start = end - DAYS if isinstance(body.start, msgspec.UnsetType) else body.start
    span = Span(start, end, now - settings.raw_retention_days * DAY)
    observer = Observer(request.app[keys.METRICS], request.app[keys.RECORDS])
    return await asyncio.to_thread(preview, observer, rule, apps if rule.app_id is None else [rule.app_id], span)


@routes.get("/api/v1/alerts/{rule_id}", Access.ADMIN)
async def get_alert(request: web.Request, rule_id: RuleId) -> AlertRule:
    """Answer one rule with its state."""
    return await _shown(request, await _existing(request, rule_id))


@routes.put("/api/v1/alerts/{rule_id}", Access.ADMIN)
async def put_alert(request: web.Request, rule_id: RuleId, body: RuleBody, act: Act) -> AlertRule:
    """Replace a rule: what is left out gets its default.

    A rule whose question has changed is judged anew: what was known of it is forgotten.
    """
    old = await _existing(request, rule_id)
    return await _replace(request, replaced_rule(old, body, time.time()), act)


@routes.patch("/api/v1/alerts/{rule_id}", Access.ADMIN)
async def patch_alert(request: web.Request, rule_id: RuleId, body: RuleBody, act: Act) -> AlertRule:
    """Change a rule: what is left out stays as it is.

    A rule whose question has changed is judged anew: what was known of it is forgotten.
    """
    old = await _existing(request, rule_id)
    return await _replace(request, changed_rule(old, body, time.time()), act)


@routes.delete("/api/v1/alerts/{rule_id}", Access.ADMIN)
async def delete_alert(request: web.Request, rule_id: RuleId, act: Act) -> None:
    """Delete a rule; its history stays."""
    rule = await _existing(request, rule_id)
    act.detail = rule.name
    await act.do(partial(request.app[keys.ALERTS].delete_rule, rule.id, time.time()))


@routes.post("/api/v1/alerts/{rule_id}/acknowledge", Access.ADMIN, errors=("conflict",))
async def post_alert_acknowledge(request: web.Request, rule_id: RuleId, query: AcknowledgeQuery, act: Act) -> AlertRule:
    """Say that somebody looks after an incident: nobody is reminded of it; its end is told."""
    rule = await _existing(request, rule_id)
    act.detail = query.app or ""

    def acknowledge() -> None:
        if not request.app[keys.ALERTS].acknowledge(rule.id, query.app, time.time()):
            raise Problem("conflict", f"rule {rule.id} is not firing: there is nothing to acknowledge", "app")

    await act.do(acknowledge)
    return await _shown(request, rule)


def history(app: web.Application, asked: EventQuery) -> list[HistoryEvent]:
    """Return a page of the history with its deliveries. Blocks."""
    outbox, channels = app[keys.OUTBOX], app[keys.CHANNELS]
    events = app[keys.ALERTS].events(asked)
    deliveries = outbox.deliveries([event.id for event in events])
    return answers.history_events(events, deliveries, outbox.attempts, channels.channels)


def since(app: web.Application, last: int | None) -> list[HistoryEvent]:
    """Return what happened after an event, newest first; without one, the newest event alone. Blocks."""
    return history(app, EventQuery(limit=1) if last is None else EventQuery(after=last, limit=MOST_DEFAULT))


async def _existing(request: web.Request, rule_id: str) -> Rule:
    rule = await asyncio.to_thread(request.app[keys.ALERTS].rule, int(rule_id))
    if rule is None:
        raise Problem("not_found", f"there is no rule {rule_id!r}", "rule_id")
    return rule


async def _replace(request: web.Request, rule: Rule, act: Act) -> AlertRule:
    await _check_app(request, rule)
    await _check_channels(request, rule)
    act.detail = rule.name

    def store() -> None:
        if not request.app[keys.ALERTS].replace_rule(rule):
            raise Problem("not_found", f"rule {rule.id} was deleted meanwhile", "rule_id")

    await act.do(store)
    return await _shown(request, rule)


async def _shown(request: web.Request, rule: Rule) -> AlertRule:
    store = request.app[keys.ALERTS]
    states, silences = await asyncio.to_thread(lambda: (store.states(rule.id), store.silences()))
    return answers.alert_rule(rule, states, silences, time.time())


async def _check_app(request: web.Request, rule: Rule) -> Sequence[str]:
    """Return the applications there are. Raises ``Problem`` where the rule's is none of them."""
    apps = [app.app_id for app in await asyncio.to_thread(request.app[keys.RECORDS].apps)]
    if rule.app_id is not None and rule.app_id not in apps:
        known = ", ".join(apps) or "none yet"
        raise Problem("bad_request", f"there is no application {rule.app_id!r}; there are: {known}", "$.app_id")
    return apps


async def _check_channels(request: web.Request, rule: Rule) -> None:
    """Raise ``Problem`` where a channel of the rule does not exist."""
    known = {channel.id for channel in await asyncio.to_thread(request.app[keys.CHANNELS].channels)}
    for place, number in enumerate(rule.channels):
        if number not in known:
            raise Problem("bad_request", f"there is no channel {number}", f"$.channels[{place}]")
