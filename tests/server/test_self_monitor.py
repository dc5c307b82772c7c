"""What the server tells of its stores to itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from argus.errors import StoreUnavailable
from argus.server.self_monitor import FRESH_SECONDS, Figures


class Store:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False

    def stats(self) -> Mapping[str, float]:
        self.asked += 1
        if self.away:
            raise StoreUnavailable("away")
        return {"bytes": 7.0, "asked": float(self.asked)}


def test_a_store_is_asked_once_for_all_of_its_gauges() -> None:
    now, store = [100.0], Store()
    made: Any = store
    figures = Figures(made, lambda: now[0])
    assert [figures.value("bytes"), figures.value("asked"), figures.value("asked")] == [7.0, 1.0, 1.0]
    now[0] += FRESH_SECONDS
    assert figures.value("asked") == 2.0


def test_a_store_that_is_away_is_asked_once_too_and_again_with_the_next_window() -> None:
    now, store = [100.0], Store()
    made: Any = store
    figures = Figures(made, lambda: now[0])
    store.away = True
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            figures.value("bytes")
    assert store.asked == 1
    store.away = False
    now[0] += FRESH_SECONDS
    assert figures.value("bytes") == 7.0
