"""Everything that monitoring took. The rest of the game calls these."""

from __future__ import annotations

import logging

import argus
from examples.snake.game import Game

log = logging.getLogger("snake")
frame = argus.timer("snake.frame_time")
food = argus.counter("snake.food")


def begin() -> None:
    """Start monitoring; address and key come from ARGUS_URL and ARGUS_API_KEY, or argus.toml."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    argus.init()


def started() -> None:
    """A game has begun."""
    argus.increment("snake.games")
    log.info("game started")


def moved(game: Game, *, ate: bool) -> None:
    """The snake has moved."""
    argus.gauge("snake.score", game.score)
    argus.gauge("snake.length", len(game.snake))
    if ate:
        food.increment()


def ended(game: Game, seconds: float) -> None:
    """The game is over."""
    argus.timing("snake.game_duration", seconds)
    log.warning("collision with %s", game.collision, extra={"collision": game.collision, "head": list(game.snake[0])})
    log.info("game over", extra={"score": game.score, "length": len(game.snake), "seconds": round(seconds, 2)})
