"""The texts of PromQL that the engine asks."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence

from argus.server.stores.remote import names
from argus.server.stores.remote.engine import Reading, Tier, Wanted

SUMMARIES = {Tier.RAW: "metrics", Tier.ROLLUP: "metrics_5m"}
"""Measurements; VictoriaMetrics joins measurement and field: ``metrics_value``."""

FACTS = "argus_facts"
FACTS_PART, SUMMARIES_PART = "facts.native", "summaries.native"
"""What a backup calls them."""

SKETCH = "sketch"
"""Field that says how many numbers a sketch has; they are ``sketch_0``, ``sketch_1`` …"""

_NOT_WORD = re.compile(r"[^A-Za-z0-9_]")
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")


def text(value: str) -> str:
    """Return a string, quoted."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def label(name: str) -> str:
    """Return a stored tag's name as an identifier: it is printable ASCII, and whatever is no word is escaped."""
    escaped = _NOT_WORD.sub(lambda found: "\\" + found[0], name)
    return escaped if not name[:1].isdigit() else f"\\x{ord(name[0]):02x}{escaped[1:]}"


def one_of(values: Iterable[str]) -> str:
    """Return the pattern that matches these texts and no other, quoted."""
    return text("|".join(_SPECIAL.sub(r"\\\g<0>", value) for value in values))


def unheard(label: str) -> str:
    """Return a matcher that every series meets and no question ever had.

    The engine remembers for up to ten seconds which series a selector met, and does not look for new ones.
    """
    return f"{label}!={text(secrets.token_hex(4))}"


def selectors(tier: Tier, reading: Reading, *, anew: bool) -> list[str]:
    """Return what selects the series of a reading, one selector per name; ``anew``: a moment ago's are there, too."""
    fields = ["value" if column == "last" else column for column in reading.columns]
    if reading.sketches:
        fields.append(f"{SKETCH}(_[0-9]+)?")
    matchers = [
        f'__name__=~"{SUMMARIES[tier]}_({"|".join(fields)})"',
        f"app_id=~{one_of(names.stored(app) for app in reading.apps)}",
        *(f"{label(names.stored_tag(tag))}={text(names.stored(value))}" for tag, value in reading.tags),
    ]
    words = [word for word, kind in names.KINDS.items() if kind in reading.kinds]
    matchers.append(f"kind=~{text('|'.join(words))}")  # others' points have none
    if anew:
        matchers.append(unheard("instance"))
    wanted = [""] if reading.names is None else [f",metric_name={text(names.stored(name))}" for name in reading.names]
    return [f"{{{','.join(matchers)}{name}}}" for name in wanted]


def facts(topic: str, wanted: Sequence[Wanted] | None, seconds: int) -> str:
    """Return the question for facts of a topic, every one or those of some pairs; others of the same names come too."""
    matchers = [f"topic={text(names.stored(topic))}", unheard("key")]
    if wanted is not None:
        matchers.append(f"app_id=~{one_of({names.stored(app) for app, _ in wanted})}")
        keys = {None if key is None else names.stored(key) for _, key in wanted}
        if None not in keys:
            matchers.append(f"key=~{one_of(key for key in keys if key is not None)}")
    return f"max_over_time({FACTS}_number{{{','.join(matchers)}}}[{seconds}s])"


def last_times(tier: Tier, app: str, seconds: int) -> str:
    """Return the question for the time of each series' newest row."""
    return f"tlast_over_time({SUMMARIES[tier]}_count{of_app(app)}[{seconds}s])"


def apps(seconds: int) -> str:
    """Return the question for the applications that have rows. The label's values would name deleted ones too."""
    tables = "|".join(f"{table}_count" for table in SUMMARIES.values())
    return f'count by (app_id) (count_over_time({{__name__=~"{tables}",app_id!=""}}[{seconds}s]))'


def part(name: str) -> str:
    """Return what selects a part of a backup: all facts, or all summaries. Others' points have no application."""
    beginning = FACTS if name == FACTS_PART else "metrics"
    return f'{{__name__=~"{beginning}_.+",app_id!=""}}'


def of_app(app: str) -> str:
    """Return what selects everything of an application."""
    return f"{{app_id={text(names.stored(app))}}}"
