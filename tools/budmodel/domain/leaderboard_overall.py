"""One view over several benchmarks, which says how it combines and what it leaves out.

Values of different benchmarks cannot be added, and a model that was measured among weak ones only must not
look strong. So benchmarks are combined in panels: those in which by and large the same versions were measured
(half or more of the versions of either are in both). Only a version that was measured in every benchmark of a
panel is listed in it. Its standing in a benchmark is the share of the panel's other versions that it is not
worse than, ties counting half, from 0 (last) to 1 (first); its score is the mean of its standings. Scores of
different panels say nothing about each other.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from budmodel.domain.leaderboard import Board, Candidate, Group, Leaderboard

MIN_BENCHMARKS = 3
"""Fewest benchmarks of a panel."""
MIN_VERSIONS = 3
"""Fewest versions of a panel: among two, a standing says next to nothing."""
_ORIGINS = ("measured", "third-party", "maker")
Key = tuple[str, str]
"""Name and version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverallRow:
    """A version in a panel."""

    rank: int
    name: str
    version: str
    parameter_count: int | None
    score: float
    """Mean of the standings, 0 to 1."""
    standings: tuple[float, ...]
    """One for each benchmark of the panel, in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Benchmarks in which the same versions were measured, and how these stand."""

    benchmarks: tuple[str, ...]
    rows: tuple[OverallRow, ...]
    incomplete: tuple[Key, ...]
    """Versions that were measured in some of its benchmarks only, and are not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overall:
    """The panels, the one with the most versions first."""

    panels: tuple[Panel, ...]
    alone: tuple[str, ...]
    """Quality benchmarks that are in no panel."""


def overall(ranked: Leaderboard, *, at_least: int = MIN_BENCHMARKS) -> Overall:
    """The panels of the quality benchmarks: default metric, largest comparable group of each.

    Args:
        ranked: the boards.
        at_least: fewest benchmarks of a panel.
    """
    boards: dict[str, Board] = {}
    measured: dict[str, dict[Key, Candidate]] = {}
    for board in ranked.boards:
        default = board.metric_id == board.benchmark.default_metric
        if board.benchmark.category == "quality" and default and board.groups:
            boards[board.benchmark.id] = board
            measured[board.benchmark.id] = _one_each(board.groups[0])
    panels: list[Panel] = []
    for benchmarks in _alike(measured):
        versions = set.intersection(*(set(measured[benchmark]) for benchmark in benchmarks))
        if len(benchmarks) >= at_least and len(versions) >= MIN_VERSIONS:
            panels.append(_panel([boards[benchmark] for benchmark in benchmarks], measured, versions))
    panels.sort(key=lambda panel: (-len(panel.rows), panel.benchmarks))
    listed = {benchmark for panel in panels for benchmark in panel.benchmarks}
    return Overall(panels=tuple(panels), alone=tuple(id_ for id_ in boards if id_ not in listed))


def _alike(measured: Mapping[str, Mapping[Key, Candidate]]) -> list[list[str]]:
    """The benchmarks in groups: each shares at least half of its versions with all others of its group."""
    groups: list[list[str]] = []
    for benchmark, versions in measured.items():
        for group in groups:
            if all(_overlap(versions.keys(), measured[other].keys()) >= 0.5 for other in group):
                group.append(benchmark)
                break
        else:
            groups.append([benchmark])
    return groups


def _overlap(one: Iterable[Key], other: Iterable[Key]) -> float:
    a, b = set(one), set(other)
    return len(a & b) / len(a | b)


def _panel(
    boards: Sequence[Board], measured: Mapping[str, Mapping[Key, Candidate]], versions: set[Key]
) -> Panel:
    standings: dict[Key, list[float]] = {key: [] for key in versions}
    some: set[Key] = set()
    for board in boards:
        found = measured[board.benchmark.id]
        some.update(found)
        chosen = {key: found[key] for key in versions}
        for key, share in _shares(chosen, higher=board.metric.direction == "higher").items():
            standings[key].append(share)
    scores = {key: sum(found) / len(found) for key, found in standings.items()}
    rows: list[OverallRow] = []
    for place, key in enumerate(sorted(versions, key=lambda key: (-scores[key], key)), start=1):
        tied = rows and abs(rows[-1].score - scores[key]) < 1e-12
        rows.append(
            OverallRow(
                rank=rows[-1].rank if tied else place,
                name=key[0],
                version=key[1],
                parameter_count=measured[boards[0].benchmark.id][key].parameter_count,
                score=scores[key],
                standings=tuple(standings[key]),
            )
        )
    return Panel(
        benchmarks=tuple(board.benchmark.id for board in boards),
        rows=tuple(rows),
        incomplete=tuple(sorted(some - versions)),
    )


def _one_each(group: Group) -> dict[Key, Candidate]:
    """One row for each version: what was measured here counts before what others say."""
    chosen: dict[Key, Candidate] = {}
    for row in group.rows:
        key = (row.candidate.name, row.candidate.version)
        before = chosen.get(key)
        if before is None or _origin(row.candidate) < _origin(before):
            chosen[key] = row.candidate
    return chosen


def _origin(candidate: Candidate) -> int:
    return _ORIGINS.index(candidate.result.origin)


def _shares(chosen: Mapping[Key, Candidate], *, higher: bool) -> dict[Key, float]:
    sign = 1.0 if higher else -1.0
    values = sorted(sign * candidate.result.value for candidate in chosen.values())
    shares = {}
    for key, candidate in chosen.items():
        value = sign * candidate.result.value
        worse, same = bisect_left(values, value), bisect_right(values, value) - bisect_left(values, value)
        shares[key] = (worse + (same - 1) / 2) / (len(values) - 1)
    return shares
