"""A stranger's four questions, each answered within three clicks from the first page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
MOST_CLICKS = 3


class Stranger:
    """Clicks on what can be seen, and counts."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.clicks = 0

    def click(self, target: Any) -> None:
        """One click; a fourth one is one too many."""
        self.clicks += 1
        assert self.clicks <= MOST_CLICKS
        target.click()

    def names(self) -> list[str]:
        """The models that the list shows."""
        self.page.wait_for_selector("html[data-models=ready]")
        return list(self.page.locator("#bm-models tbody tr:visible th a").all_inner_texts())


@pytest.fixture
def stranger(open_page: Open) -> Stranger:
    """On the first page."""
    return Stranger(open_page(""))


def test_which_models_may_we_use_commercially(stranger: Stranger) -> None:
    stranger.click(stranger.page.locator(".bm-tile", has_text="commercial").first)
    names = stranger.names()
    assert "passed" in names
    assert not {"unscanned", "waived", "remote"} & set(names), "conditional and unknown are no yes"
    assert set(stranger.page.locator("#bm-models tbody td:nth-child(5)").all_inner_texts()) == {"yes"}


def test_which_models_are_not_scanned(stranger: Stranger) -> None:
    stranger.click(stranger.page.locator(".bm-tile", has_text="not scanned"))
    assert stranger.names() == ["hostile", "unscanned", "waived", "yanked"]


def test_which_8b_model_is_best_at_mmlu(stranger: Stranger) -> None:
    table = stranger.page.locator(".bm-best")
    column = table.locator("thead th").all_inner_texts().index("5B to 10B")
    cell = table.locator("tr", has=stranger.page.locator("th", has_text="MMLU")).locator("th, td").nth(column)
    assert cell.locator("a").inner_text() == "waived"
    assert "waived" in cell.locator(".bm-badge").inner_text(), "the best one rests on a waiver, and says so"
    stranger.click(cell.locator("a"))
    stranger.page.wait_for_url("**/models/waived/")
    assert "MMLU" in stranger.page.locator("#benchmarks ~ .bm-scroll").first.inner_text()


def test_what_changed_this_week(stranger: Stranger) -> None:
    stranger.click(stranger.page.locator(".bm-tile", has_text="in the week to 2026-11-22"))
    stranger.page.wait_for_url("**/changes/")
    assert "model added" in stranger.page.locator(".bm-day-of").first.inner_text()
    stranger.click(stranger.page.locator(".bm-change a", has_text="passed").first)
    stranger.page.wait_for_url("**/models/passed/")
