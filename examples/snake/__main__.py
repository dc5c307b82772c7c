"""``python -m examples.snake``: arrow keys, P pauses, Enter plays again; ``--autopilot`` plays by itself."""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import sys
import time


def main() -> int:
    """Play until the window is closed, or for as long as was asked for."""
    parser = argparse.ArgumentParser(prog="snake", description=__doc__)
    parser.add_argument("--autopilot", action="store_true", help="play by itself, game after game")
    parser.add_argument("--headless", action="store_true", help="without a display (chosen where there is none)")
    parser.add_argument("--duration", type=float, default=float("inf"), help="seconds to play")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster than usual")
    parser.add_argument("--seed", type=int, help="for a game that can be played again")
    parser.add_argument("--screenshot", help="save the last frame as PNG")
    options = parser.parse_args()
    if options.headless or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.name == "nt"):
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    from examples.snake import monitoring  # noqa: PLC0415  # pygame reads the environment when it is imported
    from examples.snake.player import Player  # noqa: PLC0415  # see above

    monitoring.begin()
    chance = random.Random(options.seed)
    player = Player(chance, autopilot=options.autopilot, speed=options.speed)
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C ends a game like closing its window
        player.play(until=time.monotonic() + options.duration, screenshot=options.screenshot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
