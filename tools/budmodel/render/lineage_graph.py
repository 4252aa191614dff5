"""The lineage of a model as a picture: what it was made of on the left, what was made of it on the right.

SVG made at build time, with a title and a description; the same relations stand beside it as lists. All text
is escaped, and colours come from the stylesheet (lineage.css). Boxes with a page are links, so that the
picture is a group for assistive technology and no image: an image would hide its links.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from budmodel.render.filters import urlpath

BOX, GAP, ROW, HIGH = 190, 104, 46, 32
"""Width of a box, between two columns, between two rows, and height of a box."""
GENERATIONS = 3
"""Ancestors and descendants that are drawn."""
MOST_IN_COLUMN = 8
_LETTERS = 25
_TOLD = 40
"""Relations that the description tells."""


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

    @property
    def x(self) -> float:
        return self.column * (BOX + GAP) + 2

    @property
    def y(self) -> float:
        return self.row * ROW + 2


@dataclass(slots=True)
class _Layout:
    """Who stands in which generation: 0 is the model itself, its parents are -1, its children 1."""

    columns: dict[int, list[str]]
    place: dict[str, int]
    edges: dict[Edge, None] = field(default_factory=dict)
    left_out: dict[int, int] = field(default_factory=dict)
    """Relatives that had no room, by generation."""

    def grow(self, sign: int, along: Mapping[str, Sequence[Edge]]) -> None:
        """Adds the generations on one side."""
        here = self.columns[0]
        for distance in range(1, GENERATIONS + 1):
            generation = sign * distance
            for edge in (edge for one in here for edge in along.get(one, ())):
                self._add(edge, edge.parent if sign < 0 else edge.child, generation)
            here = self.columns.get(generation, [])

    def _add(self, edge: Edge, other: str, generation: int) -> None:
        column = self.columns.setdefault(generation, [])
        if other not in self.place:
            if len(column) == MOST_IN_COLUMN:
                self.left_out[generation] = self.left_out.get(generation, 0) + 1
                return
            self.place[other] = generation
            column.append(other)
        self.edges[edge] = None


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
    layout = _Layout({0: [name]}, {name: 0})
    layout.grow(-1, up)
    layout.grow(1, down)
    # An edge that goes back is part of a circle; it is told, and cannot be drawn from left to right.
    drawn = [edge for edge in layout.edges if layout.place[edge.parent] < layout.place[edge.child]]
    if not drawn:
        return None
    boxes = _boxes({column: names for column, names in layout.columns.items() if names})
    first = min(layout.place.values())
    left_out = {generation - first: count for generation, count in layout.left_out.items()}
    center = boxes[name].column
    parts = [
        _head(name, boxes, list(layout.edges), left_out),
        *(_edge(boxes[edge.parent], boxes[edge.child]) for edge in drawn),
        *_relations(drawn, boxes, center),
        *(_box(box, box.name == name, known(box.name), root) for box in boxes.values()),
        *_more(left_out, boxes),
    ]
    return Markup("").join([*parts, Markup("</svg>")])


def _boxes(columns: Mapping[int, Sequence[str]]) -> dict[str, _Box]:
    tallest = max(len(names) for names in columns.values())
    first = min(columns)
    return {
        one: _Box(name=one, column=column - first, row=index + (tallest - len(names)) / 2)
        for column, names in columns.items()
        for index, one in enumerate(names)
    }


def _head(name: str, boxes: Mapping[str, _Box], edges: Sequence[Edge], left_out: Mapping[int, int]) -> Markup:
    wide = max(box.x for box in boxes.values()) + BOX + 2
    high = round(max(box.y for box in boxes.values()) + ROW) + (18 if left_out else 0)
    made = ", ".join(f"{edge.child} is a {edge.relation} of {bare(edge.parent)}" for edge in edges[:_TOLD])
    rest = sum(left_out.values()) + max(len(edges) - _TOLD, 0)
    more = f" {rest} more are not told here." if rest else ""
    return Markup(
        '<svg class="bm-lineage-graph" viewBox="0 0 {} {}" width="{}" height="{}" role="group" '
        'aria-labelledby="lineage-t" aria-describedby="lineage-d"><title id="lineage-t">Lineage of {}</title>'
        '<desc id="lineage-d">{}.{}</desc>'
    ).format(wide, high, wide, high, name, made, more)


def _edge(parent: _Box, child: _Box) -> Markup:
    x1, y1, x2, y2 = parent.x + BOX, parent.y + HIGH / 2, child.x, child.y + HIGH / 2
    middle = (x1 + x2) / 2
    return Markup('<path class="bm-lineage-graph__edge" d="M{} {}C{} {} {} {} {} {}"/>').format(
        x1, y1, middle, y1, middle, y2, x2, y2
    )


def _relations(edges: Sequence[Edge], boxes: Mapping[str, _Box], center: int) -> list[Markup]:
    """How each was made, at the end of the line that is farther from the model: there lines are apart."""
    outer: dict[str, dict[str, None]] = {}
    for edge in edges:
        parent, child = boxes[edge.parent], boxes[edge.child]
        end = parent if child.column <= center else child
        outer.setdefault(end.name, {})[edge.relation] = None
    found = []
    for name, relations in outer.items():
        box = boxes[name]
        left = box.column < center
        found.append(
            Markup(
                '<text class="bm-lineage-graph__relation" x="{}" y="{}" text-anchor="{}">{}</text>'
            ).format(
                box.x + BOX + 8 if left else box.x - 8,
                box.y + HIGH / 2 - 5,
                "start" if left else "end",
                ", ".join(relations) if len(relations) < 3 else f"{len(relations)} ways",
            )
        )
    return found


def _box(box: _Box, itself: bool, known: bool, root: str) -> Markup:
    kind = "self" if itself else "known" if known else "outside"
    shape = Markup(
        '<rect class="bm-lineage-graph__box bm-lineage-graph__box--{}" x="{}" y="{}" '
        'width="{}" height="{}" rx="5"/>'
        '<text class="bm-lineage-graph__name" x="{}" y="{}" text-anchor="middle">{}</text>'
    ).format(kind, box.x, box.y, BOX, HIGH, box.x + BOX / 2, box.y + HIGH / 2 + 4, _short(box.name))
    if itself or not known:
        where = "" if itself else " (not in this registry)"
        return Markup("<g><title>{}{}</title>{}</g>").format(bare(box.name), where, shape)
    return Markup('<a href="{}models/{}/"><title>{}</title>{}</a>').format(
        root, urlpath(box.name), box.name, shape
    )


def _more(left_out: Mapping[int, int], boxes: Mapping[str, _Box]) -> list[Markup]:
    lowest = max(box.y for box in boxes.values()) + ROW
    return [
        Markup(
            '<text class="bm-lineage-graph__relation" x="{}" y="{}" text-anchor="middle">{}</text>'
        ).format(column * (BOX + GAP) + 2 + BOX / 2, lowest + 4, f"and {count} more")
        for column, count in sorted(left_out.items())
    ]


def bare(name: str) -> str:
    """A name without the mark of the Hub."""
    return name.removeprefix("hf:")


def _short(name: str) -> str:
    text = bare(name)
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
