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

from budmodel.schema.benchmark import Accelerator, Benchmark, Metric, Result

NOT_STATED = "not stated"
Z95 = 1.959963984540054
"""Standard errors on each side of a value that hold 95 % of a normal distribution."""
ALWAYS_COMPARED = (
    "limit",
    "judgments",
    "cancelled",
    "chat_template",
    "system_instruction",
    "failed_requests",
)
"""Settings that make another measurement, whatever the benchmark: a part of the questions is not the whole,
and a server that refuses requests is fast."""
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
    for candidate in sorted(candidates, key=_identity):
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
        kept, older = _newest(groups[conditions])
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
        for key in ALWAYS_COMPARED
        if key in result.settings and key not in definition.comparable_on
    ]
    if definition.category == "speed" and result.hardware is not None and result.engine is not None:
        known = accelerators.get(result.hardware.accelerator)
        accelerator = known.id if known is not None else result.hardware.accelerator
        found.append(("hardware", f"{result.hardware.count} × {accelerator}"))
        found.append(("engine", " ".join(filter(None, (result.engine.name, result.engine.version)))))
    return tuple(found)


def setting_text(value: str | bool | int | float) -> str:
    """A setting as text, in which ``5`` and ``5.0`` are the same and ``true`` is not ``1``."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _newest(candidates: Sequence[Candidate]) -> tuple[list[Candidate], list[LeftOut]]:
    """One result for each version and origin: the newest. A repeated run must not fill the board."""
    best: dict[tuple[str, str, str], Candidate] = {}
    older: list[LeftOut] = []
    for candidate in candidates:
        key = (candidate.name, candidate.version, candidate.result.origin)
        before = best.get(key)
        if before is None:
            best[key] = candidate
            continue
        newer = (candidate.result.date or "") > (before.result.date or "")
        best[key] = candidate if newer else before
        if candidate.result != before.result:
            left = before if newer else candidate
            older.append(LeftOut(candidate=left, reason="a newer result of the same version is ranked"))
    return list(best.values()), older


def _rank(candidates: Sequence[Candidate], metric: Metric) -> tuple[Row, ...]:
    higher = metric.direction == "higher"
    sign = -1.0 if higher else 1.0
    ordered = sorted(candidates, key=lambda candidate: (sign * candidate.result.value, _identity(candidate)))
    # With the sign, less is better: a row is certainly better when its interval ends before another's begins.
    ends = sorted(sign * candidate.interval[0 if higher else 1] for candidate in ordered)
    rows: list[Row] = []
    rank = 1
    for candidate in ordered:
        begins = sign * candidate.interval[1 if higher else 0]
        rank = max(rank, bisect_left(ends, begins) + 1)
        rows.append(Row(rank=rank, candidate=candidate))
    return tuple(rows)


def _identity(candidate: Candidate) -> tuple[str, str, str, str, str, float]:
    """A total order for equal output on every machine."""
    result = candidate.result
    return (
        candidate.name,
        candidate.version,
        result.origin,
        str(result.date),
        str(result.source),
        result.value,
    )
