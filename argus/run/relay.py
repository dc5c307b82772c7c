"""Signals between the parent and the program. POSIX.

What one is sent the other gets, once; and the parent stops, goes on and ends as the program does. Signals are blocked,
and waited for on the main thread, so none interrupts anything.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

HIDDEN_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
"""Python ignores these from its start on: what they were before cannot be known. Programs expect the default."""

_JOB_CONTROL = frozenset({signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU})
_NOT_PASSED_ON = frozenset({signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, signal.SIGXCPU, *HIDDEN_BY_PYTHON})
_NO_CORE = 1
"""Core size at which Linux writes none, nor starts whoever collects them: the program's own is the one to see."""

MOMENT = 0.01
"""Seconds within which a signal to this process and one to its group are one."""

INIT = 1


class Signals(NamedTuple):
    """What this process was started with: the mask to give back, and what there is to pass on."""

    pid: int
    mask: frozenset[int]
    passed_on: frozenset[int]

    def restore(self, environment: Mapping[str, str]) -> None:
        """Set the signals of a child to what its parent was started with; what was ignored is so still."""
        restore_hidden(environment)
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask)


def restore_hidden(environment: Mapping[str, str]) -> None:
    """Handle what Python ignores as a program expects it: before it is executed in this process."""
    # systemd starts services with SIGPIPE ignored, unless told otherwise
    of_systemd = environment.get("SYSTEMD_EXEC_PID") == str(os.getpid())
    for number in HIDDEN_BY_PYTHON:
        ignored = of_systemd and number == signal.SIGPIPE
        signal.signal(number, signal.SIG_IGN if ignored else signal.SIG_DFL)


class Ended(NamedTuple):
    """How a child ended: its exit status, or the signal's number below zero; and what it and its children used."""

    status: int
    usage: resource.struct_rusage


class Witness(Protocol):
    """Somebody else in the process group."""

    def saw(self, number: int) -> bool:
        """Return whether this signal came to the group, rather than to this process alone, since the last question."""


def block() -> Signals:
    """Block what is to be passed on and the news of children, in this thread and those it starts."""
    passed_on = frozenset(
        number
        for number in signal.valid_signals()
        if number not in _NOT_PASSED_ON and signal.getsignal(number) is not signal.SIG_IGN
    )
    before = signal.pthread_sigmask(signal.SIG_BLOCK, passed_on | {signal.SIGCHLD, signal.SIGXCPU})
    return Signals(os.getpid(), frozenset(before), passed_on)


def pass_on(
    child: int,
    signals: Signals,
    stop: Callable[[int], None],
    witness: Witness | None = None,
    resized: Callable[[], bool] | None = None,
) -> Ended:
    """Serve until the child has ended. ``stop`` is told with what signal the child has stopped.

    A child in this process's group has got what was sent to the group, by the terminal say: a ``witness`` tells.
    ``resized`` is called when the terminal's size changed, and returns whether the child has to be told.
    """
    awaited = signals.passed_on | {signal.SIGCHLD}
    while True:
        number = signal.sigwait(awaited)
        if number == signal.SIGCHLD:
            if os.getpid() == INIT:
                _wait_for_orphans(child)
            ended = _changed(child, stop)
            if ended is not None:
                return ended
            continue
        told = witness is not None and _came_to_group(number, witness)
        if number == signal.SIGWINCH and resized is not None:
            told = not resized()
        if not told:
            # The child is not reaped but on this thread, so its number is still its own. Who runs as another user is
            # out of reach, as it would be for whoever sent this.
            with contextlib.suppress(PermissionError):
                os.kill(child, number)


def _came_to_group(number: int, witness: Witness) -> bool:
    """Return whether a signal came to the group too, and swallow it then.

    ``timeout`` and others signal a process and then its group, to be sure. To one process that is one signal, for the
    second finds the first still pending; passed on in between, it would be two to the program.
    """
    if witness.saw(number):
        return True
    time.sleep(MOMENT)
    if number in signal.sigpending():
        signal.sigwait({number})
    return witness.saw(number)


def _wait_for_orphans(child: int) -> None:
    """Wait for who has ended and lost its parent: as the first process of a container this one is their parent now."""
    while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) and ended.si_pid != child:
        os.waitpid(ended.si_pid, 0)


def _changed(child: int, stop: Callable[[int], None]) -> Ended | None:
    """Look what became of the child."""
    while True:
        pid, status, usage = os.wait4(child, os.WNOHANG | os.WUNTRACED)
        if pid == 0:
            return None
        if not os.WIFSTOPPED(status):
            return Ended(os.waitstatus_to_exitcode(status), usage)
        stop(os.WSTOPSIG(status))


def stop_like(number: int) -> None:
    """Stop as the child has, so that the shell sees it; return when somebody lets this process go on.

    Only what job control sends counts: who stops the program alone will let it alone go on.
    """
    if number not in _JOB_CONTROL:
        return
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)  # still blocked: with the one that the terminal may have sent us too it is one
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    signal.pthread_sigmask(signal.SIG_BLOCK, {number})


def end_like(status: int) -> int:
    """End by the signal by which the child ended; else return the exit status to end with."""
    if status >= 0:
        return status
    number = -status
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if soft:
        resource.setrlimit(resource.RLIMIT_CORE, (_NO_CORE, hard))
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    if os.getpid() != INIT:  # which no signal ends
        os.kill(os.getpid(), number)
    return 128 + number
