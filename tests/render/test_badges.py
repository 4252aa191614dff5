"""Badges: never green without a day, faded when the evidence is old, inert whatever a record holds."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from pathlib import Path

import pytest

from budmodel.render.badges import Badge, svg
from render.site_catalog import HOSTILE, build, make_catalog

GREEN = "#0b6b3a"


def badge(site: Path, name: str, kind: str = "scan") -> tuple[str, str]:
    """What a badge says, and its colour."""
    root = ElementTree.fromstring((site / f"badges/{name}/{kind}.svg").read_bytes())
    space = "{http://www.w3.org/2000/svg}"
    title, rect = root.find(f"{space}title"), root.find(f"{space}rect")
    assert title is not None and title.text and rect is not None
    return title.text, rect.attrib["fill"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("failed", "scan: scan failed"),
        ("waived", "scan: not scanned, waived until 2027-05-22"),
        ("unscanned", "scan: not scanned"),
        ("other-bytes", "scan: scan of other bytes"),
        ("remote", "scan: no artifacts"),
    ],
)
def test_only_what_passed_is_green(site: Path, name: str, words: str) -> None:
    text, colour = badge(site, name)
    assert text.startswith(words)
    assert colour != GREEN


def test_a_pass_says_of_when_it_is_and_until_when_it_holds(site: Path) -> None:
    text, colour = badge(site, "passed")
    assert text.startswith("scan: passed, 2026-11-01, believed until 2027-")
    assert colour == GREEN


def test_old_evidence_fades(tmp_path: Path) -> None:
    make_catalog(tmp_path)
    late = build(tmp_path, tmp_path / "site", now=datetime(2027, 12, 1, tzinfo=UTC)).output
    text, colour = badge(late, "passed")
    assert text.startswith("scan: scan too old, 2026-11-01")
    assert colour != GREEN


def test_the_licence_says_whether_it_may_be_used_commercially(site: Path) -> None:
    assert badge(site, "passed", "license") == ("licence: Apache-2.0, commercial use", GREEN)
    text, colour = badge(site, "unscanned", "license")
    assert text == "licence: llama-3.1-community, commercial use conditional"
    assert colour != GREEN
    assert badge(site, "waived", "license")[1] != GREEN


def test_hostile_text_is_text() -> None:
    root = ElementTree.fromstring(svg(Badge(kind="scan", label="scan", text=HOSTILE, tone=HOSTILE)))
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == {
        "svg",
        "title",
        "rect",
        "path",
        "g",
        "text",
    }
    assert all(not key.startswith("on") for element in root.iter() for key in element.attrib)
