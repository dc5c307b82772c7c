"""The chart of a mail: the window's points, the threshold, and the breach between them, as a PNG.

The ground is transparent and the colours are of middle lightness, so that the picture reads on a light page and on a
dark one.
"""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from argus.server.alerts.values import Point
from argus.server.notify.figures import clock, number

WIDTH, HEIGHT = 560, 170
"""Size on the page; the picture has ``SHARP`` pixels for each of its own, for fine screens."""
SHARP = 2
FINE = 2
"""How much larger lines are drawn before they are scaled down: that smooths their edges."""
LEFT, RIGHT, TOP, BOTTOM = 6, 58, 12, 24

LINE = (64, 138, 208, 255)
BREACH = (217, 72, 76, 255)
SHADE = (217, 72, 76, 60)
QUIET = (128, 138, 150, 255)
LABEL_HEIGHT = 14.0
COLOURS = 128

Pixel = tuple[float, float]


class Scale(NamedTuple):
    """From times and values to places on the page."""

    start: float
    end: float
    low: float
    high: float

    def x(self, at: float) -> float:
        return LEFT + (at - self.start) / (self.end - self.start) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return TOP + (self.high - value) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)

    def place(self, at: float, value: float) -> Pixel:
        return self.x(at), self.y(value)


def draw(points: Sequence[Point], operator: str, threshold: float) -> bytes | None:
    """Return the PNG, ``None`` where there is nothing to draw a line from."""
    runs = _runs(points)
    if not runs or not math.isfinite(threshold):
        return None
    scale = _scale(runs, threshold)
    if not math.isfinite(scale.high - scale.low):  # the values lie further apart than a number can say
        return None
    picture = _lines(runs, operator, threshold, scale)
    _labels(picture, runs[-1][-1][1], threshold, scale)
    file = io.BytesIO()
    picture.quantize(COLOURS, Image.Quantize.FASTOCTREE).save(file, "PNG")  # a quarter of the size, and looks the same
    return file.getvalue()


def _runs(points: Sequence[Point]) -> list[list[Pixel]]:
    """Return the stretches without a gap."""
    runs: list[list[Pixel]] = [[]]
    for at, value in points:
        if value is None or not math.isfinite(value):
            runs.append([])
        else:
            runs[-1].append((at, value))
    return [run for run in runs if run]


def _scale(runs: Sequence[Sequence[Pixel]], threshold: float) -> Scale:
    values = [value for run in runs for _, value in run] + [threshold]
    low, high = min(values), max(values)
    room = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
    start, end = runs[0][0][0], runs[-1][-1][0]
    return Scale(start, max(end, start + 1.0), low - room, high + room)


def _lines(runs: Sequence[Sequence[Pixel]], operator: str, threshold: float, scale: Scale) -> Image.Image:
    """Return the picture without words, drawn large and scaled down."""
    factor = SHARP * FINE
    large = Image.new("RGBA", (WIDTH * factor, HEIGHT * factor), (*QUIET[:3], 0))
    pen = ImageDraw.Draw(large)

    def enlarged(places: Sequence[Pixel]) -> list[Pixel]:
        return [(x * factor, y * factor) for x, y in places]

    for run in runs:
        if breach := _breach(run, operator, threshold):
            floor = [(breach[-1][0], threshold), (breach[0][0], threshold)]
            pen.polygon(enlarged([scale.place(*point) for point in (*breach, *floor)]), fill=SHADE)
    baseline = HEIGHT - BOTTOM + 0.5
    pen.line(enlarged([(LEFT, baseline), (WIDTH - RIGHT, baseline)]), fill=(*QUIET[:3], 110), width=factor)
    for left in range(LEFT, WIDTH - RIGHT, 9):
        height = scale.y(threshold)
        pen.line(enlarged([(left, height), (min(left + 5, WIDTH - RIGHT), height)]), fill=BREACH, width=factor)
    for run in runs:
        places = enlarged([scale.place(*point) for point in run])
        pen.line(places, fill=LINE, width=2 * factor, joint="curve")
        if len(places) == 1:
            pen.circle(places[0], 2 * factor, fill=LINE)
    (last,) = enlarged([scale.place(*runs[-1][-1])])
    pen.circle(last, 3.5 * factor, fill=LINE)
    return large.resize((WIDTH * SHARP, HEIGHT * SHARP), Image.Resampling.LANCZOS)


def _breach(run: Sequence[Pixel], operator: str, threshold: float) -> list[Pixel]:
    """Return the upper or lower edge of the breach: the run, cut off at the threshold. Equality has no area."""
    if operator not in {">", ">=", "<", "<="} or len(run) == 1:
        return []
    cut = max if operator in {">", ">="} else min
    edge = [(run[0][0], cut(run[0][1], threshold))]
    for (t0, v0), (t1, v1) in itertools.pairwise(run):
        if (v0 - threshold) * (v1 - threshold) < 0:
            edge.append((t0 + (t1 - t0) * (threshold - v0) / (v1 - v0), threshold))
        edge.append((t1, cut(v1, threshold)))
    return edge


def _labels(picture: Image.Image, last: float, threshold: float, scale: Scale) -> None:
    """Write the threshold, the last value and the two ends of the time; figures only, so every font has them."""
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(11.5 * SHARP)

    def write(x: float, y: float, text: str, colour: tuple[int, ...], anchor: str) -> None:
        pen.text((x * SHARP, y * SHARP), text, fill=colour, font=font, anchor=anchor)

    beside = WIDTH - RIGHT + 8
    at, limit = scale.y(last), scale.y(threshold)
    if abs(at - limit) < LABEL_HEIGHT:  # they would lie on each other
        at = limit + (LABEL_HEIGHT if at > limit else -LABEL_HEIGHT)
    write(beside, limit, number(threshold), BREACH, "lm")
    write(beside, at, number(last), LINE, "lm")
    within = scale.end - scale.start
    write(LEFT, HEIGHT - 4, clock(scale.start, within), QUIET, "ls")
    write(WIDTH - RIGHT, HEIGHT - 4, clock(scale.end, within), QUIET, "rs")
