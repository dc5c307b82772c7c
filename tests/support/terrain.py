"""The terrain example as the tests need it: what is missing for it skips the test, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.terrain import build as terrain


def program() -> Path:
    try:
        return terrain.build()
    except terrain.Missing as missing:
        pytest.skip(str(missing))


def program_with_window() -> Path:
    try:
        terrain.need_window()
    except terrain.Missing as missing:
        pytest.skip(str(missing))
    return program()


def on_a_virtual_screen(*command: str) -> list[str]:
    try:
        return [*terrain.virtual_screen(), *command]
    except terrain.Missing as missing:
        pytest.skip(str(missing))
