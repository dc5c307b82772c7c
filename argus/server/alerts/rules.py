"""From what a person sends to a whole rule: every default filled in, every wrong value named with its remedy."""

from __future__ import annotations

import math
import re
from typing import Any
from urllib.parse import urlsplit

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from argus.errors import ConfigError, QueryError
from argus.server.alerts.body import AGGREGATION, CONDITIONS, DAY, WINDOW_STEP, RuleBody
from argus.server.alerts.machine import COMPARE
from argus.server.alerts.values import NoData, Rule, Severity
from argus.server.alerts.wording import condition_text
from argus.server.log_search import parse
from argus.server.notify import addresses
from argus.server.problems import Problem
from argus.server.stores.base import AGGREGATIONS

LONGEST_NAME = 200
MOST_TAGS = 20
LARGEST_THRESHOLD = 1e300

JUDGED = (
    "app_id",
    "metric_name",
    "query",
    "tags",
    "aggregation",
    "window",
    "condition",
    "threshold",
    "for_",
    "recovery_threshold",
    "no_data",
)
"""A change of one of these makes what is known of the rule void."""


def new_rule(body: RuleBody, now: float) -> Rule:
    """Return a whole rule, checked; its id is the store's to give. Raises ``Problem`` naming the field."""
    about_logs = isinstance(body.query, str)
    aggregation = "count" if about_logs else _given(body.aggregation, "avg")
    threshold = body.threshold
    if isinstance(threshold, UnsetType):
        raise Problem("bad_request", "threshold is missing; give the number the value is compared with", "$.threshold")
    rule = Rule(
        id=0,
        name="",
        app_id=None,
        metric_name=None,
        query=None,
        tags={},
        aggregation=aggregation,
        window=60.0,
        condition=">",
        threshold=threshold,
        for_=0.0,
        recovery_threshold=None,
        no_data=NoData.KEEP,
        severity=Severity.WARNING,
        notification_email=None,
        channels=(),
        repeat_interval=600.0,
        runbook_url=None,
        enabled=True,
        created_at=now,
        updated_at=now,
        revision=1,
    )
    whole = _checked(_with(rule, body))
    return whole if isinstance(body.no_data, NoData) else replace(whole, no_data=_meaning_of_nothing(whole))


def _meaning_of_nothing(rule: Rule) -> NoData:
    """Return the default of ``no_data``: where things are counted, nothing is zero; otherwise nothing is known.

    A rule for all applications meets many that never had its metric: their silence is no alert.
    """
    if rule.query is None and rule.aggregation not in {"sum", "rate", "count"}:
        return NoData.KEEP
    zero_is_wrong = COMPARE[rule.condition](0.0, rule.threshold)
    return NoData.ALERT if zero_is_wrong and rule.app_id is not None else NoData.OK


def changed_rule(rule: Rule, body: RuleBody, now: float) -> Rule:
    """Return the rule with what the body says. Raises ``Problem`` naming the field."""
    named_by_us = replace(rule, name="") if rule.name == condition_text(rule) else rule
    return _next(rule, _checked(_with(named_by_us, body)), now)


def replaced_rule(rule: Rule, body: RuleBody, now: float) -> Rule:
    """Return a new rule in the place of another. Raises ``Problem`` naming the field."""
    return _next(rule, new_rule(body, now), now)


def _next(old: Rule, new: Rule, now: float) -> Rule:
    same = all(getattr(old, name) == getattr(new, name) for name in JUDGED)
    revision = old.revision if same else old.revision + 1
    return replace(new, id=old.id, created_at=old.created_at, updated_at=now, revision=revision)


def _with(rule: Rule, body: RuleBody) -> Rule:
    given: dict[str, Any] = {
        name: value for name in RuleBody.__struct_fields__ if (value := getattr(body, name)) is not UNSET
    }
    if "condition" in given:
        condition = CONDITIONS.get(given["condition"])
        if condition is None:
            raise Problem(
                "bad_request",
                f"condition is {given['condition']!r}; use one of {' '.join(dict.fromkeys(CONDITIONS.values()))}",
                "$.condition",
            )
        given["condition"] = condition
    if "channels" in given:
        given["channels"] = tuple(given["channels"])
    return replace(rule, **given)


