"""Programs that close all descriptors, ours among them: nothing of theirs is written to or closed, and all arrives."""

from __future__ import annotations

import os
import sys

import pytest
from program import run_program

from argus.client.held import Held

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there descriptors are not what is closed so")


def test_a_number_that_became_another_s_is_left_alone(tmp_path) -> None:
    held = Held(os.open(tmp_path, os.O_RDONLY))
    assert held.is_ours()
    os.close(held.number)
    assert not held.is_ours()
    held.close()
    other = os.open(os.devnull, os.O_RDONLY)
    assert other == held.number
    held.close()
    os.fstat(other)
    held = Held(other)
    held.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(other)


def test_a_program_that_closes_all_descriptors_goes_on_being_watched(server, tmp_path) -> None:
    program = """
argus.init(url=os.environ["URL"], api_key="k", flight_recorder=os.environ["FOLDER"], flush_interval=3600,
           system_metrics=False)
argus.increment("orders")
assert argus.flush()
os.closerange(3, 200)
files = [open(os.environ["OWN"], "a+") for _ in range(20)]
argus.increment("orders")
assert argus.flush()
argus.increment("orders")
argus.close()
assert all(file.read() == "" and file.write("own") for file in files)
"""
    answer = run_program(program, server.url, FOLDER=str(tmp_path / "flights"), OWN=str(tmp_path / "own"))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert server.counter("orders") == 3
    assert (tmp_path / "own").read_text() == 20 * "own"
