"""When a message is tried again, and when it is given up."""

from __future__ import annotations

import pytest
from alerts import NOW, delivery, rule
from hypothesis import given
from hypothesis import strategies as st

from argus.server.alerts.values import DeliveryState
from argus.server.notify.outcome import failed, refused, sent
from argus.server.notify.retry import GIVE_UP_SECONDS, LONGEST_WAIT, verdict, wait_after

ROW = delivery(rule())


def test_what_was_taken_is_done_and_a_refusal_ends_it() -> None:
    assert verdict(ROW, sent("250"), NOW, 0.5) == (DeliveryState.SENT, NOW, "")
    assert verdict(ROW, refused("550 no such user"), NOW, 0.5) == (DeliveryState.FAILED, NOW, "550 no such user")


def test_a_failure_is_tried_again_later_and_a_wish_to_wait_longer_is_heeded() -> None:
    assert verdict(ROW, failed("503"), NOW, 0.5) == (DeliveryState.PENDING, NOW + 30, "")
    assert verdict(ROW, failed("503", 120.0), NOW, 0.5).next_at == NOW + 120
    assert verdict(ROW, failed("503", 1.0), NOW, 0.5).next_at == NOW + 30


def test_after_a_day_it_is_given_up_with_the_last_reason() -> None:
    assert verdict(ROW, failed("503"), NOW + GIVE_UP_SECONDS - 31, 0.5).state is DeliveryState.PENDING
    given_up = verdict(ROW, failed("503"), NOW + GIVE_UP_SECONDS, 0.5)
    assert (given_up.state, given_up.reason) == (DeliveryState.FAILED, "given up after 1 attempts: 503")


@pytest.mark.parametrize(("attempts", "wait"), [(0, 30), (1, 60), (4, 480), (7, 3600), (5000, 3600)])
def test_each_wait_is_twice_the_one_before_up_to_an_hour(attempts: int, wait: float) -> None:
    assert wait_after(attempts, 0.5) == wait


@given(st.integers(0, 100), st.floats(0, 1))
def test_waits_are_spread_but_bounded(attempts: int, chance: float) -> None:
    assert 24.0 <= wait_after(attempts, chance) <= LONGEST_WAIT * 1.2
