"""What a player sees. Drawn with pygame; without a display SDL's dummy driver takes it."""

from __future__ import annotations

import pygame

from examples.snake.game import HEIGHT, WIDTH, Cell, Game

CELL = 32
MARGIN = 16
BAR = 56
SIZE = (WIDTH * CELL + 2 * MARGIN, HEIGHT * CELL + 2 * MARGIN + BAR)

NIGHT = (14, 21, 24)
GROUND = (21, 31, 35)
GRID = (27, 40, 45)
TEAL = (53, 184, 174)
DEEP = (11, 122, 117)
GOLD = (217, 171, 92)
TEXT = (228, 237, 240)
MUTED = (147, 164, 172)


class View:
    """Draws a game on a surface."""

    def __init__(self, surface: pygame.Surface) -> None:
        self.surface = surface
        self.large = pygame.font.Font(None, 64)
        self.normal = pygame.font.Font(None, 30)

    def draw(self, game: Game, best: int, *, paused: bool, between: float) -> None:
        """Draw one frame; ``between`` (0 to 1) is how far the head is on its way to the next cell."""
        self.surface.fill(NIGHT)
        self._board()
        self._food(game.food)
        self._snake(game, between)
        self._bar(game, best)
        if game.over:
            self._message("Game over", "Enter plays again")
        elif paused:
            self._message("Paused", "P goes on")

    def _board(self) -> None:
        board = pygame.Rect(MARGIN, MARGIN + BAR, WIDTH * CELL, HEIGHT * CELL)
        pygame.draw.rect(self.surface, GROUND, board, border_radius=8)
        for x in range(1, WIDTH):
            left = MARGIN + x * CELL
            pygame.draw.line(self.surface, GRID, (left, board.top), (left, board.bottom))
        for y in range(1, HEIGHT):
            top = MARGIN + BAR + y * CELL
            pygame.draw.line(self.surface, GRID, (board.left, top), (board.right, top))

    def _food(self, cell: Cell) -> None:
        x, y = self._centre(cell)
        pygame.draw.circle(self.surface, GOLD, (x, y), CELL // 3)
        pygame.draw.circle(self.surface, NIGHT, (x, y), CELL // 8)

    def _snake(self, game: Game, between: float) -> None:
        body = list(game.snake)
        for place, cell in enumerate(body):
            shade = place / max(1, len(body) - 1)
            colour = tuple(round(a + (b - a) * shade) for a, b in zip(TEAL, DEEP, strict=True))
            x, y = self._centre(cell)
            size = CELL - 5
            square = pygame.Rect(x - size // 2, y - size // 2, size, size)
            pygame.draw.rect(self.surface, colour, square, border_radius=9)
        self._eye(game, between)

    def _eye(self, game: Game, between: float) -> None:
        x, y = self._centre(game.snake[0])
        dx, dy = game.direction.value
        spot = (x + dx * (4 + 3 * between), y + dy * (4 + 3 * between))
        pygame.draw.circle(self.surface, NIGHT, spot, 7)
        pygame.draw.circle(self.surface, TEXT, (spot[0] + 2, spot[1] - 2), 2)

    def _bar(self, game: Game, best: int) -> None:
        for place, (label, value) in enumerate((("score", game.score), ("length", len(game.snake)), ("best", best))):
            left = MARGIN + place * 180
            self.surface.blit(self.normal.render(label, True, MUTED), (left, 24))
            self.surface.blit(self.normal.render(str(value), True, TEXT), (left + 84, 24))

    def _message(self, title: str, hint: str) -> None:
        veil = pygame.Surface(SIZE, pygame.SRCALPHA)
        veil.fill((*NIGHT, 190))
        self.surface.blit(veil, (0, 0))
        for font, text, colour, drop in ((self.large, title, TEXT, -20), (self.normal, hint, MUTED, 34)):
            drawn = font.render(text, True, colour)
            self.surface.blit(drawn, drawn.get_rect(center=(SIZE[0] // 2, SIZE[1] // 2 + drop)))

    @staticmethod
    def _centre(cell: Cell) -> tuple[int, int]:
        return MARGIN + cell[0] * CELL + CELL // 2, MARGIN + BAR + cell[1] * CELL + CELL // 2
