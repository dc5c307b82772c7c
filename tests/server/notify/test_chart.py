"""The chart of a mail, looked at by its pixels."""

from __future__ import annotations

import io
import math

import pytest
from PIL import Image

from argus.server.notify import chart
from argus.server.notify.chart import BREACH, LINE, SHADE, draw
from argus.server.notify.figures import clock, moment, number, span

T = 1_795_000_000.0
UP = tuple((T + 60.0 * i, float(i)) for i in range(11))


def drawn(*arguments: object) -> Image.Image:
    picture = draw(*arguments)  # type: ignore[arg-type]  # what a test names
    assert picture is not None
    return Image.open(io.BytesIO(picture)).convert("RGBA")


def colour_at(picture: Image.Image, share: float, height: float) -> tuple[int, ...]:
    """Return the colour at a share of the plot's width and a share of its height from below."""
    x = chart.LEFT + share * (chart.WIDTH - chart.LEFT - chart.RIGHT)
    y = chart.TOP + (1 - height) * (chart.HEIGHT - chart.TOP - chart.BOTTOM)
    found = picture.getpixel((round(x * chart.SHARP), round(y * chart.SHARP)))
    assert isinstance(found, tuple)
    return found


def alike(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 40 for a, b in zip(found, wanted, strict=True))


@pytest.mark.parametrize(("operator", "above", "below"), [(">", True, False), ("<", False, True), ("==", False, False)])
def test_the_breach_is_shaded_on_its_side_of_the_threshold(operator: str, above: bool, below: bool) -> None:
    picture = drawn(UP, operator, 5.0)
    assert alike(colour_at(picture, 0.8, 0.6), SHADE) is above
    assert alike(colour_at(picture, 0.2, 0.4), SHADE) is below
    assert colour_at(picture, 0.2, 0.8)[3] == 0


def test_the_line_goes_through_the_points_and_the_threshold_across() -> None:
    picture = drawn(UP, ">", 5.0)
    assert alike(colour_at(picture, 0.5, 0.5), LINE)
    row = [colour_at(picture, share / 1000, 0.5) for share in range(400)]
    assert any(alike(found, BREACH) for found in row)


def test_a_gap_stays_a_gap() -> None:
    points = tuple((at, None if 3 < value < 7 else 5.0) for at, value in UP)
    picture = drawn(points, ">", 9.0)
    flat = (5.0 - (5.0 - 0.32)) / (9.32 - 4.68)
    assert alike(colour_at(picture, 0.2, flat), LINE)
    assert colour_at(picture, 0.5, flat)[3] == 0


@pytest.mark.parametrize("points", [((T, 1.0),), ((T, 1.0), (T, 1.0)), tuple((T + i, 3.0) for i in range(3))])
def test_one_point_and_a_flat_line_are_drawn(points: tuple[tuple[float, float], ...]) -> None:
    assert drawn(points, ">", 3.0).getbbox() is not None


@pytest.mark.parametrize(
    ("points", "threshold"),
    [
        ((), 1.0),
        (((T, None), (T + 1, math.nan), (T + 2, math.inf)), 1.0),
        (UP, math.inf),
        (((T, 1e308), (T + 1, -1e308)), 0.0),
    ],
)
def test_what_cannot_be_drawn_is_left_out(points: tuple[tuple[float, float | None], ...], threshold: float) -> None:
    assert draw(points, ">", threshold) is None


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (0.0, "0"),
        (93.25, "93.25"),
        (-4.0, "-4"),
        (9_999.0, "9999"),
        (12_345.0, "12.35k"),
        (1_250_000.0, "1.25M"),
        (0.00021, "0.00021"),
        (-2.5e9, "-2.5G"),
        (3e15, "3000T"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
        (math.nan, "no number"),
    ],
)
def test_a_number_is_read_at_a_glance(value: float, read: str) -> None:
    assert number(value) == read


def test_times_and_durations_are_read_at_a_glance() -> None:
    assert moment(T) == "18 Nov 2026, 11:06:40 UTC"
    assert [clock(T, within) for within in (60, 3_600, 200_000)] == ["11:06:40", "11:06", "18 Nov"]
    assert [span(s) for s in (5, 60, 100, 7_500, 90_000)] == ["5 s", "1 min", "1 min 40 s", "2 h 5 min", "1 d 1 h"]
