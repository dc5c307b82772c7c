"""The main loop: keys or the autopilot, moves at the snake's pace, sixty frames a second."""

from __future__ import annotations

import random
import time

import pygame

from examples.snake import autopilot, monitoring
from examples.snake.game import Direction, Game
from examples.snake.view import SIZE, View

KEYS = {
    pygame.K_UP: Direction.UP,
    pygame.K_DOWN: Direction.DOWN,
    pygame.K_LEFT: Direction.LEFT,
    pygame.K_RIGHT: Direction.RIGHT,
}
FRAMES_PER_SECOND = 60
SLOWEST, FASTEST = 7.0, 16.0
"""Moves per second of a short snake and of a long one."""


class Player:
    """Plays game after game in one window."""

    def __init__(self, chance: random.Random, *, autopilot: bool, speed: float) -> None:
        pygame.display.init()  # not pygame.init(): the game makes no sound, and needs no sound card
        pygame.font.init()
        pygame.display.set_caption("Snake, watched by Argus")
        self.chance = chance
        self.autopilot = autopilot
        self.speed = speed
        self.view = View(pygame.display.set_mode(SIZE))
        self.best = 0
        self.paused = False
        self.running = True
        self._begin()

    def play(self, until: float, screenshot: str | None = None) -> None:
        """Run the main loop until a monotonic time, or until the window is closed."""
        clock = pygame.time.Clock()
        while self.running and time.monotonic() < until:
            with monitoring.frame:
                self._handle_keys()
                self._advance()
                self.view.draw(self.game, self.best, paused=self.paused, between=self._between())
                pygame.display.flip()
            clock.tick(FRAMES_PER_SECOND)
        if screenshot is not None:
            pygame.image.save(self.view.surface, screenshot)
        pygame.quit()

    def _begin(self) -> None:
        self.game = Game(self.chance)
        self.began = self.moved = time.monotonic()
        self.told = False
        monitoring.started()

    def _pace(self) -> float:
        """Return the seconds between two moves: longer snakes are quicker."""
        return 1.0 / (min(FASTEST, SLOWEST + len(self.game.snake) / 8) * self.speed)

    def _between(self) -> float:
        return min(1.0, (time.monotonic() - self.moved) / self._pace())

    def _advance(self) -> None:
        if self.game.over:
            self._end()
            return
        now = time.monotonic()
        if self.paused or now - self.moved < self._pace():
            return
        self.moved = now
        if self.autopilot:
            self.game.turn(autopilot.choose(self.game))
        ate = self.game.step()
        self.best = max(self.best, self.game.score)
        monitoring.moved(self.game, ate=ate)

    def _end(self) -> None:
        if not self.told:
            self.told = True
            monitoring.ended(self.game, time.monotonic() - self.began)
        if self.autopilot:
            self._begin()

    def _handle_keys(self) -> None:
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                self.running = False
            elif event.type == pygame.KEYDOWN:
                self._handle_key(event.key)

    def _handle_key(self, key: int) -> None:
        if key in KEYS:
            self.game.turn(KEYS[key])
        elif key == pygame.K_p:
            self.paused = not self.paused
        elif key == pygame.K_RETURN and self.game.over:
            self._begin()
        elif key == pygame.K_ESCAPE:
            self.running = False
