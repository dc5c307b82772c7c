"""What a person sends to make a rule: the body of ``POST /api/v1/alerts``, and of the routes that change one.

Values are checked in ``rules.py``, which can name the remedy; what is said of them here is for machines that read the
API's document.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from argus.server.alerts.values import Condition, NoData, Severity

DAY = 86_400.0
WINDOW_STEP = 10.0
"""Seconds: what a client sends covers as many, so a window is a multiple of it."""

LONGEST_TEXT = 2_000
MOST_CHANNELS = 10

CONDITIONS: dict[str, Condition] = {
    ">": ">",
    ">=": ">=",
    "≥": ">=",
    "<": "<",
    "<=": "<=",
    "≤": "<=",
    "==": "==",
    "=": "==",
    "!=": "!=",
    "≠": "!=",
}

AGGREGATION = r"^(avg|min|max|last|sum|rate|count|p[0-9]{1,2}(\.[0-9]{1,6})?)$"

ChannelNumber = Annotated[int, Meta(ge=1, le=2**53)]
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Comparison = Annotated[str, Meta(extra_json_schema={"enum": list(CONDITIONS)})]
Aggregation = Annotated[str, Meta(extra_json_schema={"pattern": AGGREGATION})]
Window = Annotated[
    float, Meta(extra_json_schema={"minimum": WINDOW_STEP, "maximum": 7 * DAY, "multipleOf": WINDOW_STEP})
]
Duration = Annotated[float, Meta(extra_json_schema={"minimum": 0, "maximum": 7 * DAY})]
Repeat = Annotated[float, Meta(extra_json_schema={"minimum": 60, "maximum": 30 * DAY})]


class RuleBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a person says of a rule. What is left out has its default, or stays as it is in a PATCH."""

    app_id: Annotated[
        str | UnsetType | None, Meta(description="The application it watches; null or left out: each of them.")
    ] = UNSET
    metric_name: Annotated[Text | UnsetType | None, Meta(description="The metric it watches.")] = UNSET
    condition: Annotated[
        Comparison | UnsetType, Meta(description="One of > >= < <= == != (or ≥ ≤ = ≠); > if left out.")
    ] = UNSET
    threshold: Annotated[float | UnsetType, Meta(description="What the value is compared with.")] = UNSET
    notification_email: Annotated[Text | UnsetType | None, Meta(description="Who is told by e-mail.")] = UNSET
    name: Annotated[Text | UnsetType, Meta(description="What people call it; its condition in words if left out.")] = (
        UNSET
    )
    query: Annotated[
        Text | UnsetType | None, Meta(description="Instead of a metric: a log search whose lines are counted.")
    ] = UNSET
    tags: Annotated[dict[str, str] | UnsetType, Meta(description="Only series that have all these tags.")] = UNSET
    aggregation: Annotated[
        Aggregation | UnsetType,
        Meta(description="avg (if left out), min, max, last, sum, rate, count, or p50 to p99.9."),
    ] = UNSET
    window: Annotated[
        Window | UnsetType, Meta(description="Seconds that are looked at together, a multiple of 10; 60 if left out.")
    ] = UNSET
    for_: Annotated[Duration | UnsetType, Meta(description="Seconds that the condition must hold; 0 if left out.")] = (
        msgspec.field(default=UNSET, name="for")
    )
    recovery_threshold: Annotated[
        float | UnsetType | None, Meta(description="Where a firing rule is over; the threshold if left out.")
    ] = UNSET
    no_data: Annotated[
        NoData | UnsetType,
        Meta(
            description="ok, alert or keep. If left out: keep; for sum, rate and count, where nothing is zero, alert "
            "if zero meets the condition and the rule has an application, otherwise ok."
        ),
    ] = UNSET
    severity: Annotated[Severity | UnsetType, Meta(description="info, warning (if left out) or critical.")] = UNSET
    channels: Annotated[
        Annotated[list[ChannelNumber], Meta(max_length=MOST_CHANNELS)] | UnsetType,
        Meta(description="Numbers of the channels that are told too."),
    ] = UNSET
    repeat_interval: Annotated[
        Repeat | UnsetType,
        Meta(description="Least seconds between two messages about one application; 600 if left out."),
    ] = UNSET
    runbook_url: Annotated[Text | UnsetType | None, Meta(description="Where one reads what to do about it.")] = UNSET
    enabled: Annotated[bool | UnsetType, Meta(description="Whether it is judged at all; true if left out.")] = UNSET
