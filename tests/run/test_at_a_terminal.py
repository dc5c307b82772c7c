"""A program at a terminal finds a terminal: keys, size, job control."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from typing import Any

import outside
import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")


class Person:
    """Sits at a terminal of 80 columns, types and reads."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], **more: Any) -> None:
        self.master, slave = pty.openpty()
        self.resize(80)
        streams: dict[str, Any] = {"stdin": slave, "stdout": slave, "stderr": slave, **more}
        self.process = subprocess.Popen(
            command,
            env=environment,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0),  # noqa: PLW1509  # one call, no thread yet
            **streams,
        )
        os.close(slave)
        self.seen = b""

    def resize(self, columns: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def read_until(self, pattern: bytes, seconds: float = 30.0) -> bytes:
        """Read on until the pattern is seen, and return what came until then."""
        deadline = time.monotonic() + seconds
        while (found := re.search(pattern, self.seen)) is None:
            ready, _, _ = select.select([self.master], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"{pattern!r} did not come, but {self.seen!r}"
            self.seen += os.read(self.master, 65536)
        text, self.seen = self.seen[: found.end()], self.seen[found.end() :]
        return text

    def end(self) -> int:
        """Read to the end, and return the exit status."""
        try:
            while chunk := os.read(self.master, 65536):
                self.seen += chunk
        except OSError:  # the terminal has nobody any more
            pass
        return self.process.wait(30)


@pytest.fixture
def person(server) -> Iterator:
    people: list[Person] = []

    def sit_down(*command: str, **more: Any) -> Person:
        people.append(Person(command, outside.environment(server.url, PS1="$ "), **more))
        return people[-1]

    yield sit_down
    for one in people:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()
        os.close(one.master)


def test_a_program_at_a_terminal_is_at_a_terminal_and_what_it_sets_there_holds(person, program, server) -> None:
    someone = person(*outside.ARGUS_RUN, program, "keys")
    assert b"terminals 1 1 1, 80 columns, in front\r\n" in someone.read_until(rb"front\r\n")
    someone.type(b"x")  # seen at once and not echoed
    assert someone.read_until(rb"key \d+\r\n") == b"key 120\r\n"
    someone.type(b"q")
    assert someone.end() == 0
    assert someone.seen == b""
    assert ("output", "key 120") in [(line["logger"], line["message"]) for line in server.lines()]


def test_keys_are_signals_and_a_new_size_is_told(person, program) -> None:
    someone = person(*outside.ARGUS_RUN, program, "signals")
    someone.read_until(rb"ready\r\n")
    someone.resize(100)
    someone.read_until(rb"got %d\r\n" % signal.SIGWINCH)
    someone.type(b"\x03")
    someone.read_until(rb"got %d\r\n" % signal.SIGINT)
    someone.process.send_signal(signal.SIGUSR2)
    assert someone.end() == 3


@pytest.mark.parametrize("reader", ["", " | cat"], ids=["at the terminal", "in a pipeline"])
def test_a_job_is_stopped_by_a_key_and_goes_on_in_front(person, reader) -> None:
    someone = person("bash", "--norc", "--noprofile", "-i")
    someone.read_until(rb"\$ ")
    someone.type(f"{' '.join(outside.ARGUS_RUN)} sh -c 'echo ready; exec sed -u s/^/got-/'{reader}\n".encode())
    someone.read_until(rb"\rready\r\n")
    someone.type(b"one\n")
    someone.read_until(rb"got-one\r\n")
    someone.type(b"\x1a")
    someone.read_until(rb"Stopped(.|\n)*\$ ")
    someone.type(b"fg\n")
    someone.read_until(rb"exec sed.*\r\n")
    someone.type(b"two\n")
    someone.read_until(rb"got-two\r\n")
    someone.type(b"\x04")
    someone.read_until(rb"\$ ")
    someone.type(b"exit 9\n")
    assert someone.end() == 9


def test_an_output_at_a_terminal_with_an_input_elsewhere_is_unchanged(person, program) -> None:
    someone = person(*outside.ARGUS_RUN, program, "state", stdin=subprocess.DEVNULL)
    assert someone.end() == 42
    assert b"descriptor 0 terminal 0\r\ndescriptor 1 terminal 1\r\ndescriptor 2 terminal 1\r\n" in someone.seen
    assert b"\r\r" not in someone.seen
    assert b"group of its parent 1, session 1" in someone.seen
