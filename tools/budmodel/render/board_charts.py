"""Which pictures the leaderboard has: quality against size, throughput against latency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from budmodel.domain.leaderboard import Board, Candidate, Condition, Group, Leaderboard
from budmodel.render.charts import Axis, Point, scatter
from budmodel.render.filters import urlpath

MIN_POINTS = 4
"""Fewest points that show more than their table does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture and the heading under which it stands."""

    title: str
    conditions: tuple[Condition, ...]
    svg: Markup
    points: int
    board: str
    """The id of the board whose table holds the numbers."""


def charts_of(ranked: Leaderboard, root: str) -> Iterator[Chart]:
    """The pictures of a leaderboard; ``root`` leads from the page to the site's root."""
    yield from _speed(ranked, root)
    for board in ranked.boards:
        if board.benchmark.category == "quality" and board.metric_id == board.benchmark.default_metric:
            yield from _quality(board, root)


def _quality(board: Board, root: str) -> Iterator[Chart]:
    group = board.groups[0] if board.groups else None
    if group is None or board.metric.direction != "higher":
        return
    points = [
        _point(row.candidate, root, float(row.candidate.parameter_count), row.candidate.result.value)
        for row in group.rows
        if row.candidate.parameter_count
    ]
    if len(points) < MIN_POINTS or len({point.x for point in points}) < 2:
        return
    title = f"{board.benchmark.name} against size"
    x = Axis(label="Parameters", log=True, counts=True)
    unit = f" ({board.metric.unit})" if board.metric.unit != "fraction" else ""
    y = Axis(label=f"{board.metric.name or board.metric_id}{unit}")
    id_ = f"chart-{board.benchmark.id}"
    yield Chart(
        title=title,
        conditions=group.stated,
        svg=scatter(id_, title, points, x, y),
        points=len(points),
        board=f"{board.benchmark.id}-{board.metric_id}",
    )


def _speed(ranked: Leaderboard, root: str) -> Iterator[Chart]:
    """Throughput against latency of what was measured under the same conditions."""
    boards = {(board.benchmark.id, board.metric_id): board for board in ranked.boards}
    fast = boards.get(("throughput", "tokens_per_second"))
    slow = boards.get(("inference_latency", "p50_ms"))
    if fast is None or slow is None:
        return
    latencies = {group.conditions: group for group in slow.groups}
    for index, group in enumerate(fast.groups):
        other = latencies.get(group.conditions)
        points = list(_pairs(group, other, root)) if other is not None else []
        if len(points) >= MIN_POINTS:
            title = "Throughput against latency"
            x, y = Axis(label="Median latency (ms)"), Axis(label="Output tokens per second")
            yield Chart(
                title=title,
                conditions=group.stated,
                svg=scatter(f"chart-speed-{index}", title, points, x, y),
                points=len(points),
                board="throughput-tokens_per_second",
            )


def _pairs(throughput: Group, latency: Group, root: str) -> Iterator[Point]:
    waits = {_key(row.candidate): row.candidate.result.value for row in latency.rows}
    for row in throughput.rows:
        wait = waits.get(_key(row.candidate))
        if wait is not None:
            yield _point(row.candidate, root, wait, row.candidate.result.value)


def _key(candidate: Candidate) -> Sequence[str]:
    return candidate.name, candidate.version, candidate.result.origin


def _point(candidate: Candidate, root: str, x: float, y: float) -> Point:
    return Point(label=candidate.name, href=f"{root}models/{urlpath(candidate.name)}/", x=x, y=y)
