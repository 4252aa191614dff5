"""What must hold of every leaderboard, whatever the results."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from budmodel.domain.leaderboard import Candidate, Leaderboard, leaderboard
from budmodel.domain.leaderboard_overall import overall
from budmodel.schema.benchmark import Benchmark, Result

HIGHER = {"unit": "fraction", "direction": "higher", "minimum": 0, "maximum": 1}
LOWER = {"unit": "ms", "direction": "lower", "minimum": 0}
DEFINITIONS = {
    id_: Benchmark.model_validate(
        {"id": id_, "name": id_, "metrics": {"m": metric}, "default_metric": "m", "comparable_on": ["shots"]}
    )
    for id_, metric in (("up", HIGHER), ("down", LOWER), ("third", HIGHER), ("fourth", HIGHER))
}


def result(benchmark: str, value: float, **more: Any) -> Result:
    unit = DEFINITIONS[benchmark].metrics["m"].unit
    said = {
        "benchmark": benchmark,
        "metric": "m",
        "value": value,
        "unit": unit,
        "source": "s",
        "origin": "maker",
    }
    return Result.model_validate({**said, **more})


@st.composite
def candidate(draw: st.DrawFn, benchmarks: tuple[str, ...] = ("up", "down")) -> Candidate:
    settings_: dict[str, Any] = {}
    if draw(st.booleans()):
        settings_["shots"] = draw(st.integers(0, 1))
    if draw(st.integers(0, 4)) == 0:
        settings_["limit"] = 10
    stderr = draw(st.none() | st.floats(0, 0.2))
    return Candidate(
        name=draw(st.sampled_from("abcdefgh")),
        version="1.0.0",
        architecture="llama",
        result=result(
            draw(st.sampled_from(benchmarks)),
            draw(st.integers(0, 20)) / 20,
            settings=settings_,
            **({} if stderr is None else {"stderr": stderr}),
        ),
        yanked=draw(st.integers(0, 9)) == 0,
    )


def rank_all(candidates: list[Candidate]) -> Leaderboard:
    return leaderboard(candidates, DEFINITIONS)


@given(st.lists(candidate(), max_size=25), st.randoms(use_true_random=False))
def test_order_of_input_does_not_matter(found: list[Candidate], chance: random.Random) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert rank_all(shuffled) == rank_all(found)
    assert overall(rank_all(shuffled)) == overall(rank_all(found))


@given(st.lists(candidate(), max_size=25))
def test_better_value_never_ranks_lower(found: list[Candidate]) -> None:
    for board in rank_all(found).boards:
        sign = 1 if board.metric.direction == "higher" else -1
        for group in board.groups:
            for one in group.rows:
                for other in group.rows:
                    if sign * one.candidate.result.value > sign * other.candidate.result.value:
                        assert one.rank <= other.rank
                    if one.candidate.result.value == other.candidate.result.value:
                        assert one.rank == other.rank or (
                            one.candidate.result.stderr or other.candidate.result.stderr
                        )


@given(st.lists(candidate(), max_size=25))
def test_certainly_better_ranks_higher(found: list[Candidate]) -> None:
    for board in rank_all(found).boards:
        for group in board.groups:
            for one in group.rows:
                for other in group.rows:
                    mine, theirs = one.candidate.interval, other.candidate.interval
                    better = (
                        mine[0] > theirs[1] if board.metric.direction == "higher" else mine[1] < theirs[0]
                    )
                    if better:
                        assert one.rank < other.rank


@given(st.lists(candidate(("up",)), max_size=20), candidate(("up",)))
def test_row_that_is_not_comparable_changes_no_rank(found: list[Candidate], more: Candidate) -> None:
    from dataclasses import replace

    other = replace(more, result=more.result.model_copy(update={"settings": {"shots": 99}}))
    before = {group.conditions: group.rows for board in rank_all(found).boards for group in board.groups}
    after = {
        group.conditions: group.rows for board in rank_all([*found, other]).boards for group in board.groups
    }
    assert all(after[conditions] == rows for conditions, rows in before.items())


@settings(max_examples=50)
@given(st.lists(candidate(("up", "third", "fourth")), max_size=60))
def test_overall_lists_only_what_was_measured_everywhere(found: list[Candidate]) -> None:
    for panel in overall(rank_all(found)).panels:
        assert len(panel.benchmarks) >= 3
        assert len(panel.rows) >= 3
        assert {(row.name, row.version) for row in panel.rows}.isdisjoint(panel.incomplete)
        for row in panel.rows:
            assert len(row.standings) == len(panel.benchmarks)
            assert all(0 <= standing <= 1 for standing in row.standings)
        # Standings of a panel always average to one half: what one gains another loses.
        for index in range(len(panel.benchmarks)):
            mean = sum(row.standings[index] for row in panel.rows) / len(panel.rows)
            assert abs(mean - 0.5) < 1e-9


def test_intervals_that_overlap_share_a_rank() -> None:
    values = [("a", 0.80, 0.01), ("b", 0.79, 0.01), ("c", 0.70, 0.01), ("d", 0.60, None)]
    found = [
        Candidate(
            name=name,
            version="1.0.0",
            architecture="llama",
            result=result("up", value, **({} if stderr is None else {"stderr": stderr})),
        )
        for name, value, stderr in values
    ]
    (board,) = rank_all(found).boards
    assert [(row.candidate.name, row.rank) for row in board.groups[0].rows] == [
        ("a", 1),
        ("b", 1),
        ("c", 3),
        ("d", 4),
    ]


def test_part_of_the_questions_is_not_ranked_with_the_whole() -> None:
    whole = Candidate(name="a", version="1.0.0", architecture="llama", result=result("up", 0.5))
    part = Candidate(
        name="b", version="1.0.0", architecture="llama", result=result("up", 0.9, settings={"limit": 50})
    )
    (board,) = rank_all([whole, part]).boards
    assert [len(group.rows) for group in board.groups] == [1, 1]


def test_blocked_version_is_left_out_with_its_reason() -> None:
    one = Candidate(
        name="a",
        version="1.0.0",
        architecture="llama",
        result=result("up", 0.5),
        blocked="its scan found something",
    )
    (board,) = rank_all([one]).boards
    assert [item.reason for item in board.left_out] == ["its scan found something"]
    assert board.groups == ()
