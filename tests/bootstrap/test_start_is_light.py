"""A program waits for our start, so what is dear in it is left for later: seen from the modules, not from a clock."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from argus import bootstrap

BEGIN = f"""
import json, sys
compiled = []
sys.addaudithook(lambda event, given: compiled.append(str(given[0])) if event == "compile" else None)
from importlib.machinery import SourceFileLoader
from types import ModuleType
begin = ModuleType("_argus_begin")
begin.__file__ = {str(Path(bootstrap.FOLDER).parent / "begin.py")!r}
SourceFileLoader(begin.__name__, begin.__file__).exec_module(begin)
assert begin.begin() is None
print(json.dumps([sorted(sys.modules), compiled]))
"""

DEAR = {"pathlib", "urllib.parse", "inspect", "ast", "dataclasses", "psutil", "socket", "tempfile", "asyncio"}
OURS = {"instrument.recorder", "instrument.patching", "instrument.request", "client.delivery", "client.runtime"}


@pytest.fixture(scope="module")
def begun() -> tuple[set[str], list[str]]:
    """The modules in a program that has just begun, and what was compiled from text for that."""
    known = {"ARGUS_URL": "http://127.0.0.1:9", "ARGUS_API_KEY": "k"}
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("ARGUS_", "PYTHON"))}
    environ = bootstrap.environment({**environ, **known})
    program = [sys.executable, "-S", "-c", BEGIN]  # without the modules that the environment's own start brings
    done = subprocess.run(program, env=environ, check=True, capture_output=True, text=True)
    modules, compiled = json.loads(done.stdout.splitlines()[-1])
    return set(modules), compiled


def test_nothing_dear_is_loaded_before_the_program_s_first_line(begun) -> None:
    modules, _ = begun
    assert "_argus_run.argus.bootstrap.start" in modules
    assert modules.isdisjoint(DEAR | {f"_argus_run.argus.{name}" for name in OURS})


def test_no_annotation_is_compiled_before_the_program_s_first_line(begun) -> None:
    _, compiled = begun
    named_tuples = [text for text in compiled if "lambda _cls" in text]
    assert named_tuples
    begin_and_its_like = [text for text in compiled if "\\n" in text]  # where no byte code is kept
    assert len(named_tuples) + len(begin_and_its_like) == len(compiled)
