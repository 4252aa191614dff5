"""Models side by side, and the page of changes, as people use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]


def ready(page: Any) -> Any:
    page.wait_for_selector("html[data-compare=ready]")
    return page


def heads(page: Any) -> list[str]:
    return page.locator(".bm-compare thead th a").all_inner_texts()  # type: ignore[no-any-return]


def cells(page: Any, label: str) -> list[str]:
    row = page.locator(".bm-compare tr", has=page.locator("th", has_text=label)).first
    return row.locator("td").all_inner_texts()  # type: ignore[no-any-return]


def test_two_models_chosen_in_the_list_stand_side_by_side(open_page: Open) -> None:
    page = open_page("models/")
    page.wait_for_selector("html[data-models=ready]")
    page.get_by_label("Compare passed").check()
    page.get_by_label("Compare waived").check()
    assert page.url.endswith("models/?m=passed&m=waived")
    page.get_by_role("link", name="Compare 2 models").click()
    page.wait_for_url("**/compare/?m=passed&m=waived")
    assert heads(ready(page)) == ["passed", "waived"]
    assert [" ".join(text.split()) for text in cells(page, "Scan")] == [
        "passed",
        "not scanned waived until 2027-05-22",
    ]
    assert cells(page, "MMLU, acc") == ["0.700", "0.800"]
    assert page.locator(".bm-compare__set th").all_inner_texts() == ["num fewshot 5"]
    assert page.locator(".bm-compare td b").all_inner_texts() == ["0.800"], "the best of a line is bold"


def test_models_are_added_and_removed_and_the_back_button_undoes_it(open_page: Open) -> None:
    page = ready(open_page("compare/?m=passed"))
    assert "Add another" in page.locator("#bm-compare-said").inner_text()
    page.get_by_label("Add a model").fill("remote")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.bm-compare thead th').length === 2")
    page.get_by_label("only what differs").check()
    page.wait_for_url("**/compare/?m=passed&m=remote&differences=1")
    assert page.locator(".bm-compare th", has_text="Architecture").count() == 1
    page.get_by_role("button", name="Remove passed").click()
    page.wait_for_function("() => document.querySelectorAll('.bm-compare thead th').length === 1")
    page.go_back()
    page.wait_for_function("() => document.querySelectorAll('.bm-compare thead th').length === 2")


def test_no_more_than_four_and_unknown_ones_are_named(open_page: Open) -> None:
    page = ready(open_page("compare/?m=passed&m=%3Cb%3E&m=failed&m=waived&m=remote"))
    assert heads(page) == ["passed", "failed", "waived"]
    assert page.locator("#bm-compare-said").inner_text() == "There is no model <b> here."
    page.get_by_label("Add a model").fill("unscanned")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare/?m=passed&m=failed&m=waived&m=unscanned")
    page.wait_for_function("() => document.querySelectorAll('.bm-compare thead th').length === 4")
    assert page.locator("#bm-compare-said").inner_text().startswith("4 models are the most")
    assert page.get_by_label("Add a model").is_disabled()
    assert page.get_by_role("button", name="Add").is_disabled()


def test_without_script_the_page_says_where_the_facts_are(open_page: Open) -> None:
    page = open_page("compare/?m=passed&m=waived", java_script_enabled=False)
    assert "switched off" in page.locator("noscript p, .bm-empty").first.inner_text()
    assert not page.locator("#bm-add").is_visible()


def test_types_of_changes_are_chosen_and_kept_in_the_address(open_page: Open) -> None:
    page = open_page("changes/")
    assert page.locator(".bm-change:visible").count() == 2
    assert page.locator(".bm-change").first.locator(".bm-badge").all_inner_texts() == ["added", "security"]
    page.get_by_label("security").check()
    page.wait_for_url("**/changes/?kind=security")
    assert page.locator(".bm-change:visible").count() == 1
    assert "model added" in page.locator(".bm-change:visible").inner_text()
    page.go_back()
    page.wait_for_function("() => document.querySelectorAll('.bm-change:not([hidden])').length === 2")
    page.locator(".bm-change a", has_text="passed").first.click()
    page.wait_for_url("**/models/passed/")
