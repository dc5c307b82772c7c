"""Facts in memory: asked for once, and no more of them than fit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import pytest

from argus.server.stores.influx import slots
from argus.server.stores.influx.slots import Slots
from argus.server.stores.remote import facts
from argus.server.stores.remote.engine import Engine, Fact, Wanted
from argus.server.stores.remote.facts import Facts


class Kept:
    """The part of an engine that keeps facts."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, str, str], int] = {}
        self.asked = 0

    def write_facts(self, written: Iterable[Fact]) -> None:
        for topic, app, key, number in written:
            self.numbers[topic, app, key] = max(number, self.numbers.get((topic, app, key), 0))

    def read_facts(self, topic: str, wanted: Iterable[Wanted] | None, *_: object) -> list[Fact]:
        self.asked += 1
        pairs = set(wanted or ())
        return [
            Fact(*place, number)
            for place, number in self.numbers.items()
            if place[0] == topic and {place[1:], (place[1], None)} & cast("set[Any]", pairs)
        ]


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    for module in (facts, slots):
        monkeypatch.setattr(module, "MOST_ASKED", 50)
    return Kept()


def test_what_was_asked_for_is_not_asked_for_again(kept: Kept) -> None:
    known = Facts(cast("Engine", kept))
    known.note([Fact("mark", "shop", "i", 7)])
    known.learn("mark", [("shop", "i")])
    before = kept.asked
    known.learn("mark", [("shop", "i")])
    assert (kept.asked, known.get("mark", "shop", "i")) == (before, 7)


def test_senders_that_come_and_go_do_not_add_up_and_none_is_mistaken(kept: Kept) -> None:
    known, hour = Facts(cast("Engine", kept)), Fact("rolled", "shop", "until", 9)
    known.note([hour])
    for number in range(500):
        pair = ("shop", f"i{number}")
        known.learn("mark", [pair])
        known.note([Fact("mark", *pair, number)])
        known.learn("mark", [("shop", f"i{number // 2}")])
        assert known.get("mark", "shop", f"i{number // 2}") == number // 2
        assert len(known.of("mark", "shop")) <= 60
    assert known.get("rolled", "shop", "until") == 9


def test_a_sender_keeps_its_slot_though_it_was_forgotten(kept: Kept) -> None:
    made = Slots(cast("Engine", kept))
    slots = made.claim([("shop", "first")])
    for number in range(120):
        made.claim([("shop", f"i{number}")])
    assert made.claim([("shop", "first")]) == slots
    assert len(made._sure) <= 52
