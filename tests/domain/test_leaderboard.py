"""Ranking: ties, directions, comparability, what is left out."""

from __future__ import annotations

import pytest

from budmodel.domain.leaderboard import Board, Candidate, leaderboard
from budmodel.schema.benchmark import Accelerator, Benchmark, Result

ACC = {"unit": "fraction", "direction": "higher", "minimum": 0, "maximum": 1}
MMLU = Benchmark.model_validate(
    {
        "id": "mmlu",
        "name": "MMLU",
        "metrics": {"other": ACC, "acc": ACC},
        "default_metric": "acc",
        "comparable_on": ["num_fewshot"],
    }
)
LATENCY = Benchmark.model_validate(
    {
        "id": "latency",
        "name": "Latency",
        "category": "speed",
        "metrics": {"p50_ms": {"unit": "ms", "direction": "lower"}},
        "default_metric": "p50_ms",
    }
)
DEFINITIONS = {"mmlu": MMLU, "latency": LATENCY}


def of(name: str, value: float, *, yanked: bool = False, archived: bool = False, **more: object) -> Candidate:
    data = {
        "benchmark": "mmlu",
        "metric": "acc",
        "value": value,
        "unit": "fraction",
        "origin": "maker",
        "source": "s",
    }
    result = Result.model_validate({**data, "settings": {"num_fewshot": 5}, **more})
    return Candidate(
        name=name, version="1.0.0", architecture="llama", result=result, yanked=yanked, archived=archived
    )


def speed(
    name: str, value: float, accelerator: str | None = "h100", engine: str | None = "vllm"
) -> Candidate:
    hardware = {"accelerator": accelerator, "count": 1} if accelerator else None
    made = {"name": engine, "version": "0.6"} if engine else None
    return of(
        name,
        value,
        benchmark="latency",
        metric="p50_ms",
        unit="ms",
        settings={},
        hardware=hardware,
        engine=made,
    )


def only(*candidates: Candidate) -> Board:
    (board,) = leaderboard(candidates, DEFINITIONS).boards
    return board


def ranks(board: Board, group: int = 0) -> list[tuple[int, str]]:
    return [(row.rank, row.candidate.name) for row in board.groups[group].rows]


def reasons(board: Board) -> list[tuple[str, str]]:
    return [(item.candidate.name, item.reason) for item in board.left_out]


def test_ties_share_a_rank_and_the_next_is_skipped() -> None:
    board = only(of("c", 0.5), of("b", 0.7), of("a", 0.7), of("d", 0.4))
    assert ranks(board) == [(1, "a"), (1, "b"), (3, "c"), (4, "d")]


def test_lower_is_better_where_the_metric_says_so() -> None:
    assert ranks(only(speed("slow", 90), speed("fast", 20))) == [(1, "fast"), (2, "slow")]


def test_other_settings_are_another_comparison() -> None:
    board = only(of("a", 0.5), of("b", 0.6), of("c", 0.9, settings={"num_fewshot": 0}))
    assert [group.conditions for group in board.groups] == [(("num_fewshot", "5"),), (("num_fewshot", "0"),)]
    assert ranks(board) == [(1, "b"), (2, "a")]


def test_settings_that_do_not_decide_do_not_divide_and_numbers_compare_as_numbers() -> None:
    board = only(
        of("a", 0.5, settings={"num_fewshot": 5, "seed": 1}), of("b", 0.6, settings={"num_fewshot": 5.0})
    )
    assert ranks(board) == [(1, "b"), (2, "a")]


def test_what_is_not_stated_never_equals_what_is() -> None:
    board = only(of("a", 0.5), of("b", 0.6, settings={}))
    assert len(board.groups) == 2
    assert board.groups[1].stated == ()


def test_speed_is_compared_on_the_same_hardware_and_engine() -> None:
    h100 = Accelerator(id="nvidia-h100-80gb", name="H100", memory_gb=80.0, aliases=["h100"])
    known = {"h100": h100, "nvidia-h100-80gb": h100}
    found = leaderboard(
        [
            speed("a", 1),
            speed("b", 2, "nvidia-h100-80gb"),
            speed("c", 3, "a100"),
            speed("d", 1, engine="sglang"),
        ],
        DEFINITIONS,
        known,
    ).boards[0]
    assert [len(group.rows) for group in found.groups] == [2, 1, 1]
    left = only(speed("a", 1, None), speed("b", 2, engine=None))
    assert reasons(left) == [("a", "it does not state the hardware"), ("b", "it does not state the engine")]


def test_what_is_left_out_says_why() -> None:
    board = only(
        of("archived", 0.5, archived=True),
        of("percent", 50, unit="percent"),
        of("too-good", 1.5),
        of("unsourced", 0.5, source=None),
        of("yanked", 0.5, yanked=True),
    )
    assert reasons(board) == [
        ("archived", "the model is archived"),
        ("percent", "its unit is percent, not fraction"),
        ("too-good", "the value is outside of what the metric allows"),
        ("unsourced", "the result has no source"),
        ("yanked", "the version is yanked"),
    ]
    assert board.groups == ()


def test_the_newest_result_of_a_version_counts_once() -> None:
    board = only(
        of("a", 0.9, date="2025-01-01"), of("a", 0.5, date="2026-01-01"), of("a", 0.5, date="2026-01-01")
    )
    assert ranks(board) == [(1, "a")]
    assert board.groups[0].rows[0].candidate.result.value == 0.5
    assert reasons(board) == [("a", "a newer result of the same version is ranked")]


def test_of_two_results_of_one_day_the_least_favourable_counts() -> None:
    for first, second in ((0.9, 0.5), (0.5, 0.9)):
        board = only(of("a", first, source="https://a.example"), of("a", second, source="https://b.example"))
        assert [row.candidate.result.value for row in board.groups[0].rows] == [0.5]
        assert reasons(board) == [("a", "another result of the same version is ranked")]


def test_rows_that_differ_in_one_setting_only_keep_their_order() -> None:
    rows = [
        of("a", 0.5, settings={"dtype": dtype}, stderr=0.1, yanked=True) for dtype in ("f16", "bf16", "f32")
    ]
    boards = [only(*rows[turn:], *rows[:turn]) for turn in range(3)]
    assert boards[0] == boards[1] == boards[2]


@pytest.mark.parametrize("setting", ["task", "filter", "quantization", "revision", "attempts", "normalized"])
def test_another_way_to_ask_is_another_comparison(setting: str) -> None:
    board = only(of("a", 0.5), of("b", 0.9, settings={setting: "x"}))
    assert [len(group.rows) for group in board.groups] == [1, 1]


def test_results_without_a_definition_are_named() -> None:
    found = leaderboard([of("a", 1, benchmark="nope"), of("b", 1, metric="nope")], DEFINITIONS)
    assert found.boards == ()
    assert [item.reason for item in found.undefined] == [
        "no benchmark nope is defined",
        "mmlu defines no metric nope",
    ]


def test_order_of_input_does_not_matter_and_the_default_metric_comes_first() -> None:
    candidates = [of("a", 0.5), of("b", 0.5), of("c", 0.1, metric="other"), speed("d", 1)]
    forwards, backwards = leaderboard(candidates, DEFINITIONS), leaderboard(candidates[::-1], DEFINITIONS)
    assert forwards == backwards
    assert [(board.benchmark.id, board.metric_id) for board in forwards.boards] == [
        ("mmlu", "acc"),
        ("mmlu", "other"),
        ("latency", "p50_ms"),
    ]
