"""What servers tell each other fits an exchange, whatever changed; and who may lead, by the clock."""

from __future__ import annotations

import math

import numpy as np
import pytest

from argus.server import messages
from argus.server.changes import Changes
from argus.server.leadership import Leadership
from argus.server.messages import Hosts, Logged, Message, Points
from argus.server.series import SeriesDirectory
from argus.server.stores.base import MOST_BYTES, LogBatch, MetricBatch
from argus.wire.columns import KeySet, Kind, Section, SeriesKey


def batch(app: str, names: list[str], start: float = 100.0, host: str = "h") -> MetricBatch:
    ones = np.ones(len(names))
    keys = KeySet(tuple(SeriesKey(name) for name in names))
    section = Section(Kind.GAUGE, keys, ones.astype(np.int64), ones, ones, ones, ones)
    return MetricBatch(app, host, start, start + 10, (section,))


def told(changes: Changes) -> Changes:
    """Return what a server hears that is told of changes; each message fits."""
    heard = Changes()
    for text in messages.pack_changes("me", changes):
        assert len(text.encode()) <= MOST_BYTES
        message = messages.read(text)
        assert isinstance(message, (Points, Logged))
        heard.merge(messages.changes_of(message))
    return heard


def test_few_changes_are_told_by_name_and_in_one_message() -> None:
    changes = Changes()
    changes.add_metrics([batch("shop", ["fps", "orders"]), batch("shop", ["fps"], 90.0), batch("bank", ["fps"], 5.0)])
    heard = told(changes)
    fps, both = frozenset(["fps"]), frozenset(["fps", "orders"])
    assert heard.points == {"shop": {both: 100.0, fps: 90.0}, "bank": {fps: 5.0}}
    assert len(messages.pack_changes("me", changes)) == 1
    assert [heard.since("shop", names) for names in (["fps", "orders"], ["orders"], ["a"])] == [90.0, 100.0, math.inf]
    assert not heard.has_logs(None)


def test_many_names_are_told_by_their_application() -> None:
    changes = Changes()
    changes.add_metrics([batch("shop", [f"ärger.{number}" * 10 for number in range(500)]), batch("bank", ["fps"], 5.0)])
    heard = told(changes)
    assert (heard.since("shop", ["any"]), heard.since("bank", ["any"])) == (100.0, 5.0)
    assert heard.since("other", ["any"]) == math.inf


def test_more_applications_than_messages_can_name_are_told_in_one_word() -> None:
    changes = Changes()
    changes.add_logs([LogBatch(f"application-{number}", "h", []) for number in range(50_000)])
    heard = told(changes)
    assert len(messages.pack_changes("me", changes)) <= 2
    assert heard.has_logs("application-77")
    assert heard.has_logs(None)
    assert heard.since("whatever", ["any"]) == -math.inf


def test_rows_are_spread_over_as_many_messages_as_they_need() -> None:
    rows = [("shop", f"web-{number}", 1.5, number) for number in range(1_000)]
    read = [messages.read(text) for text in messages.pack(Hosts, "me", rows)]
    assert [row for message in read if isinstance(message, Hosts) for row in message.rows] == rows
    assert len(read) > 1
    assert messages.pack(Hosts, "me", []) == []


@pytest.mark.parametrize(
    "text", ["", "{", '{"kind": "Dance", "server": "x"}', '{"kind": "Gone", "server": "x", "rows": 1}']
)
def test_what_another_version_tells_is_not_understood(text: str) -> None:
    assert messages.read(text) is None
    assert messages.read(messages.encode(messages.Joined("x"))) == messages.Joined("x")


def admitted(series: SeriesDirectory, names: list[str], host: str) -> int:
    kept, _ = series.admit(batch("shop", names, host=host), 1.0)
    return sum(len(section.keys.keys) for section in kept.sections)


def test_series_that_several_servers_know_are_counted_once_and_those_of_other_hosts_together() -> None:
    series = SeriesDirectory(6)
    assert admitted(series, ["a", "b"], "web-1") == 2
    series.hear_hosts("other", [("shop", "web-1", 1.0, 3), ("shop", "web-2", 1.0, 2)])
    series.hear_hosts("third", [("shop", "web-1", 1.0, 1)])
    assert series.count("shop") == 5
    assert admitted(series, ["c"], "web-1") == 1  # the third of web-1, which the other server knows
    assert series.count("shop") == 5
    assert admitted(series, ["d", "e"], "web-1") == 1
    assert series.count("shop") == 6


def test_series_that_another_server_admitted_are_not_new_where_its_programs_go_when_it_dies() -> None:
    series = SeriesDirectory(3)
    series.hear_hosts("other", [("shop", "web-1", 1.0, 2), ("shop", "web-2", 1.0, 1)])
    assert admitted(series, ["a", "b", "c"], "web-1") == 2
    assert admitted(series, ["a", "b"], "web-2") == 1
    assert series.count("shop") == 3


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_who_leads_does_so_until_its_last_word_and_says_when_that_changes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    clock, found = Clock(), []
    leadership = Leadership(alone=False, clock=clock)
    found.append(leadership.leading)
    leadership.leads(8.0)
    leadership.leads(9.0)
    found.append(leadership.leading)
    clock.now = 9.0  # it was stopped, and another one may lead by now
    found.append(leadership.leading)
    leadership.leads(None)
    assert found == [False, True, False]
    assert ["does not lead" in record.message for record in caplog.records] == [False, True]
    assert Leadership(alone=True, clock=clock).leading


def test_a_message_is_what_it_was_before_it_was_told() -> None:
    changes = Changes()
    changes.add_everything()
    heard = told(changes)
    assert (heard.points, heard.logged) == (changes.points, changes.logged)
    assert not Changes()
    assert isinstance(messages.read(messages.encode(messages.Gone("x", ["shop"]))), Message)
