"""Pictures of the leaderboard, as SVG made at build time: no script, no inline style, colours by CSS.

Every picture has a title and a description, and stands beside the table that holds its numbers. All text is
escaped; shapes take their colours from classes in the site's stylesheet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from budmodel.domain.pareto import front
from budmodel.schema.values import format_count

WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 68, 24, 18, 52
MOST_POINTS = 300
"""Most points of a picture; more than that is a cloud that says less than the table."""
_CHARACTER = 6.6
"""Width of a character of a label, in the picture's units."""
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A version in a picture."""

    label: str
    href: str
    """Where a click leads, relative to the page."""
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """What an axis measures."""

    label: str
    log: bool = False
    counts: bool = False
    """Whether values are counts such as 8B."""


def scatter(id_: str, title: str, points: Sequence[Point], x: Axis, y: Axis) -> Markup:
    """A scatter plot with its Pareto front: less on the horizontal, more on the vertical axis is better.

    Args:
        id_: an HTML id that is unique on the page.
        title: what it shows.
        points: at least two; those beyond MOST_POINTS are left out, the best of the vertical axis stay.
        x, y: the axes.
    """
    shown = sorted(points, key=lambda point: (-point.y, point.x, point.label))[:MOST_POINTS]
    best = front((index, point.x, point.y) for index, point in enumerate(shown))
    across = _Scale.of([point.x for point in shown], x, LEFT, WIDTH - RIGHT)
    upwards = _Scale.of([point.y for point in shown], y, HEIGHT - BOTTOM, TOP)
    names = [point.label for index, point in enumerate(shown) if index in best]
    described = (
        f"{len(shown)} points. {x.label}: less is better. {y.label}: more is better. "
        f"On the Pareto front: {', '.join(names)}. The table beside it holds all values."
    )
    parts = [
        Markup(
            '<svg class="bm-chart" viewBox="0 0 {} {}" role="group" aria-labelledby="{}-t"'
            ' aria-describedby="{}-d">'
            '<title id="{}-t">{}</title><desc id="{}-d">{}</desc>'
        ).format(WIDTH, HEIGHT, id_, id_, id_, title, id_, described),
        _grid(across, upwards, x, y),
        _line(shown, best, across, upwards),
        _points(shown, best, across, upwards),
        _labels(shown, best, across, upwards),
        Markup("</svg>"),
    ]
    return Markup("").join(parts)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From values to places."""

    low: float
    high: float
    begin: float
    end: float
    axis: Axis

    @classmethod
    def of(cls, values: Sequence[float], axis: Axis, begin: float, end: float) -> _Scale:
        low, high = min(values), max(values)
        if axis.log:
            return cls(math.log10(low) - 0.06, math.log10(high) + 0.06, begin, end, axis)
        room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
        # A share never goes beyond its bounds, and nothing that is measured here below zero.
        return cls(max(0.0, low - room) if low >= 0 else low - room, high + room, begin, end, axis)

    def place(self, value: float) -> float:
        real = math.log10(value) if self.axis.log else value
        share = (real - self.low) / ((self.high - self.low) or 1.0)
        return round(self.begin + share * (self.end - self.begin), 1)

    def ticks(self) -> list[float]:
        if not self.axis.log:
            step = _step(self.high - self.low)
            first = math.ceil(self.low / step)
            return [round(n * step, 12) for n in range(first, math.floor(self.high / step) + 1)]
        exponents = range(math.floor(self.low), math.ceil(self.high) + 1)
        found = [digit * 10.0**exponent for exponent in exponents for digit in _STEPS]
        inside = [value for value in found if self.low <= math.log10(value) <= self.high]
        return inside if len(inside) <= 12 else [value for value in inside if f"{value:.0e}"[0] == "1"]

    def words(self, value: float) -> str:
        return format_count(round(value)) if self.axis.counts and value >= 1 else f"{value:g}"


def _step(span: float) -> float:
    """A round step of which about five fit into a span."""
    rough = span / 5
    power = 10.0 ** math.floor(math.log10(rough))
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= rough)


