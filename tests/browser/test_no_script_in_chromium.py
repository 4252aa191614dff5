"""Without JavaScript each kind of page says what it has to say, and offers nothing that would do nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browser.kinds import KINDS

pytestmark = pytest.mark.browser
Open = Callable[..., Any]

# What somebody comes for, on the page itself: where it stands, and words of it.
SAYS = {
    "home": (".md-content", ["may be used commercially", "Best of each size", "MMLU", "What changed"]),
    "models": ("#bm-models", ["passed", "llama-3.1-community", "waived until 2027-05-22"]),
    "model": (
        ".md-content",
        ["First line.", "Apache-2.0", "8.03B", "budmodel show passed", "model.safetensors"],
    ),
    "model with versions": (".md-content", ["What changed from 0.9.0 to 1.0.0", "precision: fp16 → bf16"]),
    "compare": (".md-content", ["switched off here", "Every model has a page"]),
    "licences": (".bm-table", ["Apache License 2.0", "Llama 3.1", "conditional"]),
    "licence": (".md-content", ["Limitations", "up to 700M monthly active users", "unscanned"]),
    "security": (".md-content", ["scan failed", "too large", "2027-05-22", "Engines"]),
    "leaderboard": (".md-content", ["MMLU", "waived", "0.8", "num fewshot"]),
    "changes": (".md-content", ["2026-11-21", "model added", "licence MIT added"]),
    "support": (".md-content", ["llama", "bf16", "skipped"]),
    "rules": (".bm-table", ["scan-missing", "error"]),
    "rule": (".md-content", ["scan-missing"]),
    "reference": (".md-content", ["budmodel deploy-check"]),
    "guide": (".md-content", ["budmodel check"]),
    "about": (".md-content", ["registry"]),
    "not found": (".md-content", ["The address may be old", "All models"]),
}

# A frame that scrolls takes keys. The menu opens without a script: its labels tick a box that the style
# sheet looks at.
CONTROLS = "button, input, select, textarea, label, [role=button], [tabindex='0']"
DEAD = """() => [...document.querySelectorAll("CONTROLS")]
  .filter((e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .filter((e) => !e.matches(".bm-scroll, label[for^=__nav], label[for=__drawer], label[for=__toc]"))
  .map((e) => e.outerHTML.slice(0, 120))""".replace("CONTROLS", CONTROLS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_says_it_all_and_has_no_dead_control(open_page: Open, kind: str, width: int) -> None:
    page = open_page(KINDS[kind], java_script_enabled=False, viewport={"width": width, "height": 900})
    where, words = SAYS[kind]
    text = page.locator(where).first.text_content()
    assert [word for word in words if word not in text] == []
    assert page.evaluate(DEAD) == []


def test_a_filtered_address_says_that_it_shows_all(open_page: Open) -> None:
    page = open_page("models/?scan=passed", java_script_enabled=False)
    assert "need JavaScript" in page.locator(".bm-index__main").inner_text()
    page = open_page("models/?scan=passed")
    assert "need JavaScript" not in page.locator(".bm-index__main").inner_text()


def test_a_phone_opens_the_menu_without_script(open_page: Open) -> None:
    page = open_page("models/", java_script_enabled=False, viewport={"width": 390, "height": 844})
    menu = page.locator(".md-sidebar--primary")
    assert not menu.get_by_role("link", name="Licences").is_visible()
    page.locator(".md-header label[for=__drawer]").click()
    menu.get_by_role("link", name="Licences").click()
    page.wait_for_url("**/licenses/")
