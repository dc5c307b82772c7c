"""From what a person sends to a whole rule, and what is said of a wrong field."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alerts import NOW

from argus.server.alerts.body import RuleBody
from argus.server.alerts.rules import changed_rule, new_rule, replaced_rule
from argus.server.alerts.values import NoData, Rule
from argus.server.api import decoded
from argus.server.problems import Problem

SIMPLE: dict[str, Any] = {"app_id": "shop", "metric_name": "cpu_percent", "condition": ">", "threshold": 80}


def body(**fields: Any) -> RuleBody:
    found: RuleBody = decoded(json.dumps(fields).encode(), RuleBody)
    return found


def made(**changes: Any) -> Rule:
    return new_rule(body(**{**SIMPLE, **changes}), NOW)


@pytest.mark.parametrize(
    ("written", "meant"), [("≥", ">="), ("≤", "<="), ("=", "=="), ("≠", "!="), ("<", "<"), (">=", ">=")]
)
def test_conditions_may_be_written_as_people_do(written: str, meant: str) -> None:
    assert made(condition=written).condition == meant


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        ({"treshold": 3}, "$", "treshold"),
        ({"threshold": "high"}, "$.threshold", "float"),
        ({"threshold": None}, "$.threshold", "null"),
        ({"condition": "=>"}, "$.condition", "'=>'; use one of > >= < <= == !="),
        ({"metric_name": None}, "$.metric_name", "either metric_name, or query"),
        ({"metric_name": ""}, "$.metric_name", "empty"),
        ({"query": "failed"}, "$.metric_name", "either metric_name, or query"),
        ({"metric_name": None, "query": "level:loud"}, "$.query", "loud"),
        ({"metric_name": None, "query": "x", "aggregation": "avg"}, "$.aggregation", "counted"),
        ({"metric_name": None, "query": "x", "tags": {"a": "b"}}, "$.tags", "into the query"),
        ({"aggregation": "p٣"}, "$.aggregation", "p50 to p99.9"),
        ({"aggregation": "median"}, "$.aggregation", "'median'; use avg"),
        ({"window": 65}, "$.window", "window is 65; it must be a multiple of 10"),
        ({"window": 0}, "$.window", "from 10 to 604800"),
        ({"for": -1}, "$.for", "from 0 to 604800"),
        ({"repeat_interval": 5}, "$.repeat_interval", "from 60"),
        ({"recovery_threshold": 90}, "$.recovery_threshold", "at most the threshold, 80"),
        ({"condition": "<", "recovery_threshold": 70}, "$.recovery_threshold", "at least the threshold, 80"),
        ({"condition": "==", "recovery_threshold": 80}, "$.recovery_threshold", "leave it out"),
        ({"threshold": 1e301}, "$.threshold", "up to 1e300"),
        ({"notification_email": "ops"}, "$.notification_email", "like ops@example.org"),
        ({"notification_email": "a@b.c\nBcc: d@e.f"}, "$.notification_email", "like ops@example.org"),
        ({"channels": ["ops"]}, "$.channels[0]", "int"),
        ({"channels": list(range(1, 12))}, "$.channels", "<= 10"),
        ({"runbook_url": "javascript:alert(1)"}, "$.runbook_url", "https://"),
        ({"no_data": "panic"}, "$.no_data", "panic"),
        ({"severity": "bad"}, "$.severity", "bad"),
        ({"name": "x" * 201}, "$.name", "at most 200"),
        ({"name": "x\ny"}, "$.name", "line break"),
        ({"tags": {f"k{n}": "v" for n in range(21)}}, "$.tags", "at most 20"),
    ],
)
def test_a_wrong_field_is_named_with_its_remedy(changes: dict[str, Any], where: str, said: str) -> None:
    with pytest.raises(Problem) as refused:
        made(**changes)
    assert refused.value.where == where
    assert said in refused.value.message


def test_a_rule_needs_a_threshold() -> None:
    with pytest.raises(Problem, match="threshold is missing"):
        new_rule(body(metric_name="n"), NOW)


def test_a_rule_about_logs_counts() -> None:
    rule = new_rule(body(query="payment failed", threshold=2, window=300), NOW)
    assert (rule.aggregation, rule.no_data, rule.metric_name, rule.app_id) == ("count", NoData.OK, None, None)
    assert rule.name == "lines matching 'payment failed' over 5 min > 2"


@pytest.mark.parametrize("counted", ["sum", "rate", "count"])
def test_where_things_are_counted_nothing_is_zero(counted: str) -> None:
    assert made(aggregation=counted).no_data is NoData.OK
    assert made(aggregation=counted, condition="<").no_data is NoData.ALERT
    assert made(aggregation=counted, condition="<", app_id=None).no_data is NoData.OK
    assert made(aggregation=counted, condition="<", no_data="keep").no_data is NoData.KEEP


def test_what_is_measured_may_be_anything_where_there_is_nothing() -> None:
    assert {made(aggregation=measured, condition="<").no_data for measured in ("avg", "last", "p99")} == {NoData.KEEP}


def test_a_changed_rule_keeps_what_is_left_out_and_a_replaced_one_does_not() -> None:
    old = made(severity="critical", **{"for": 60})
    changed = changed_rule(old, body(threshold=90), NOW + 5)
    assert (changed.severity, changed.for_, changed.created_at, changed.updated_at) == ("critical", 60, NOW, NOW + 5)
    assert changed.name == "avg of cpu_percent over 1 min > 90"
    replaced = replaced_rule(old, body(**SIMPLE), NOW + 5)
    assert (replaced.severity, replaced.for_, replaced.created_at) == ("warning", 0, NOW)


def test_only_a_change_of_the_question_begins_a_new_revision() -> None:
    old = made()
    for same in ({"name": "n"}, {"severity": "info"}, {"notification_email": "a@b.c"}, {"threshold": 80.0}):
        assert changed_rule(old, body(**same), NOW).revision == old.revision
    for other in ({"threshold": 81}, {"window": 120}, {"app_id": None}, {"tags": {"a": "b"}}, {"no_data": "ok"}):
        assert changed_rule(old, body(**other), NOW).revision == old.revision + 1


def test_a_name_that_somebody_gave_stays() -> None:
    assert changed_rule(made(name="busy"), body(threshold=90), NOW).name == "busy"
