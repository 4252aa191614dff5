"""This repository's own catalog as a site: real names, licences and pictures, which no small catalog has."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from browser.looks import overflow, serious
from budmodel.render.serve import serve
from render.site_catalog import build

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
REPO = Path(__file__).parents[2]
PAGES = [
    *(
        "",
        "models/",
        "LARGEST models",
        "models/alt-profanity-check/",
        "licenses/",
        "LARGEST licenses",
        "security/",
        "leaderboard/",
        "support/",
    ),
    *("rules/", "reference/cli/", "guides/onboard-a-custom-model/"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built without Git, so that it does not depend on the clone."""
    output = tmp_path_factory.mktemp("own") / "site"
    build(REPO, output, changes=(), tables=False)
    return output


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Takes the place of the small catalog's site in open_page."""
    ready: queue.Queue[str] = queue.Queue()
    threading.Thread(target=serve, args=(site, "127.0.0.1", 0, ready.put), daemon=True).start()
    yield ready.get(timeout=10)


@pytest.fixture
def path(request: pytest.FixtureRequest, site: Path) -> str:
    """An address; LARGEST stands for the page of a folder with the most to show."""
    asked, _, folder = request.param.rpartition(" ")
    if asked != "LARGEST":
        return str(request.param)
    pages = (site / folder).glob("*/index.html")
    return f"{folder}/{max(pages, key=lambda page: page.stat().st_size).parent.name}/"


@pytest.mark.parametrize("path", PAGES, indirect=True)
def test_it_fits_a_phone_with_everything_unfolded(open_page: Open, path: str) -> None:
    page = open_page(path, viewport={"width": 390, "height": 844})
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert overflow(page) == []


def test_a_phone_shows_all_answers_of_who_may_use_a_model(open_page: Open) -> None:
    page = open_page("models/llama-3.1-8b-instruct/", viewport={"width": 390, "height": 844})
    table = page.locator(".bm-uses")
    assert table.evaluate("table => table.scrollWidth - table.parentElement.clientWidth") <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES, indirect=True)
def test_axe_finds_nothing_serious(open_page: Open, path: str, scheme: str) -> None:
    assert serious(open_page, path, color_scheme=scheme) == []


def test_points_of_a_picture_lead_to_their_models(open_page: Open) -> None:
    page = open_page("leaderboard/")
    point = page.locator("svg.bm-chart a").first
    target = str(point.get_attribute("href")).removeprefix("../")
    point.click()
    page.wait_for_url(f"**/{target}")


# A4 without its margins, in CSS pixels.
PAPER = {"width": 703, "height": 1000}
PRESSED = (
    "header, .md-tabs, .md-footer, .md-code__nav, .headerlink, button:not(.bm-sort), input, select, "
    ".bm-jump, .bm-crumb, .bm-shortcut"
)
CUT = """() => [...document.querySelectorAll(".bm-scroll, pre, code, td, th")]
  .filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline")
  .map((e) => e.outerHTML.slice(0, 120))"""
DARK_ON_WHITE = """() => {
  const light = (colour) => colour.match(/\\d+/g).slice(0, 3).every((part) => Number(part) > 140);
  const said = [...document.querySelectorAll(".md-content *")].filter((e) => e.checkVisibility()
    && !e.closest("svg") && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
  return said.filter((e) => light(getComputedStyle(e).color)).map((e) => e.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize(
    "path",
    ["LARGEST models", "LARGEST licenses", "models/", "compare/?m=gpt2&m=bloom&m=o3&m=gpt-4o", "security/"],
    indirect=True,
)
def test_it_can_be_printed_from_a_dark_screen(open_page: Open, path: str) -> None:
    page = open_page(path, color_scheme="dark", viewport=PAPER)
    page.wait_for_load_state("networkidle")
    page.emulate_media(media="print", color_scheme="dark")
    assert [one for one in page.locator(PRESSED).all() if one.is_visible()] == []
    assert overflow(page) + page.evaluate(CUT) == [], "nothing is cut off at the edge"
    assert page.evaluate(DARK_ON_WHITE) == []
    assert page.pdf(format="A4").startswith(b"%PDF")
