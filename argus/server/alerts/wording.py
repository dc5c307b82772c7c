"""What a rule says, in words: ``avg of cpu_percent over 5 min > 80``."""

from __future__ import annotations

from argus.server.alerts.values import Rule

UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def condition_text(rule: Rule) -> str:
    """Return the rule's condition as a person reads it."""
    if rule.query is not None:
        what = f"lines matching {rule.query!r}" if rule.query.strip() else "log lines"
    else:
        tags = "".join(f" {key}={value}" for key, value in sorted(rule.tags.items()))
        what = f"{rule.aggregation} of {rule.metric_name}{tags}"
    return f"{what} over {duration(rule.window)} {rule.condition} {rule.threshold:g}"


def duration(seconds: float) -> str:
    """Return ``5 min`` for 300: in the largest unit that divides it."""
    for size, unit in UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
