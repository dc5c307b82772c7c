"""Who speaks for himself under ``argus run``."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from argus.run.folder import RunFolder


@pytest.fixture
def folder() -> Iterator[RunFolder]:
    made = RunFolder(os.environ)
    yield made
    made.remove()


def test_a_process_speaks_from_its_mark_on(folder: RunFolder) -> None:
    assert not folder.somebody_speaks()
    (folder.path / f"{os.getpid()}.speaks").touch()
    assert folder.somebody_speaks()
    folder.forget_the_dead()
    assert folder.somebody_speaks()


def test_one_that_has_died_speaks_until_the_window_ends(folder: RunFolder) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (folder.path / f"{dead.pid}.speaks").touch()
    assert folder.somebody_speaks()
    folder.forget_the_dead()
    assert not folder.somebody_speaks()
