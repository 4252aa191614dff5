"""The best model of each size in each benchmark, for the first page.

Only results that can be compared are compared (:mod:`budmodel.domain.leaderboard`): for each class of size it
is the comparison with the most models of that size, and the page says how many it is the best of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from budmodel.domain.leaderboard import Board, Candidate, Group, Leaderboard
from budmodel.render.pages.states import size_class

MOST_BOARDS = 8
"""Benchmarks on the first page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best of a size in one benchmark."""

    candidate: Candidate
    of: int
    """Models of this size in the comparison; 1 says that it had no rival."""
    conditions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BestRow:
    """A benchmark with the best of each size."""

    board: Board
    cells: Mapping[str, Best]
    """By class of size."""


def best_by_size(ranked: Leaderboard, most: int = MOST_BOARDS) -> list[BestRow]:
    """Benchmarks of quality in the order of their definitions; those that compare something."""
    boards = (
        board
        for board in ranked.boards
        if board.benchmark.category == "quality"
        and board.metric_id == board.benchmark.default_metric
        and any(not group.alone for group in board.groups)
    )
    rows = [BestRow(board=board, cells=dict(_cells(board))) for board in boards]
    return rows[:most]


def _cells(board: Board) -> Iterator[tuple[str, Best]]:
    found: dict[str, tuple[Group, list[Candidate]]] = {}
    for group in board.groups:
        by_size: dict[str, list[Candidate]] = {}
        for row in group.rows:
            by_size.setdefault(size_class(row.candidate.parameter_count), []).append(row.candidate)
        for size, candidates in by_size.items():
            # Groups come largest first; a comparison within the size tells more than a large one without.
            if size not in found or len(candidates) > len(found[size][1]):
                found[size] = (group, candidates)
    for size, (group, candidates) in found.items():
        yield (
            size,
            Best(
                candidate=candidates[0],
                of=len({candidate.name for candidate in candidates}),
                conditions=", ".join(_words(group.stated)),
            ),
        )


def _words(conditions: Iterable[tuple[str, str]]) -> Iterator[str]:
    for key, value in conditions:
        yield f"{value}-shot" if key == "num_fewshot" else value if key == "harness" else f"{key} {value}"
