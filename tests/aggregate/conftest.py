"""One suite, four backends: every test that takes ``make_aggregator`` runs over all of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from argus.aggregate.base import Aggregator
from argus.aggregate.choose import BACKENDS

Make = Callable[..., Aggregator]


@pytest.fixture(params=list(BACKENDS))
def make_aggregator(request: pytest.FixtureRequest) -> Make:
    return BACKENDS[request.param]()


@pytest.fixture
def aggregator(make_aggregator: Make) -> Aggregator:
    return make_aggregator()
