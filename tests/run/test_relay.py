"""A signal that comes to the parent and, a moment later, to its group is one signal to the program."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator

import pytest

if sys.platform == "win32":
    pytest.skip("signals are POSIX's", allow_module_level=True)

from argus.run import relay

NUMBER = signal.SIGUSR1


class Group:
    """A group that is sent a signal while somebody waits."""

    def __init__(self, *, sent_first: bool, sent_later: bool) -> None:
        self._sent, self._sent_later = sent_first, sent_later

    def saw(self, number: int) -> bool:
        assert number == NUMBER
        sent, self._sent = self._sent, False
        return sent

    def wait(self, seconds: float) -> None:
        assert seconds == relay.MOMENT
        if self._sent_later:
            signal.pthread_kill(threading.get_ident(), NUMBER)  # to the process, any thread might take it
            self._sent = True


@pytest.fixture(autouse=True)
def _blocked() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {NUMBER})
    yield
    if NUMBER in signal.sigpending():
        signal.sigwait({NUMBER})
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


@pytest.mark.parametrize(
    ("sent_first", "sent_later", "came"), [(True, False, True), (False, True, True), (False, False, False)]
)
def test_what_came_to_the_group_is_not_passed_on(monkeypatch, sent_first, sent_later, came) -> None:
    group = Group(sent_first=sent_first, sent_later=sent_later)
    monkeypatch.setattr("argus.run.relay.time.sleep", group.wait)
    assert relay._came_to_group(NUMBER, group) is came
    assert NUMBER not in signal.sigpending()
