"""Output that goes to a file is the program's own, and is read all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import outside
import pytest

from argus.run.tail import Tail
from argus.run.wiring import Stream

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere files are written through a pipe")


def test_the_program_finds_the_file_itself_and_its_lines_are_sent(server, tmp_path) -> None:
    path = tmp_path / "log"
    path.write_text("before\n")
    shell = "echo begun; test -f /dev/stdout && echo ERROR it is a file; exit 3"
    with path.open("a") as file:
        answer = outside.run(server.url, "sh", "-c", shell, capture_output=False, stdout=file, stderr=file)
    assert (answer.returncode, path.read_text()) == (3, "before\nbegun\nERROR it is a file\n")
    lines = [(line["level"], line["message"]) for line in server.lines() if line["logger"] == "output"]
    assert lines == [("INFO", "begun"), ("ERROR", "ERROR it is a file")]


def test_who_prints_into_a_full_device_does_not_succeed(server) -> None:
    with Path("/dev/full").open("w") as full:
        answer = outside.run(
            server.url, "sh", "-c", "echo lost", capture_output=False, stdout=full, stderr=subprocess.PIPE
        )
    assert answer.returncode == 1
    assert answer.stderr == b"argus: what the program prints cannot be written: No space left on device\n"


def test_a_file_that_was_emptied_is_read_from_its_begin(tmp_path) -> None:
    path = tmp_path / "log"
    path.write_text("a long line\n")
    taken: list[bytes] = []
    source = os.open(path, os.O_RDONLY)
    tail = Tail(Stream("stdout", source, None), taken.append, pytest.fail)
    tail._look()
    path.write_text("new\n")
    tail.start()
    tail.finish()
    os.close(source)
    assert taken == [b"a long line\n", b"new\n"]


def test_a_file_that_fails_is_said_once(tmp_path) -> None:
    source = os.open(tmp_path, os.O_RDONLY)
    said: list[str] = []
    tail = Tail(Stream("stdout", source, None), lambda data: pytest.fail(repr(data)), said.append)
    tail.start()
    tail.finish()
    os.close(source)
    (text,) = said
    assert text.startswith("the lines of stdout are no longer looked at: IsADirectoryError")