def _grid(across: _Scale, upwards: _Scale, x: Axis, y: Axis) -> Markup:
    parts = []
    for value in upwards.ticks():
        at = upwards.place(value)
        parts.append(
            Markup(
                '<line class="bm-chart__grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
                '<text class="bm-chart__tick" x="{}" y="{}" text-anchor="end">{}</text>'
            ).format(LEFT, WIDTH - RIGHT, at, at, LEFT - 8, at + 4, upwards.words(value))
        )
    for value in across.ticks():
        at = across.place(value)
        parts.append(
            Markup(
                '<line class="bm-chart__grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
                '<text class="bm-chart__tick" x="{}" y="{}" text-anchor="middle">{}</text>'
            ).format(at, at, TOP, HEIGHT - BOTTOM, at, HEIGHT - BOTTOM + 18, across.words(value))
        )
    middle_x, middle_y = (LEFT + WIDTH - RIGHT) / 2, (TOP + HEIGHT - BOTTOM) / 2
    parts.append(
        Markup(
            '<text class="bm-chart__axis" x="{}" y="{}" text-anchor="middle">{}</text>'
            '<text class="bm-chart__axis" transform="translate(16 {}) rotate(-90)"'
            ' text-anchor="middle">{}</text>'
        ).format(middle_x, HEIGHT - 10, x.label, middle_y, y.label)
    )
    return Markup("").join(parts)


def _line(points: Sequence[Point], best: set[int], across: _Scale, upwards: _Scale) -> Markup:
    """The front as steps: up to the next point nothing better is known."""
    ordered = sorted((points[index] for index in best), key=lambda point: (point.x, point.y))
    places = [(across.place(point.x), upwards.place(point.y)) for point in ordered]
    steps = [f"M{places[0][0]} {places[0][1]}"] + [f"H{at_x}V{at_y}" for at_x, at_y in places[1:]]
    return Markup('<path class="bm-chart__front" d="{}"/>').format("".join(steps))


def _points(points: Sequence[Point], best: set[int], across: _Scale, upwards: _Scale) -> Markup:
    drawn = Markup("")
    for index, point in enumerate(points):
        kind = " bm-chart__point--best" if index in best else ""
        said = f"{point.label}: {across.words(point.x)}, {upwards.words(point.y)}"
        drawn += Markup(
            '<a href="{}" tabindex="-1"><circle class="bm-chart__point{}" cx="{}" cy="{}" r="5">'
            "<title>{}</title></circle></a>"
        ).format(point.href, kind, across.place(point.x), upwards.place(point.y), said)
    return drawn


def _labels(points: Sequence[Point], best: set[int], across: _Scale, upwards: _Scale) -> Markup:
    """The names of the points, those of the front first, where they cover neither each other nor a point."""
    taken = [
        (at_x - 6, at_y - 6, at_x + 6, at_y + 6)
        for at_x, at_y in ((across.place(point.x), upwards.place(point.y)) for point in points)
    ]
    drawn = Markup("")
    for _, point in sorted(enumerate(points), key=lambda item: (item[0] not in best, item[0])):
        text = point.label if len(point.label) <= 32 else f"{point.label[:31]}…"
        width = len(text) * _CHARACTER
        at_x, at_y = across.place(point.x), upwards.place(point.y)
        for anchor, dx, dy in (("start", 9, 4), ("end", -9, 4), ("middle", 0, -10), ("middle", 0, 18)):
            begin = at_x + dx - {"start": 0.0, "end": width, "middle": width / 2}[anchor]
            box = (begin, at_y + dy - 10, begin + width, at_y + dy + 3)
            if box[0] < LEFT or box[2] > WIDTH or box[1] < 0 or box[3] > HEIGHT - BOTTOM + 4:
                continue
            if any(_overlap(box, other) for other in taken):
                continue
            taken.append(box)
            drawn += Markup('<text class="bm-chart__label" x="{}" y="{}" text-anchor="{}">{}</text>').format(
                round(at_x + dx, 1), round(at_y + dy, 1), anchor, escape(text)
            )
            break
    return drawn


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
