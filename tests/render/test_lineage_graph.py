"""The picture of a lineage: what is drawn, what is told, and that no name becomes markup."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from budmodel.render.lineage_graph import MOST_IN_COLUMN, Edge, picture


def drawn(name: str, *edges: tuple[str, str, str]) -> ET.Element | None:
    up: dict[str, list[Edge]] = {}
    down: dict[str, list[Edge]] = {}
    for edge in (Edge(*one) for one in edges):
        up.setdefault(edge.child, []).append(edge)
        down.setdefault(edge.parent, []).append(edge)
    made = picture(name, up, down, lambda one: one.startswith("m"), "../../")
    # Well-formed XML: what is not escaped breaks it.
    return ET.fromstring(str(made)) if made is not None else None


def texts(svg: ET.Element, class_: str) -> list[str]:
    return [one.text or "" for one in svg.iter("text") if one.get("class") == f"bm-lineage-graph__{class_}"]


def test_nothing_to_draw() -> None:
    assert drawn("m") is None
    assert drawn("m", ("m", "m", "merge")) is None


def test_generations_relations_and_links() -> None:
    svg = drawn(
        "m", ("hf:org/base", "m1", "finetune"), ("m1", "m", "merge"), ("gone", "m", "merge"),
        ("m", "m2", "quantized"),
    )  # fmt: skip
    assert svg is not None
    assert sorted(texts(svg, "name")) == ["gone", "m", "m1", "m2", "org/base"]
    assert sorted(texts(svg, "relation")) == ["finetune", "merge", "merge", "quantized"]
    assert sorted(one.get("href") or "" for one in svg.iter("a")) == ["../../models/m1/", "../../models/m2/"]
    assert (svg.get("role"), svg.get("aria-labelledby")) == ("group", "lineage-t")
    assert svg.findtext("title") == "Lineage of m"
    said = svg.findtext("desc") or ""
    assert "m1 is a finetune of org/base" in said and "m2 is a quantized of m" in said
    assert len(list(svg.iter("path"))) == 4


def test_a_circle_is_told_and_ends() -> None:
    svg = drawn("m", ("m1", "m", "merge"), ("m", "m1", "finetune"))
    assert svg is not None
    assert len(list(svg.iter("path"))) == 1
    assert svg.findtext("desc") == "m is a merge of m1, m1 is a finetune of m."


def test_crowds_are_counted() -> None:
    svg = drawn("m", *((f"m{n}", "m", "merge") for n in range(MOST_IN_COLUMN + 4)))
    assert svg is not None
    assert len(texts(svg, "name")) == MOST_IN_COLUMN + 1
    assert "and 4 more" in texts(svg, "relation")
    assert "4 more are not told here" in (svg.findtext("desc") or "")


def test_boxes_do_not_overlap_and_lie_inside() -> None:
    svg = drawn(
        "m", *((f"m{n}", "m", "merge") for n in range(5)), *(("m", f"m1{n}", "adapter") for n in range(3))
    )
    assert svg is not None
    wide, high = float(svg.get("width") or 0), float(svg.get("height") or 0)
    corners = [
        tuple(float(one.get(key) or 0) for key in ("x", "y", "width", "height")) for one in svg.iter("rect")
    ]
    for x, y, w, h in corners:
        assert x >= 0 and y >= 0 and x + w <= wide and y + h <= high
    for index, (x, y, w, h) in enumerate(corners):
        for left, top, across, down in corners[index + 1 :]:
            assert x + w <= left or left + across <= x or y + h <= top or top + down <= y


def test_no_name_becomes_markup() -> None:
    evil = 'm"><script>alert(1)</script>{{7*7}}'
    svg = drawn("m", (evil, "m", '"><b>'))
    assert svg is not None
    assert not list(svg.iter("script")) and not list(svg.iter("b"))
    assert any(title.text == evil for title in svg.iter("title"))
