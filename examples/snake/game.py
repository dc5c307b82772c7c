"""The rules: a snake on a board, food, and what ends a game. No screen, no clock, no randomness of its own."""

from __future__ import annotations

import random
from collections import deque
from enum import Enum

Cell = tuple[int, int]

WIDTH, HEIGHT = 24, 18
POINTS_PER_FOOD = 10


class Direction(Enum):
    """Where the snake moves: columns to the right, rows down."""

    UP = (0, -1)
    DOWN = (0, 1)
    LEFT = (-1, 0)
    RIGHT = (1, 0)

    @property
    def opposite(self) -> Direction:
        """The direction a snake cannot turn to at once."""
        x, y = self.value
        return Direction((-x, -y))


class Game:
    """One game. ``snake[0]`` is the head; ``collision`` says what ended it."""

    def __init__(self, chance: random.Random, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.width, self.height = width, height
        self.chance = chance
        middle = (width // 2, height // 2)
        self.snake: deque[Cell] = deque([middle, (middle[0] - 1, middle[1]), (middle[0] - 2, middle[1])])
        self.direction = Direction.RIGHT
        self.score = 0
        self.collision: str | None = None
        self.food = self._new_food()

    @property
    def over(self) -> bool:
        """Whether the game has ended."""
        return self.collision is not None

    def turn(self, direction: Direction) -> None:
        """Change direction; turning back on itself is ignored."""
        if direction is not self.direction.opposite:
            self.direction = direction

    def step(self) -> bool:
        """Move by one cell; return whether the snake ate."""
        if self.over:
            return False
        head = self.ahead(self.snake[0], self.direction)
        ate = head == self.food
        if not self.inside(head):
            self.collision = "wall"
        elif head in self.snake and (ate or head != self.snake[-1]):  # the tail moves away in this step
            self.collision = "itself"
        if self.collision is not None:
            return False
        self.snake.appendleft(head)
        if not ate:
            self.snake.pop()
            return False
        self.score += POINTS_PER_FOOD
        if len(self.snake) == self.width * self.height:
            self.collision = "nothing: the board is full"
        else:
            self.food = self._new_food()
        return True

    def inside(self, cell: Cell) -> bool:
        """Whether a cell is on the board."""
        return 0 <= cell[0] < self.width and 0 <= cell[1] < self.height

    @staticmethod
    def ahead(cell: Cell, direction: Direction) -> Cell:
        """Return the next cell in a direction."""
        return (cell[0] + direction.value[0], cell[1] + direction.value[1])

    def _new_food(self) -> Cell:
        taken = set(self.snake)
        free = [(x, y) for x in range(self.width) for y in range(self.height) if (x, y) not in taken]
        return self.chance.choice(free)
