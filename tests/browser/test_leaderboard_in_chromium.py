"""The leaderboard in a real Chromium: filters, columns, the address, and the ranks that stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser
Open = Callable[..., Any]
ROWS = "#bm-boards .bm-board tbody tr:not([hidden])"


@pytest.fixture
def board(open_page: Open) -> Any:
    """The page with its filters."""
    return opened(open_page("leaderboard/"))


def opened(page: Any) -> Any:
    """The page, when its filters work."""
    page.wait_for_selector("html[data-leaderboard=ready]")
    return page


def names(page: Any) -> list[str]:
    """The models in the rows that are not filtered out, folded or not."""
    return [link.text_content() for link in page.locator(f"{ROWS} th a").all()]


def test_all_results_are_there_until_somebody_filters(board: Any) -> None:
    assert board.locator("#bm-board-filter").is_visible()
    assert names(board) == ["remote", "waived", "passed", "hostile"]
    assert board.locator("#bm-board-shown").inner_text() == "4 results"


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("architecture", "gpt", ["remote"]),
        ("size", "10b", ["waived", "passed", "hostile"]),
        ("commercial", "yes", ["passed", "hostile"]),
        ("scan", "passed", ["passed"]),
        ("origin", "maker", ["remote", "waived", "passed", "hostile"]),
    ],
)
def test_each_filter_leaves_what_fits(board: Any, field: str, value: str, left: list[str]) -> None:
    board.select_option(f"#bm-board-filter [name={field}]", value)
    assert names(board) == left
    board.wait_for_url(f"**/leaderboard/?{field}={value}")


def test_ranks_stay_those_among_all_and_the_board_names_who_leads_of_those_left(board: Any) -> None:
    assert board.locator(".bm-leader").first.inner_text() == "remote 0.800"
    board.select_option("#bm-board-filter [name=scan]", "passed")
    assert board.locator(f"{ROWS} .bm-rank").first.text_content() == "3"
    assert board.locator(".bm-leader").first.inner_text() == "passed 0.700"
    assert "ranks are those among all" in board.locator("#bm-board-shown").inner_text()
    board.locator("#bm-board-filter button[type=reset]").click()
    board.wait_for_url("**/leaderboard/")
    assert board.locator(".bm-leader").first.inner_text() == "remote 0.800"


def test_words_find_models_benchmarks_and_conditions(board: Any) -> None:
    board.fill("#bm-board-filter [name=words]", "mmlu remo")
    assert names(board) == ["remote"]
    board.fill("#bm-board-filter [name=words]", "fewshot pass")
    assert names(board) == ["passed"]
    board.fill("#bm-board-filter [name=words]", "nothing is called so")
    assert board.locator("#bm-board-none").is_visible()


def test_the_address_holds_the_view_and_the_back_button_undoes_it(board: Any, open_page: Open) -> None:
    board.select_option("#bm-board-filter [name=size]", "10b")
    board.locator("#bm-board-filter summary").click()
    board.locator("input[data-column=origin]").uncheck()
    board.wait_for_url("**/leaderboard/?size=10b&without=origin")
    again = opened(open_page("leaderboard/?size=10b&without=origin"))
    assert names(again) == ["waived", "passed", "hostile"]
    heads = again.locator("#bm-boards .bm-board thead").first.locator("th:not([hidden])").all_inner_texts()
    assert "Value" in heads and "Origin" not in heads
    board.go_back()
    board.go_back()
    board.wait_for_url("**/leaderboard/")
    assert len(names(board)) == 4


def test_an_unknown_choice_in_the_address_is_no_choice(open_page: Open) -> None:
    assert len(names(opened(open_page("leaderboard/?architecture=no-such&without=no-such")))) == 4
