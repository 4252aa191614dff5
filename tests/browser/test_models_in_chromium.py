"""The list of models as people use it: search, every facet, order, columns, addresses, the back button."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
ALL = 9


def shown(page: Any) -> list[str]:
    return page.locator("#bm-models tbody tr:visible th a").all_inner_texts()  # type: ignore[no-any-return]


def ready(page: Any) -> Any:
    page.wait_for_selector("html[data-models=ready]")
    return page


def box(page: Any, facet: str, label: str) -> Any:
    group = page.locator(f"details[data-facet={facet}]")
    group.evaluate("e => { e.open = true }")
    return group.get_by_label(label)


def test_search_finds_names_and_words_of_descriptions(open_page: Open) -> None:
    page = ready(open_page("models/"))
    assert len(shown(page)) == ALL
    page.get_by_label("Search models").press_sequentially("PASS")
    assert shown(page) == ["passed"]
    assert page.url.endswith("models/?words=PASS")
    assert page.locator("#bm-shown").inner_text() == f"1 of {ALL} models"
    page.get_by_label("Search models").fill("second paragraph")
    page.wait_for_function("() => document.querySelectorAll('#bm-models tbody tr').length === 1")
    page.go_back()
    assert len(shown(page)) == ALL


def test_every_facet_narrows_to_the_number_it_promises(open_page: Open, address: str) -> None:
    with urlopen(address + "models/table.json") as answer:
        facets = json.load(answer)["result"]["facets"]
    assert [facet["key"] for facet in facets] == [
        *("commercial", "scan", "gate", "size", "architecture", "license", "task", "modality", "tag"),
        *("source", "status"),
    ]
    page = ready(open_page("models/"))
    for facet in facets:
        value, label = facet["values"][-1]
        tick = box(page, facet["key"], label).last
        promised = tick.evaluate("e => e.closest('label').querySelector('.bm-facet__count').textContent")
        tick.check()
        assert len(shown(page)) == int(promised) > 0, facet["key"]
        assert page.url.endswith(f"models/?{urlencode({facet['key']: value})}")
        page.go_back()
        page.wait_for_function(f"() => document.querySelectorAll('#bm-models tbody tr').length === {ALL}")
        assert not tick.is_checked()


def test_values_of_one_facet_add_up_and_facets_cut(open_page: Open) -> None:
    page = ready(open_page("models/"))
    box(page, "scan", "passed").check()
    box(page, "scan", "failed").check()
    assert shown(page) == ["failed", "passed"]
    box(page, "gate", "clear").check()
    assert shown(page) == ["passed"]
    assert page.locator("#bm-chips .bm-chip").count() == 3
    address = page.url
    again = ready(open_page("models/?" + address.partition("?")[2]))
    assert shown(again) == ["passed"]
    page.get_by_role("button", name="Remove Gate: clear").click()
    assert shown(page) == ["failed", "passed"]
    page.get_by_role("button", name="Clear all").click()
    assert len(shown(page)) == ALL


def test_headings_sort_in_both_directions_and_say_so(open_page: Open) -> None:
    page = ready(open_page("models/"))
    page.get_by_role("button", name="Architecture").click()
    heading = page.locator("th[data-key=architecture]")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert shown(page)[:2] == ["skipped", "remote"]
    page.get_by_role("button", name="Architecture").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert shown(page)[-1] == "skipped"
    assert page.url.endswith("?sort=-architecture")
    page.get_by_role("button", name="Parameters").click()
    assert shown(page)[-1] == "remote", "what states no number comes last"
    page.go_back()
    assert heading.get_attribute("aria-sort") == "descending"


def test_columns_are_chosen_and_kept_in_the_address(open_page: Open) -> None:
    page = ready(open_page("models/"))
    page.locator(".bm-picker summary").click()
    page.locator("[data-column=released]").check()
    page.locator("[data-column=commercial]").uncheck()
    heads = page.locator("#bm-models thead th").all_inner_texts()
    assert heads == ["Model", "Parameters", "Architecture", "Licence", "Scan", "Released"]
    page.keyboard.press("Escape")
    assert not page.locator("[data-column=released]").is_visible()
    page.reload()
    ready(page)
    assert page.locator("#bm-models thead th").all_inner_texts() == heads


def test_a_mistyped_name_gets_a_suggestion(open_page: Open) -> None:
    page = ready(open_page("models/?words=unscaned"))
    assert shown(page) == []
    page.locator("#bm-none a", has_text="unscanned").click()
    page.wait_for_url("**/models/unscanned/")


def test_an_address_that_matches_nothing_says_so(open_page: Open) -> None:
    page = ready(open_page("models/?architecture=no-such&words=<b>&page=99&sort=nothing&columns=x"))
    assert shown(page) == []
    assert page.locator("#bm-none").is_visible()
    page.locator("#bm-none").get_by_role("button").click()
    assert len(shown(page)) == ALL


def test_the_keyboard_alone_filters_and_opens_a_model(open_page: Open) -> None:
    page = ready(open_page("models/"))
    page.get_by_label("Search models").focus()
    page.keyboard.type("waived")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == "../models/waived/":
            break
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.wait_for_url("**/models/waived/")


@pytest.mark.parametrize("path", ["models/", "models/?scan=passed"])
def test_without_script_the_whole_table_shows_and_no_dead_form(open_page: Open, path: str) -> None:
    page = open_page(path, java_script_enabled=False)
    assert len(shown(page)) == ALL
    assert not page.locator("#bm-filter").is_visible()


def test_counts_on_the_first_page_lead_to_the_filtered_list(open_page: Open) -> None:
    page = open_page("")
    for label, query, names in (
        ("waived until a date", "gate=waived", ["hostile", "waived"]),
        ("not scanned", "scan=not-scanned", ["hostile", "unscanned", "waived", "yanked"]),
    ):
        tile = page.locator(".bm-tile", has_text=label)
        assert tile.locator(".bm-tile__value").inner_text() == str(len(names))
        tile.click()
        page.wait_for_url(f"**/models/?{query}")
        assert shown(ready(page)) == names
        page.go_back()


def test_the_search_of_the_first_page_leads_to_the_list(open_page: Open) -> None:
    page = open_page("")
    page.get_by_label("Search models").fill("waiv")
    page.keyboard.press("Enter")
    page.wait_for_url("**/models/?words=waiv")
    assert shown(ready(page)) == ["waived"]


def test_the_script_holds_no_html_in_strings() -> None:
    folder = Path(__file__).parents[2] / "site" / "theme" / "assets" / "budmodel"
    for script in folder.glob("*.js"):
        assert "innerHTML" not in script.read_text(encoding="utf-8"), script


def test_search_finds_a_model_by_its_name_on_the_hub(open_page: Open) -> None:
    page = ready(open_page("models/?words=ORG/passed"))
    page.wait_for_selector("#bm-models tbody tr:only-child")
    assert page.locator("#bm-models tbody th a").inner_text() == "passed"


def test_versions_are_sorted_by_their_numbers(open_page: Open) -> None:
    page = ready(open_page("models/"))
    versions = ["10.0.0", "2.0.0", "2.0.0-rc.10", None, "2.0.0-rc.2"]
    script = """async (versions) => {
      const { Table } = await import(new URL("../assets/budmodel/table.js", location));
      const table = new Table({ names: versions.map(String), facets: [], version: versions });
      return [...table.order("version", false)].map((row) => versions[row]);
    }"""
    assert page.evaluate(script, versions) == ["2.0.0-rc.2", "2.0.0-rc.10", "2.0.0", "10.0.0", None]


@pytest.mark.parametrize("width", [390, 550, 640, 760, 768, 1024, 1152, 1280])
def test_the_scan_of_each_model_is_seen_without_scrolling(open_page: Open, width: int) -> None:
    page = open_page("models/", viewport={"width": width, "height": 900})
    page.wait_for_selector("html[data-models=ready]")
    frame = page.locator(".bm-scroll:has(#bm-models)").bounding_box()
    cell = page.locator("#bm-models tr", has_text="waived until").first.locator("td").last.bounding_box()
    assert cell["x"] + cell["width"] <= frame["x"] + frame["width"] + 1
    assert page.locator("#bm-models").evaluate("t => t.offsetWidth - t.parentElement.clientWidth") <= 0


def test_the_search_of_the_head_leads_on_to_the_models(open_page: Open) -> None:
    page = open_page("")
    page.locator(".md-search__input").click()
    page.locator(".md-search__input").fill("waived")
    page.get_by_role("link", name="Search the models for “waived”").click()
    page.wait_for_url("**/models/?words=waived")
    page.wait_for_selector("html[data-models=ready]")
    assert page.locator("#bm-models tbody th a").first.inner_text() == "waived"
