"""The site as people meet it: filter, themes, phones, keyboards, no script, and axe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browser.kinds import KINDS
from browser.looks import overflow, serious

pytestmark = pytest.mark.browser
Open = Callable[..., Any]

PATHS = ["models/waived/", "models/hostile/", *KINDS.values()]
PHONE = {"width": 390, "height": 844}


@pytest.mark.parametrize("path", PATHS)
def test_pages_load_cleanly_and_fit_a_phone(open_page: Open, path: str) -> None:
    page = open_page(path, viewport=PHONE)
    assert page.locator("h1").count() == 1
    assert overflow(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS)
def test_axe_finds_nothing_serious(open_page: Open, path: str, scheme: str) -> None:
    assert serious(open_page, path, color_scheme=scheme) == []


def test_hostile_text_shows_as_text(open_page: Open) -> None:
    page = open_page("models/hostile/")
    assert "<script>alert(1)</script>" in page.locator(".bm-prose").first.inner_text()


def test_the_policy_stops_an_injected_script(browser: Any, address: str) -> None:
    page = browser.new_context().new_page()
    page.goto(address)
    page.evaluate(
        "const s = document.createElement('script'); s.text = 'window.bad = 1'; document.body.append(s)"
    )
    assert page.evaluate("window.bad") is None
    page.context.close()


def test_the_theme_toggle_works_under_the_policy(open_page: Open) -> None:
    page = open_page("", color_scheme="light")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.locator("label[for=__palette_1]:visible").click()
    page.locator("label[for=__palette_2]:visible").click()
    assert page.evaluate(background) != light


def test_the_docs_can_be_searched_and_generated_pages_are_not_in_the_way(open_page: Open) -> None:
    page = open_page("models/passed/")
    page.locator(".md-search__input").click()
    page.keyboard.type("static api")
    first = page.locator(".md-search-result__link").first
    first.wait_for(timeout=20_000)
    first.click()
    page.wait_for_url("**/guides/api/**")


def test_the_keyboard_reaches_content_first_and_focus_is_seen(open_page: Open) -> None:
    page = open_page("models/")
    page.keyboard.press("Tab")
    focused = "document.activeElement"
    assert page.evaluate(f"{focused}.getAttribute('href')") == "#content"
    page.locator("#bm-models a").first.focus()
    page.keyboard.press("Tab")
    assert page.evaluate(f"getComputedStyle({focused}).outlineStyle") == "solid"


def test_a_phone_shows_what_matters_first(open_page: Open) -> None:
    page = open_page("models/passed/", viewport=PHONE)
    top = "e => e.getBoundingClientRect().top"
    assert page.locator("#versions").evaluate(top) < page.locator("#facts").evaluate(top)
    badge = page.locator("h2#versions ~ .bm-scroll .bm-badge--good").first.bounding_box()
    assert badge is not None
    assert badge["x"] + badge["width"] < PHONE["width"]
    page = open_page("models/", viewport=PHONE)
    frame = page.locator(".bm-scroll")
    assert frame.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert page.locator("#bm-models thead th:visible").all_inner_texts() == ["Model", "Licence", "Scan"]
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.locator("#bm-models thead th:visible").count() == 6


def test_a_table_that_scrolls_says_so(open_page: Open) -> None:
    page = open_page("leaderboard/", viewport=PHONE)
    frame = page.locator(".bm-board[open] .bm-scroll").first
    assert frame.evaluate("e => e.scrollWidth > e.clientWidth")
    attachments = frame.evaluate("e => getComputedStyle(e).backgroundAttachment")
    assert attachments == "local, local, scroll, scroll", "the shadows lie where there is more"


def test_an_address_unfolds_its_board(open_page: Open) -> None:
    page = open_page("leaderboard/")
    first = page.locator("details.bm-board").first
    assert first.evaluate("e => e.open")
    first.evaluate("e => { e.open = false }")
    page.locator(".bm-jump a").first.click()
    page.wait_for_function("() => document.querySelector('details.bm-board').open")


def test_a_rule_leads_back_to_all_rules(open_page: Open) -> None:
    page = open_page("rules/scan-missing/")
    page.locator(".bm-crumb a").click()
    page.wait_for_url("**/rules/")


def test_the_head_names_the_page_once_its_heading_is_out_of_sight(open_page: Open) -> None:
    page = open_page("models/passed/")
    assert page.locator("[data-md-component=header-topic]").inner_text().strip() == "passed"


def test_each_command_of_a_model_can_be_copied_alone(open_page: Open) -> None:
    page = open_page("models/passed/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    blocks = page.locator("#get ~ .highlight pre")
    assert blocks.count() == page.locator("#get ~ .highlight button").count() == 4
    blocks.nth(1).locator("button").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == "budmodel deploy-check passed@1.0.0 --use commercial"
