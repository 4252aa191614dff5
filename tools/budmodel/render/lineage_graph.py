"""The lineage of a model as a picture: what it was made of on the left, what was made of it on the right.

SVG made at build time, with a title and a description; the same relations stand beside it as lists. All text
is escaped, and colours come from the stylesheet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from budmodel.render.filters import urlpath

BOX, GAP, ROW, HIGH = 190, 74, 46, 32
"""Width of a box, between two columns, between two rows, and height of a box."""
GENERATIONS = 3
"""Ancestors and descendants that are drawn."""
MOST_IN_COLUMN = 8
_LETTERS = 25


@dataclass(frozen=True, slots=True)
class Edge:
    """How a model was made of another."""

    parent: str
    child: str
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    name: str
    column: int
    row: float


def picture(
    name: str,
    up: Mapping[str, Sequence[Edge]],
    down: Mapping[str, Sequence[Edge]],
    known: Callable[[str], bool],
    root: str,
) -> Markup | None:
    """The picture; None where there is nothing but the model itself.

    Args:
        name: the model.
        up, down: the edges to the parents and to the children of each model.
        known: whether a model has a page.
        root: the way to the site's root.
    """
    edges: dict[Edge, None] = {}
    columns: dict[int, list[str]] = {0: [name]}
    place = {name: 0}
    left_out = 0
    for sign, along, other in ((-1, up, _parent), (1, down, _child)):
        here = [name]
        for distance in range(1, GENERATIONS + 1):
            column = columns.setdefault(sign * distance, [])
            for one in here:
                for edge in along.get(one, ()):
                    found = other(edge)
                    if found in place:
                        edges[edge] = None
                    elif len(column) < MOST_IN_COLUMN:
                        place[found] = sign * distance
                        column.append(found)
                        edges[edge] = None
                    else:
                        left_out += 1
            here = list(column)
    edges = {edge: None for edge in edges if place[edge.parent] < place[edge.child]}
    if not edges:
        return None
    boxes = _boxes({column: names for column, names in columns.items() if names})
    return _drawn(name, boxes, list(edges), known, root, left_out)


def _parent(edge: Edge) -> str:
    return edge.parent


def _child(edge: Edge) -> str:
    return edge.child


def _boxes(columns: Mapping[int, Sequence[str]]) -> dict[str, _Box]:
    tallest = max(len(names) for names in columns.values())
    first = min(columns)
    return {
        one: _Box(name=one, column=column - first, row=index + (tallest - len(names)) / 2)
        for column, names in columns.items()
        for index, one in enumerate(names)
    }


def _drawn(
    name: str,
    boxes: Mapping[str, _Box],
    edges: Sequence[Edge],
    known: Callable[[str], bool],
    root: str,
    left_out: int,
) -> Markup:
    wide = (max(box.column for box in boxes.values()) + 1) * (BOX + GAP) - GAP + 4
    high = round((max(box.row for box in boxes.values()) + 1) * ROW) + 4
    made = ", ".join(f"{edge.child} is a {edge.relation} of {_short(edge.parent)}" for edge in edges[:40])
    more = f" {left_out} more are not drawn." if left_out else ""
    parts = [
        Markup(
            '<svg class="bm-lineage-graph" viewBox="0 0 {} {}" width="{}" height="{}" role="img" '
            'aria-labelledby="lineage-t lineage-d"><title id="lineage-t">Lineage of {}</title>'
            '<desc id="lineage-d">{}.{}</desc>'
        ).format(wide, high, wide, high, name, made, more)
    ]
    parts += [_edge(edge, boxes) for edge in edges]
    parts += [_box(box, box.name == name, known(box.name), root) for box in boxes.values()]
    return Markup("").join([*parts, Markup("</svg>")])


def _edge(edge: Edge, boxes: Mapping[str, _Box]) -> Markup:
    parent, child = boxes[edge.parent], boxes[edge.child]
    x1, y1 = parent.column * (BOX + GAP) + 2 + BOX, parent.row * ROW + 2 + HIGH / 2
    x2, y2 = child.column * (BOX + GAP) + 2, child.row * ROW + 2 + HIGH / 2
    middle = (x1 + x2) / 2
    line = Markup('<path class="bm-lineage-graph__edge" d="M{} {}C{} {} {} {} {} {}"/>').format(
        x1, y1, middle, y1, middle, y2, x2, y2
    )
    if child.column - parent.column != 1:
        return line
    label = Markup('<text class="bm-lineage-graph__relation" x="{}" y="{}" text-anchor="middle">{}</text>')
    return line + label.format(middle, round((y1 + y2) / 2 - 4, 1), edge.relation)


def _box(box: _Box, itself: bool, known: bool, root: str) -> Markup:
    x, y = box.column * (BOX + GAP) + 2, box.row * ROW + 2
    kind = "self" if itself else "known" if known else "outside"
    shape = Markup(
        '<rect class="bm-lineage-graph__box bm-lineage-graph__box--{}" x="{}" y="{}" '
        'width="{}" height="{}" rx="5"/>'
        '<text class="bm-lineage-graph__name" x="{}" y="{}" text-anchor="middle">{}</text>'
    ).format(kind, x, y, BOX, HIGH, x + BOX / 2, y + HIGH / 2 + 4, _short(box.name))
    if itself or not known:
        return Markup("<g><title>{}</title>{}</g>").format(box.name, shape)
    return Markup('<a href="{}models/{}/"><title>{}</title>{}</a>').format(
        root, urlpath(box.name), box.name, shape
    )


def _short(name: str) -> str:
    text = name.removeprefix("hf:")
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
