"""The site without a mouse: every stop of the Tab key is seen, and a whole errand can be run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
MOST_STOPS = 400
PHONE = {"width": 390, "height": 844}

# Whether somebody who looks at the window can tell where focus is: a frame around something that has a size,
# lies in the window, and is not covered by anything else.
SEEN = """() => {
  let at = document.activeElement;
  if (at === document.body) return true;
  if (at.matches(".md-option")) at = at.nextElementSibling;
  const look = getComputedStyle(at);
  const framed = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
  if (!framed && look.boxShadow === "none") return false;
  const { left, right, top, bottom } = at.getBoundingClientRect();
  const x = (Math.max(left, 0) + Math.min(right, innerWidth)) / 2;
  const y = (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2;
  if (right - left < 4 || bottom - top < 4) return false;
  if (x < 0 || x > innerWidth || y < 0 || y > innerHeight) return false;
  // A link of two lines has a middle that is not its own.
  const own = [[x, y], ...[...at.getClientRects()].map((r) => [r.left + 3, r.top + 3])];
  return own.some(([a, b]) => {
    const there = document.elementFromPoint(a, b);
    return there && (at.contains(there) || there.contains(at));
  });
}"""
WHERE = """() => {
  const at = document.activeElement;
  const words = at.getAttribute("aria-label") || at.labels?.[0]?.innerText || at.textContent || "";
  return `${at.tagName.toLowerCase()} ${words.replace(/\\s+/g, " ").trim().slice(0, 60)}`;
}"""


class Hands:
    """Ten fingers on a keyboard; the eyes check after each step that focus is seen."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, key: str) -> None:
        """One key."""
        self.page.keyboard.press(key)

    def look(self) -> str:
        """Where focus is, once it is seen."""
        try:
            self.page.wait_for_function(SEEN, timeout=3_000)
        except Exception as error:
            raise AssertionError(f"nobody sees that focus is on: {self.page.evaluate(WHERE)}") from error
        return str(self.page.evaluate(WHERE))

    def reach(self, target: Any, key: str = "Tab") -> None:
        """Tabs until the target has focus."""
        for _ in range(MOST_STOPS):
            self.press(key)
            self.look()
            if target.count() == 1 and target.evaluate("e => e === document.activeElement"):
                return
        raise AssertionError(f"{key} never reaches {target}")

    def walk(self) -> list[str]:
        """All stops of the page from its beginning to its end."""
        stops: list[str] = []
        for _ in range(MOST_STOPS):
            self.press("Tab")
            if self.page.evaluate("document.activeElement === document.body"):
                return stops
            stops.append(self.look())
        raise AssertionError(f"no end after {MOST_STOPS} stops")


def ready(page: Any, what: str) -> None:
    page.wait_for_selector(f"html[data-{what}=ready]")


def test_from_a_search_to_a_comparison(open_page: Open) -> None:
    page = open_page("")
    hands = Hands(page)
    hands.reach(page.get_by_label("Search models"))
    page.keyboard.type("a")
    hands.press("Enter")
    page.wait_for_url("**/models/?words=a")
    ready(page, "models")

    search = page.get_by_label("Search models")
    hands.reach(search)
    hands.press("Escape")
    assert search.input_value() == "", "Escape empties the search"
    hands.reach(page.locator("details[data-facet=scan]").get_by_label("passed"))
    hands.press("Space")
    page.wait_for_url("**/models/?scan=passed")
    assert page.locator("#bm-models tbody tr").count() == 1

    hands.reach(page.locator("#bm-models").get_by_role("link", name="passed"))
    hands.press("Enter")
    page.wait_for_url("**/models/passed/")
    hands.reach(page.get_by_role("link", name="Compare with other models"))
    hands.press("Enter")
    page.wait_for_url("**/compare/?m=passed")
    ready(page, "compare")
    hands.reach(page.get_by_label("Add a model"))
    page.keyboard.type("waived")
    hands.press("Enter")
    page.wait_for_url("**/compare/?m=passed&m=waived")
    page.wait_for_function("() => document.querySelectorAll('.bm-compare thead th').length === 2")
    hands.reach(page.get_by_role("button", name="Remove passed"))
    hands.press("Enter")
    page.wait_for_url("**/compare/?m=waived")
    page.wait_for_function("() => document.activeElement.name === 'name'")
    assert hands.look() == "input Add a model"


def test_two_boxes_of_the_list_lead_to_the_comparison_at_once(open_page: Open) -> None:
    page = open_page("models/")
    ready(page, "models")
    hands = Hands(page)
    hands.reach(page.get_by_label("Compare failed"))
    hands.press("Space")
    hands.reach(page.get_by_label("Compare hostile"))
    hands.press("Space")
    hands.press("Tab")
    assert hands.look() == "a Go to the comparison"
    hands.press("Enter")
    page.wait_for_url("**/compare/?m=failed&m=hostile")


def test_focus_is_never_lost_when_what_had_it_goes_away(open_page: Open) -> None:
    page = open_page("models/?scan=passed&scan=failed&m=failed")
    ready(page, "models")
    hands = Hands(page)
    hands.reach(page.get_by_role("button", name="Remove Scan: passed"))
    hands.press("Enter")
    assert hands.look() == "button Remove Scan: failed"
    hands.press("Enter")
    assert hands.look() == "input Search models"
    hands.reach(page.locator("#bm-basket").get_by_role("button", name="Clear"))
    hands.press("Enter")
    assert hands.look().startswith("div All models")

    page = open_page("compare/?m=passed&m=failed&m=waived")
    ready(page, "compare")
    hands = Hands(page)
    hands.reach(page.get_by_label("Add a model"))
    page.keyboard.type("remote")
    hands.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.bm-compare thead th').length === 4")
    assert hands.look().startswith("div Models side by side"), "the field takes no fifth"
    assert "are the most" in page.locator("#bm-compare-said").inner_text()
    hands.reach(page.get_by_role("button", name="Remove remote"))
    hands.press("Enter")
    page.wait_for_function("() => document.activeElement.name === 'name'")


def test_the_columns_open_and_escape_closes_them(open_page: Open) -> None:
    page = open_page("models/")
    ready(page, "models")
    hands = Hands(page)
    summary = page.locator(".bm-picker summary")
    hands.reach(summary)
    hands.press("Enter")
    hands.reach(page.locator("[data-column=released]"))
    hands.press("Space")
    assert page.get_by_role("button", name="Released").count() == 1
    hands.press("Escape")
    assert hands.look() == "summary Columns"
    assert not page.locator("[data-column=released]").is_visible()


def test_the_colours_are_chosen_with_the_arrows(open_page: Open) -> None:
    page = open_page("", color_scheme="light")
    hands = Hands(page)
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    hands.reach(page.locator("#__palette_0"))
    hands.press("ArrowRight")
    hands.press("ArrowRight")
    hands.look()
    assert page.evaluate(background) != light


@pytest.mark.parametrize(
    "path", ["", "models/", "models/hostile/", "compare/?m=passed&m=waived", "guides/gate/"]
)
def test_every_stop_is_seen(open_page: Open, path: str) -> None:
    page = open_page(path)
    page.wait_for_load_state("networkidle")
    stops = Hands(page).walk()
    assert stops[0] == "a Skip to content"
    assert not [stop for stop in stops if "Search results" in stop], "the closed search is no stop"


def test_the_way_back_is_seen_too(open_page: Open) -> None:
    page = open_page("models/?m=failed&m=hostile")
    ready(page, "models")
    hands = Hands(page)
    hands.reach(page.locator("#bm-basket").get_by_role("button", name="Clear"))
    hands.reach(page.locator(".md-skip"), key="Shift+Tab")


def test_a_frame_is_a_stop_only_where_it_scrolls(open_page: Open) -> None:
    page = open_page("models/passed/")
    frame = page.get_by_role("region", name="Versions of passed")
    page.wait_for_function("e => e.tabIndex === -1", arg=frame.element_handle())
    page.set_viewport_size(PHONE)
    page.wait_for_function("e => e.tabIndex === 0", arg=frame.element_handle())


def test_the_menu_of_a_phone_opens_and_closes(open_page: Open) -> None:
    page = open_page("models/passed/", viewport=PHONE)
    hands = Hands(page)
    menu = page.get_by_role("button", name="Menu")
    hands.reach(menu)
    assert menu.get_attribute("aria-expanded") == "false"
    hands.press("Enter")
    assert menu.get_attribute("aria-expanded") == "true"
    hands.reach(page.locator(".md-sidebar--primary").get_by_role("link", name="Licences"))
    hands.press("Escape")
    assert menu.get_attribute("aria-expanded") == "false"
    assert hands.look() == "button Menu"
    hands.press("Enter")
    hands.reach(page.locator(".md-sidebar--primary").get_by_role("link", name="Licences"))
    hands.press("Enter")
    page.wait_for_url("**/licenses/")


def test_no_stop_of_a_phone_lies_outside_the_window(open_page: Open) -> None:
    page = open_page("models/passed/", viewport=PHONE)
    stops = Hands(page).walk()
    assert stops[0] == "a Skip to content"
    assert "a Compare with other models" in stops
