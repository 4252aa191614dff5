"""Where each result of a model stands among the results that it may be compared with. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log

from budmodel.domain.leaderboard import Board, Candidate, Condition, Group, Leaderboard

NEIGHBOURS = 2
"""Comparable models nearest in size that are named."""


@dataclass(frozen=True)
class Field:
    """Everything that one result is compared with; shared by all results of a comparison."""

    group: Group

    @cached_property
    def by_size(self) -> list[tuple[float, int]]:
        """The logarithm of the parameters and the row, of each row that states them, smallest first."""
        rows = enumerate(self.group.rows)
        return sorted(
            (log(row.candidate.parameter_count), at) for at, row in rows if row.candidate.parameter_count
        )

    def nearest(self, at: int, leave_out: int) -> tuple[Candidate, ...]:
        """The rows nearest in size to a row, other than itself and one more."""
        own = self.group.rows[at].candidate.parameter_count
        if not own:
            return ()
        here = bisect_left(self.by_size, (log(own), at))
        around = self.by_size[max(0, here - NEIGHBOURS - 1) : here + NEIGHBOURS + 2]
        around = [(size, row) for size, row in around if row not in (at, leave_out)]
        around.sort(key=lambda item: (abs(item[0] - log(own)), item[1]))
        return tuple(self.group.rows[row].candidate for _, row in around[:NEIGHBOURS])


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One result of a model, with its place among what was measured alike."""

    candidate: Candidate
    benchmark_id: str
    benchmark: str
    """The benchmark's name; its id where no definition covers it."""
    metric: str
    main: bool
    """Whether it is the metric that the benchmark is ranked by."""
    board: str
    """The id of the board on the leaderboard's page; empty where there is none."""
    field: Field | None = None
    """The comparison; None where the result is not ranked."""
    at: int = 0
    """Its row in the comparison."""
    left_out: str = ""
    """Why it is not ranked; empty where it is."""

    @property
    def rank(self) -> int | None:
        """Its rank; None where it is not ranked."""
        return self.field.group.rows[self.at].rank if self.field is not None else None

    @property
    def of(self) -> int:
        """How many results the comparison has."""
        return len(self.field.group.rows) if self.field is not None else 0

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What all results of the comparison have in common, as far as they state it."""
        return self.field.group.stated if self.field is not None else ()

    @property
    def best(self) -> Candidate | None:
        """The best of the others."""
        if self.field is None or self.of < 2:
            return None
        return self.field.group.rows[self._best].candidate

    @property
    def nearest(self) -> tuple[Candidate, ...]:
        """The others nearest in size, by the ratio of their parameters; the best of them is not repeated."""
        return self.field.nearest(self.at, self._best) if self.field is not None else ()

    @property
    def _best(self) -> int:
        return 1 if self.at == 0 else 0


def standings(ranked: Leaderboard) -> Mapping[str, Sequence[Standing]]:
    """The results of every model in the order of the boards, the ranked ones of a board first."""
    found: dict[str, list[Standing]] = {}
    for board in ranked.boards:
        for standing in (*_ranked(board), *_left_out(board)):
            found.setdefault(standing.candidate.name, []).append(standing)
    for item in ranked.undefined:
        result = item.candidate.result
        standing = Standing(
            candidate=item.candidate,
            benchmark_id=result.benchmark,
            benchmark=result.benchmark,
            metric=result.metric,
            main=True,
            board="",
            left_out=item.reason,
        )
        found.setdefault(item.candidate.name, []).append(standing)
    return found


def _ranked(board: Board) -> Iterator[Standing]:
    for group in board.groups:
        field = Field(group)
        for at, row in enumerate(group.rows):
            yield _standing(board, row.candidate, field=field, at=at)


def _left_out(board: Board) -> Iterator[Standing]:
    for item in board.left_out:
        yield _standing(board, item.candidate, left_out=item.reason)


def _standing(
    board: Board, candidate: Candidate, *, field: Field | None = None, at: int = 0, left_out: str = ""
) -> Standing:
    return Standing(
        candidate=candidate,
        benchmark_id=board.benchmark.id,
        benchmark=board.benchmark.name,
        metric=board.metric.name or board.metric_id,
        main=board.metric_id == board.benchmark.default_metric,
        board=f"{board.benchmark.id}-{board.metric_id}",
        field=field,
        at=at,
        left_out=left_out,
    )
