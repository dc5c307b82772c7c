"""Plays by itself: the shortest way to the food, as long as the tail can still be reached from there."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

from examples.snake.game import Cell, Direction, Game


def choose(game: Game) -> Direction:
    """Return the direction to take next."""
    head, tail = game.snake[0], game.snake[-1]
    body = set(game.snake) - {tail}
    path = _shortest(game, head, game.food, body)
    if path and _leaves_a_way_out(game, path):
        return path[0]
    detour = _farthest_towards(game, tail, body)
    return detour or (path[0] if path else game.direction)


def _shortest(game: Game, start: Cell, goal: Cell, blocked: Collection[Cell]) -> list[Direction]:
    """Return the moves of a shortest way, empty where there is none (breadth first)."""
    came: dict[Cell, tuple[Cell, Direction]] = {}
    queue = deque([start])
    while queue:
        cell = queue.popleft()
        if cell == goal and cell != start:
            return _moves_to(cell, start, came)
        for direction in Direction:
            following = game.ahead(cell, direction)
            if following not in came and following != start and game.inside(following) and following not in blocked:
                came[following] = (cell, direction)
                queue.append(following)
    return []


def _moves_to(cell: Cell, start: Cell, came: dict[Cell, tuple[Cell, Direction]]) -> list[Direction]:
    moves = []
    while cell != start:
        cell, direction = came[cell]
        moves.append(direction)
    return moves[::-1]


def _leaves_a_way_out(game: Game, path: list[Direction]) -> bool:
    """Return whether the tail can be reached after going that way and eating."""
    body = deque(game.snake)
    for direction in path:
        body.appendleft(game.ahead(body[0], direction))
        body.pop()
    body.append(body[-1])
    return bool(_shortest(game, body[0], body[-1], set(body) - {body[-1]}))


def _farthest_towards(game: Game, tail: Cell, body: Collection[Cell]) -> Direction | None:
    """Return the move that stays longest on the way to the tail: it wins time for the way to open."""
    best: tuple[int, Direction] | None = None
    for direction in Direction:
        following = game.ahead(game.snake[0], direction)
        if direction is game.direction.opposite or not game.inside(following) or following in body:
            continue
        way = _shortest(game, following, tail, body) if following != tail else [direction]
        if way and (best is None or len(way) > best[0]):
            best = (len(way), direction)
    return best[1] if best else None