def _given(value: Any, default: Any) -> Any:
    return default if value is UNSET else value


def _checked(rule: Rule) -> Rule:
    _check_question(rule)
    _check_times(rule)
    _check_threshold(rule)
    _check_people(rule)
    _need(rule.name.isprintable(), "name has a line break or a control character; leave it out", "name")
    named = rule if rule.name.strip() else replace(rule, name=condition_text(rule)[:LONGEST_NAME])
    _need(
        len(named.name) <= LONGEST_NAME,
        f"name has {len(named.name)} characters; at most {LONGEST_NAME} are allowed",
        "name",
    )
    return named


def _check_question(rule: Rule) -> None:
    _need(
        (rule.metric_name is None) != (rule.query is None),
        "give either metric_name, or query for a rule about log lines",
        "metric_name",
    )
    if rule.query is not None:
        try:
            parse(rule.query)
        except QueryError as error:
            raise Problem("bad_request", str(error), "$.query") from error
        _need(not rule.tags, "tags are for metrics; write host:… or key=value into the query", "tags")
        _need(rule.aggregation == "count", f"aggregation is {rule.aggregation!r}; log lines are counted", "aggregation")
        return
    _need(bool(rule.metric_name), "metric_name is empty; name the metric", "metric_name")
    _need(
        re.fullmatch(AGGREGATION, rule.aggregation) is not None,
        f"aggregation is {rule.aggregation!r}; use {', '.join(AGGREGATIONS)}, or p50 to p99.9 of a timing",
        "aggregation",
    )
    _need(len(rule.tags) <= MOST_TAGS, f"{len(rule.tags)} tags; at most {MOST_TAGS} are allowed", "tags")
    long = next((text for pair in rule.tags.items() for text in pair if len(text) > LONGEST_NAME), None)
    _need(long is None, f"a tag has more than {LONGEST_NAME} characters: {(long or '')[:50]!r}…", "tags")


def _check_times(rule: Rule) -> None:
    _need(
        WINDOW_STEP <= rule.window <= 7 * DAY and rule.window % WINDOW_STEP == 0,
        f"window is {rule.window:g}; it must be a multiple of 10 seconds, from 10 to 604800 (7 days)",
        "window",
    )
    _need(0 <= rule.for_ <= 7 * DAY, f"for is {rule.for_:g}; it must be from 0 to 604800 seconds (7 days)", "for")
    _need(
        60 <= rule.repeat_interval <= 30 * DAY,  # noqa: PLR2004  # a minute
        f"repeat_interval is {rule.repeat_interval:g}; it must be from 60 to 2592000 seconds (30 days)",
        "repeat_interval",
    )


def _check_threshold(rule: Rule) -> None:
    recovery = rule.recovery_threshold
    for name, value in (("threshold", rule.threshold), ("recovery_threshold", recovery or 0.0)):
        finite = math.isfinite(value) and abs(value) <= LARGEST_THRESHOLD
        _need(finite, f"{name} is {value!r}; it must be a number up to 1e300", name)
    if recovery is None:
        return
    _need(
        rule.condition not in {"==", "!="},
        f"recovery_threshold has no meaning with {rule.condition}; leave it out",
        "recovery_threshold",
    )
    above = rule.condition in {">", ">="}
    _need(
        recovery <= rule.threshold if above else recovery >= rule.threshold,
        f"recovery_threshold is {recovery:g}; with {rule.condition} it must be at {'most' if above else 'least'} "
        f"the threshold, {rule.threshold:g}",
        "recovery_threshold",
    )


def _check_people(rule: Rule) -> None:
    if rule.notification_email is not None:
        try:
            addresses.checked(rule.notification_email)
        except ConfigError as error:
            raise Problem("bad_request", f"notification_email: {error}", "$.notification_email") from error
    runbook = rule.runbook_url
    _need(
        runbook is None or _is_web(runbook),
        f"runbook_url is {runbook!r}; it must be an address like https://wiki.example.org/cpu",
        "runbook_url",
    )


def _is_web(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and text.isprintable()


def _need(right: bool, message: str, field: str) -> None:
    if not right:
        raise Problem("bad_request", message, f"$.{field}")
