"""The snake game: its rules, its autopilot, and that it reports what it should."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.snake import autopilot
from examples.snake.game import Direction, Game

ROOT = Path(__file__).resolve().parents[2]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.sampled_from(Direction), max_size=300))
def test_whatever_is_pressed_the_snake_stays_whole_and_on_the_board(seed: int, turns: list[Direction]) -> None:
    game = Game(random.Random(seed))
    for direction in turns:
        length, score = len(game.snake), game.score
        game.turn(direction)
        ate = game.step()
        assert len(game.snake) == length + ate
        assert game.score == score + 10 * ate
        assert len(set(game.snake)) == len(game.snake)
        assert all(game.inside(cell) for cell in game.snake)
        assert game.over or game.food not in game.snake


def test_a_wall_ends_the_game_and_turning_back_is_ignored() -> None:
    game = Game(random.Random(1))
    game.turn(Direction.LEFT)
    assert game.direction is Direction.RIGHT
    while not game.over:
        game.step()
    assert game.collision == "wall"


@pytest.mark.parametrize("seed", range(3))
def test_the_autopilot_plays_well(seed: int) -> None:
    game = Game(random.Random(seed), width=10, height=8)
    for _ in range(3_000):
        game.turn(autopilot.choose(game))
        game.step()
        if game.over:
            break
    assert len(game.snake) > 40


def test_a_headless_game_reports_itself_and_saves_a_picture(tmp_path: Path) -> None:
    picture, windows = tmp_path / "snake.png", tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "examples.snake", "--autopilot", "--headless", "--speed", "20", "--seed", "4"]
    answer = subprocess.run(
        [*command, "--duration", "3", "--screenshot", picture],
        cwd=ROOT,
        env={**os.environ, "ARGUS_SINK": f"jsonl:{windows}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    text = windows.read_text()
    for name in ("snake.score", "snake.length", "snake.frame_time", "snake.games", "game started", "cpu_percent"):
        assert name in text
