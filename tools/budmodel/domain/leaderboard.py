"""Ranking of benchmark results: only what can be compared is ranked together, and what is left out is said.

Two results are comparable when benchmark, metric, unit and the settings that the benchmark's definition names
are the same; for speed also hardware and engine. Pure: records in, boards out.

Ranks follow from what is certain. Where results state a standard error, a row is certainly better than
another when their 95 % intervals do not overlap; without one, the value itself is the interval. A row's rank
is one more than the number of rows that are certainly better, and never less than the rank of a row with a
better value, so that a better value never ranks lower.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from budmodel.domain.leaderboard_order import in_order, setting_text
from budmodel.schema.benchmark import Accelerator, Benchmark, Metric, Result

NOT_STATED = "not stated"
Z95 = 1.959963984540054
"""Standard errors on each side of a value that hold 95 % of a normal distribution."""
ALWAYS_COMPARED = (
    "task",
    "filter",
    "limit",
    "judgments",
    "attempts",
    "normalized",
    "cancelled",
    "chat_template",
    "system_instruction",
    "quantization",
    "revision",
    "failed_requests",
    "includes_first_token",
)
"""Settings that make another measurement, whatever the benchmark: a part of the questions is not the whole,
a variant of a task asks in another way, and a server that refuses requests is fast."""
_ALWAYS = frozenset(ALWAYS_COMPARED)
Condition = tuple[str, str]
"""A setting and its value as text: ``("num_fewshot", "5")``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One result of one version, with what decides whether it is ranked."""

    name: str
    version: str
    architecture: str
    result: Result
    parameter_count: int | None = None
    yanked: bool = False
    archived: bool = False
    blocked: str = ""
    """Why nobody may deploy the version; empty where nothing is known against it."""
    waived: str = ""
    """What an approved exception stands in for, and until when; empty where none does."""

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval; the value itself where no standard error is stated."""
        half = Z95 * (self.result.stderr or 0.0)
        return self.result.value - half, self.result.value + half


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A ranked result. Rows that are not certainly different share a rank, as in 1, 2, 2, 4."""

    rank: int
    candidate: Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Results that can be compared, best first, and the conditions that they share."""

    conditions: tuple[Condition, ...]
    rows: tuple[Row, ...]

    @property
    def stated(self) -> tuple[Condition, ...]:
        """The conditions that the results do not leave open."""
        return tuple(condition for condition in self.conditions if condition[1] != NOT_STATED)

    @property
    def alone(self) -> bool:
        """Whether there is nothing to compare with."""
        return len(self.rows) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A result that is not ranked, and why."""

    candidate: Candidate
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """All results of one metric of one benchmark."""

    benchmark: Benchmark
    metric_id: str
    metric: Metric
    groups: tuple[Group, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaderboard:
    """The boards in the order of the definitions, and the results that no definition covers."""

    boards: tuple[Board, ...]
    undefined: tuple[LeftOut, ...]


def leaderboard(
    candidates: Iterable[Candidate],
    definitions: Mapping[str, Benchmark],
    accelerators: Mapping[str, Accelerator] | None = None,
) -> Leaderboard:
    """Ranks all results of a catalog.

    Args:
        candidates: the results; their order does not matter.
        definitions: ``catalog/benchmarks.yaml`` by id, in its order.
        accelerators: accelerators by id and alias, so that two names of one kind compare as equal.
    """
    by_metric: dict[tuple[str, str], list[Candidate]] = {}
    undefined: list[LeftOut] = []
    for candidate in in_order(candidates):
        result = candidate.result
        definition = definitions.get(result.benchmark)
        if definition is None:
            undefined.append(
                LeftOut(candidate=candidate, reason=f"no benchmark {result.benchmark} is defined")
            )
        elif result.metric not in definition.metrics:
            reason = f"{result.benchmark} defines no metric {result.metric}"
            undefined.append(LeftOut(candidate=candidate, reason=reason))
        else:
            by_metric.setdefault((result.benchmark, result.metric), []).append(candidate)
    boards = [
        _board(definition, metric, by_metric[definition.id, metric], accelerators or {})
        for definition in definitions.values()
        for metric in _default_first(definition)
        if (definition.id, metric) in by_metric
    ]
    return Leaderboard(boards=tuple(boards), undefined=tuple(undefined))


def _default_first(definition: Benchmark) -> list[str]:
    return sorted(definition.metrics, key=lambda metric: metric != definition.default_metric)


def _board(
    definition: Benchmark,
    metric_id: str,
    candidates: Sequence[Candidate],
    accelerators: Mapping[str, Accelerator],
) -> Board:
    metric = definition.metrics[metric_id]
    left_out: list[LeftOut] = []
    fit: list[Candidate] = []
    for candidate in candidates:
        reason = _why_not(candidate, definition, metric)
        if reason:
            left_out.append(LeftOut(candidate=candidate, reason=reason))
        else:
            fit.append(candidate)
    groups: dict[tuple[Condition, ...], list[Candidate]] = {}
    for candidate in fit:
        groups.setdefault(_conditions(candidate.result, definition, accelerators), []).append(candidate)
    ranked: list[Group] = []
    for conditions in sorted(groups):
        kept, older = _newest(groups[conditions], metric)
        left_out += older
        ranked.append(Group(conditions=conditions, rows=_rank(kept, metric)))
    # The largest comparison is the most telling, so it comes first; among equals the one that states more.
    ranked.sort(
        key=lambda group: (-len(group.rows), sum(value == NOT_STATED for _, value in group.conditions))
    )
    return Board(
        benchmark=definition,
        metric_id=metric_id,
        metric=metric,
        groups=tuple(ranked),
        left_out=tuple(left_out),
    )


def _why_not(candidate: Candidate, definition: Benchmark, metric: Metric) -> str:
    """Why a result cannot be ranked; empty where it can."""
    result = candidate.result
    if candidate.yanked:
        return "the version is yanked"
    if candidate.archived:
        return "the model is archived"
    if candidate.blocked:
        return candidate.blocked
    if result.source is None:
        return "the result has no source"
    if result.unit != metric.unit:
        return f"its unit is {result.unit}, not {metric.unit}"
    if (metric.minimum is not None and result.value < metric.minimum) or (
        metric.maximum is not None and result.value > metric.maximum
    ):
        return "the value is outside of what the metric allows"
    if definition.category == "speed" and result.hardware is None:
        return "it does not state the hardware"
    if definition.category == "speed" and result.engine is None:
        return "it does not state the engine"
    return ""


def _conditions(
    result: Result, definition: Benchmark, accelerators: Mapping[str, Accelerator]
) -> tuple[Condition, ...]:
    # Not every tool has every setting. What two results both leave open is no difference between them, but
    # it is shown, and it never equals a stated value.
    found = [
        (key, setting_text(result.settings[key]) if key in result.settings else NOT_STATED)
        for key in definition.comparable_on
    ]
    found += [
        (key, setting_text(result.settings[key]))
        for key in sorted(filter(_ALWAYS.__contains__, result.settings))
        if key not in definition.comparable_on
    ]
    if definition.category == "speed" and result.hardware is not None and result.engine is not None:
        known = accelerators.get(result.hardware.accelerator)
        accelerator = known.id if known is not None else result.hardware.accelerator
        found.append(("hardware", f"{result.hardware.count} × {accelerator}"))
        found.append(("engine", " ".join(filter(None, (result.engine.name, result.engine.version)))))
    return tuple(found)


def _newest(candidates: Sequence[Candidate], metric: Metric) -> tuple[list[Candidate], list[LeftOut]]:
    """One result for each version and origin: the newest. A repeated run must not fill the board.

    Of several results of one day the least favourable counts, so that nobody gains by repeating a run.
    """
    sign = -1.0 if metric.direction == "higher" else 1.0
    best: dict[tuple[str, str, str], Candidate] = {}
    older: list[LeftOut] = []
    for candidate in candidates:
        key = (candidate.name, candidate.version, candidate.result.origin)
        before = best.setdefault(key, candidate)
        if before is candidate or candidate.result == before.result:
            continue
        days = [one.result.date or "" for one in (before, candidate)]
        worse = sign * candidate.result.value > sign * before.result.value
        taken = days[1] > days[0] or (days[1] == days[0] and worse)
        best[key] = candidate if taken else before
        reason = f"{'another' if days[0] == days[1] else 'a newer'} result of the same version is ranked"
        older.append(LeftOut(candidate=before if taken else candidate, reason=reason))
    return list(best.values()), older


def _rank(candidates: Sequence[Candidate], metric: Metric) -> tuple[Row, ...]:
    sign, best, worst = (-1.0, 1, 0) if metric.direction == "higher" else (1.0, 0, 1)
    # The sort is stable: equal values stay in the order that in_order gave them.
    ordered = sorted(candidates, key=lambda candidate: sign * candidate.result.value)
    intervals = [candidate.interval for candidate in ordered]
    # With the sign, less is better: a row is certainly better when its interval ends before another's begins.
    ends = sorted(sign * interval[worst] for interval in intervals)
    rows: list[Row] = []
    rank = 1
    for candidate, interval in zip(ordered, intervals, strict=True):
        rank = max(rank, bisect_left(ends, sign * interval[best]) + 1)
        rows.append(Row(rank=rank, candidate=candidate))
    return tuple(rows)
