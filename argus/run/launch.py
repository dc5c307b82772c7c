"""Starting the program: everything it inherits is what it would have inherited without a parent. POSIX.

The fork happens while the parent has one thread. Signals are blocked in the parent before it, so that none is lost
between the fork and the first wait; the child gets back the mask that the parent was started with.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import shutil
import signal
import sys
import termios
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, NoReturn

from argus.run import relay
from argus.run.not_started import NOT_FOUND, NotStarted

STANDARD = (0, 1, 2)
SHELL = "/bin/sh"
PR_SET_PDEATHSIG = 1

OWN_PID = ("LISTEN_PID", "WATCHDOG_PID", "SYSTEMD_EXEC_PID")
"""Variables in which systemd names the process that they are meant for."""


class Program(NamedTuple):
    """What is to be started. ``descriptors`` are what becomes of 0, 1 and 2; what is not named is inherited."""

    command: Sequence[str]
    environment: Mapping[str, str]
    descriptors: Mapping[int, int]
    closed: Iterable[int]
    terminal: int | None
    """A pseudo-terminal's slave that becomes the controlling terminal of a session of its own."""


class Started(NamedTuple):
    """``waited_for`` is the child to wait for; ``pid`` is the program's, another one in a session of its own."""

    waited_for: int
    pid: int


def start(program: Program, inherited: relay.Signals) -> Started:
    """Start a program; raise :class:`NotStarted` where that cannot be."""
    with_parent = ending_with_parent()
    reading, writing = os.pipe()  # closed by a successful exec: what is read until then is what happened
    try:
        child = os.fork()
    except OSError as error:
        raise NotStarted(program.command[0], error.errno or 0) from error
    if child == 0:
        os.close(reading)
        if program.terminal is None:
            _become(program, inherited, writing, with_parent)
        _lead_session(program, inherited, writing, with_parent)
    os.close(writing)
    with os.fdopen(reading, "rb") as report:
        pid, _, failed = report.read().partition(b" ")
    if failed:
        os.waitpid(child, 0)
        raise NotStarted(program.command[0], int(failed))
    return Started(child, int(pid or child))


def replace(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Become the command; raise :class:`NotStarted` where that cannot be. There is no parent then."""
    relay.restore_hidden(environment)
    try:
        _execute(command, environment)
    except OSError as error:
        raise NotStarted(command[0], error.errno or 0) from error


def _become(program: Program, inherited: relay.Signals, report: int, with_parent: Callable[[], None]) -> NoReturn:
    """Be the program, in the child."""
    try:
        with_parent()
        os.write(report, f"{os.getpid()} ".encode())
        for target, source in program.descriptors.items():
            os.dup2(source, target)
        for target in program.closed:
            os.close(target)
        environment = dict(program.environment)
        for name in OWN_PID:
            if environment.get(name) == str(inherited.pid):
                environment[name] = str(os.getpid())
        inherited.restore(environment)
        _execute(program.command, environment)
    except OSError as error:
        os.write(report, str(error.errno).encode())
    finally:
        os._exit(NOT_FOUND)


def _lead_session(program: Program, inherited: relay.Signals, report: int, with_parent: Callable[[], None]) -> NoReturn:
    """Lead a session in which the program is the foreground job, in the child; end as the program ends.

    The program cannot lead it: its group would be an orphan to the kernel, and Ctrl-Z do nothing.
    """
    assert program.terminal is not None
    status = NOT_FOUND
    try:
        with_parent()
        os.setsid()
        fcntl.ioctl(program.terminal, termios.TIOCSCTTY, 0)
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            os.tcsetpgrp(program.terminal, os.getpid())
            _become(program, inherited, report, with_parent)
        let_go_of_descriptors()  # the parent and the program wait to see them closed

        def stop(number: int) -> None:
            if number != signal.SIGSTOP:  # sent to the program alone
                os.kill(os.getpid(), signal.SIGSTOP)  # the one stop that a session without a parent in it allows
                os.killpg(child, signal.SIGCONT)

        status = relay.end_like(relay.pass_on(child, inherited, stop).status)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.write(report, f"0 {error.errno}".encode())
    finally:
        os._exit(status)


def let_go_of_descriptors(*kept: int) -> None:
    """Close all descriptors but the standard ones, which lead nowhere from now on, and those that are kept."""
    for number in STANDARD:
        open_nothing(number)
    for number in set(_descriptors()).difference(kept):
        with contextlib.suppress(OSError):  # the listing's own
            os.close(number)


def close_inherited() -> None:
    """Close what came with this process and goes on to its children: it is theirs alone."""
    for number in _descriptors():
        with contextlib.suppress(OSError):  # as above
            if os.get_inheritable(number):
                os.close(number)


def _descriptors() -> list[int]:
    return [number for number in map(int, os.listdir("/dev/fd")) if number not in STANDARD]  # noqa: PTH208  # names alone


def open_nothing(number: int) -> None:
    """Put in the place of a descriptor one that gives nothing and takes everything."""
    nothing = os.open(os.devnull, os.O_RDWR)
    if nothing != number:
        os.dup2(nothing, number)
        os.close(nothing)


def _execute(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Execute as a shell does: found on the PATH, and a script without a first line that says how is the shell's."""
    if not command[0]:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
    try:
        os.execvpe(command[0], list(command), environment)  # noqa: S606  # what the user wants run
    except OSError as error:
        path = shutil.which(command[0], path=environment.get("PATH"))
        if error.errno != errno.ENOEXEC or path is None:
            raise
        os.execve(SHELL, [SHELL, path, *command[1:]], environment)  # noqa: S606  # see above


def ending_with_parent() -> Callable[[], None]:
    """Return what makes a child die with the process that calls this, though that be killed: on Linux.

    Whoever kills the parent means the program.
    """
    if sys.platform != "linux":
        return lambda: None
    prctl = ctypes.CDLL(None).prctl

    def request() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

    return request
