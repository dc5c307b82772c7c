"""Wrong passwords make wait: by address and in all, without locking the administrator out."""

from __future__ import annotations

import pytest

from argus.server import throttle
from argus.server.throttle import FREE_TRIES, FREE_TRIES_IN_ALL, LONGEST_DELAY_IN_ALL, LoginRefused, Throttle


class Clock:
    now = 1_763_900_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def wait(made: Throttle, address: str) -> float:
    try:
        made.check(address)
    except LoginRefused as error:
        return error.retry_after or 0.0
    return 0.0


def guess_from_many(made: Throttle, number: int) -> None:
    for i in range(number):
        made.wrong(f"10.0.{i // 256}.{i % 256}")


def test_guesses_from_many_addresses_make_every_stranger_wait(clock: Clock) -> None:
    made = Throttle(clock)
    guess_from_many(made, FREE_TRIES_IN_ALL - 1)
    assert wait(made, "192.0.2.1") == 0
    guess_from_many(made, 100)
    assert 0 < wait(made, "192.0.2.1") <= LONGEST_DELAY_IN_ALL


def test_who_knew_the_password_does_not_wait_for_others(clock: Clock) -> None:
    made = Throttle(clock)
    made.right("192.0.2.1")
    guess_from_many(made, FREE_TRIES_IN_ALL * 2)
    assert wait(made, "192.0.2.1") == 0
    for _ in range(FREE_TRIES + 1):
        made.wrong("192.0.2.1")
    assert wait(made, "192.0.2.1") > 0, "but for its own guesses"


def test_an_hour_of_peace_clears_the_record(clock: Clock) -> None:
    made = Throttle(clock)
    for _ in range(FREE_TRIES + 30):
        made.wrong("host")
    assert wait(made, "host") == throttle.LONGEST_DELAY
    clock.now += throttle.FORGET_SECONDS + 1
    made.wrong("host")
    assert wait(made, "host") == 0


def test_the_addresses_of_one_ipv6_network_count_as_one(clock: Clock) -> None:
    made = Throttle(clock)
    for i in range(FREE_TRIES):
        made.wrong(f"2001:db8:1:2::{i}")
    assert wait(made, "2001:db8:1:2:ffff::1") > 0
    assert wait(made, "2001:db8:1:3::1") == 0


def test_memory_is_bounded_and_the_oldest_gives_way(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_ADDRESSES", 10)
    made = Throttle(clock)
    for _ in range(FREE_TRIES):
        made.wrong("newest")
    guess_from_many(made, 9)
    assert wait(made, "newest") > 0
    guess_from_many(made, 30)
    assert wait(made, "newest") == 0
