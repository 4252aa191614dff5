"""The pictures of the leaderboard: the front, the scales, the labels, and hostile names."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from budmodel.domain.pareto import front
from budmodel.render.charts import HEIGHT, WIDTH, Axis, Point, scatter

X = Axis(label="Parameters", log=True, counts=True)
Y = Axis(label="Accuracy (fraction)")
SVG = "{http://www.w3.org/2000/svg}"


def parse(markup: str) -> ET.Element:
    return ET.fromstring(str(markup).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def points_of(*values: tuple[float, float]) -> list[Point]:
    return [
        Point(label=f"m{index}", href=f"../models/m{index}/", x=x, y=y) for index, (x, y) in enumerate(values)
    ]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_front_is_what_nothing_beats(values: list[tuple[int, int]]) -> None:
    found = front((index, cost, gain) for index, (cost, gain) in enumerate(values))
    for index, (cost, gain) in enumerate(values):
        beaten = any(
            other_cost <= cost and other_gain >= gain and (other_cost, other_gain) != (cost, gain)
            for other_cost, other_gain in values
        )
        assert (index in found) is not beaten


@given(
    st.lists(
        st.tuples(st.floats(1e3, 1e13), st.floats(0, 1)),
        min_size=2,
        max_size=20,
        unique_by=lambda pair: pair[0],
    )
)
def test_points_keep_their_order_and_stay_inside(values: list[tuple[float, float]]) -> None:
    found = parse(scatter("c", "t", points_of(*values), X, Y))
    places = {
        circle.find(f"{SVG}title").text.split(":")[0]: (
            float(circle.get("cx", "")),
            float(circle.get("cy", "")),
        )  # type: ignore[union-attr]
        for circle in found.iter(f"{SVG}circle")
    }
    assert len(places) == len(values)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in places.values())
    ordered = sorted(range(len(values)), key=lambda index: values[index][0])
    assert all(places[f"m{a}"][0] <= places[f"m{b}"][0] for a, b in pairwise(ordered))


def test_it_has_a_title_a_description_and_no_inline_style() -> None:
    markup = scatter("c", "Quality against size", points_of((1e9, 0.5), (1e10, 0.7), (2e10, 0.6)), X, Y)
    found = parse(markup)
    # Not img: what stands inside a picture is not reached, and the points are links.
    assert found.get("role") == "group"
    assert found.find(f"{SVG}title").text == "Quality against size"  # type: ignore[union-attr]
    assert "On the Pareto front: m1, m0." in found.find(f"{SVG}desc").text  # type: ignore[union-attr, operator]
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=", markup)


def test_hostile_names_stay_text() -> None:
    hostile = "</title><script>alert(1)</script>\"'>"
    points = [Point(label=hostile, href="../models/x/", x=1e9 * n, y=0.1 * n) for n in (1, 2, 3)]
    markup = scatter("c", hostile, points, X, Axis(label=hostile))
    assert "<script" not in markup
    assert parse(markup).find(f"{SVG}title").text == hostile  # type: ignore[union-attr]


def test_labels_do_not_cover_each_other() -> None:
    markup = scatter("c", "t", points_of((1e12, 0.9), *((1e9 + n, 0.5 + n / 1e6) for n in range(40))), X, Y)
    labels = [text for text in parse(markup).iter(f"{SVG}text") if text.get("class") == "bm-chart__label"]
    assert 0 < len(labels) < 41
    boxes = [(float(text.get("y", "")), text.get("text-anchor"), float(text.get("x", ""))) for text in labels]
    assert len(set(boxes)) == len(boxes)


def test_equal_values_are_drawn() -> None:
    parse(scatter("c", "t", points_of((1e9, 0.5), (1e9, 0.5)), X, Y))
    parse(scatter("c", "t", points_of((1e9, 0.0), (2e9, 0.0)), X, Y))
