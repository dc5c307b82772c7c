"""The stages that prove the project: none is forgotten, and no folder of tests is left out by all of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

TESTS = Path(__file__).resolve().parent
ON_DEMAND = {"audit"}
"""Stages that need the network: ``make check`` runs them."""


@pytest.fixture(scope="module")
def everything() -> ModuleType:
    spec = importlib.util.spec_from_file_location("everything", TESTS / "everything.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_stage_has_its_place_in_one_lane(everything: ModuleType) -> None:
    in_lanes = [name for lane in everything.LANES for name in lane]
    assert sorted([*everything.FIRST, *in_lanes, *ON_DEMAND]) == sorted(everything.STAGES)


def test_every_folder_that_the_unit_tests_leave_out_is_a_stage_s_own(
    everything: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(everything, "run", lambda *command, **_: commands.append(command))
    monkeypatch.setattr(everything, "need", lambda *_: None)
    everything.unit()
    left_out = {word.removeprefix("--ignore=") for word in commands.pop() if word.startswith("--ignore=")}
    for name in ("native", "package", "stores", "deploy"):
        everything.STAGES[name]()
    given = {word for command in commands for word in command if word.startswith("tests/")}
    assert left_out == given | {"tests/e2e"}  # whose stage looks first for a built dashboard
