"""benchmark-out-of-range: a result is not one that its benchmark can have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from budmodel.domain.quoting import one_line
from budmodel.domain.suggest import did_you_mean
from budmodel.findings import FieldPath, Finding
from budmodel.rules.interface import Context, EntryRule
from budmodel.schema.benchmark import Metric, Result, Results
from budmodel.store.entries import Entry

_Problem = tuple[FieldPath, str, str]


class BenchmarkOutOfRange(EntryRule):
    """Compares each result with its definition: benchmark, metric, unit, range, accelerator."""

    id = "benchmark-out-of-range"
    title = "A result is not possible"

    def visit(self, subject: Entry[Any], context: Context) -> Iterator[Finding]:
        """One finding for each field of a result that cannot be."""
        if not isinstance(subject.record, Results):
            return
        target = f"{subject.says('name')}@{subject.says('version')}"
        problems = [
            ((index, *field_path), message, fix)
            for index, result in enumerate(subject.record.results)
            for field_path, message, fix in _problems(result, context)
        ]
        problems += _crossed(subject.record.results)
        for field_path, message, fix in problems:
            yield self.finding(
                subject.path, message, field_path=("results", *field_path), fix=fix, targets=(target,)
            )


def _problems(result: Result, context: Context) -> Iterator[_Problem]:
    benchmarks, accelerators = context.judges.benchmarks, context.judges.accelerators
    benchmark = benchmarks.get(result.benchmark)
    if benchmark is None:
        fix = did_you_mean(result.benchmark, benchmarks, "define it in catalog/benchmarks.yaml")
        yield ("benchmark",), f"there is no benchmark {result.benchmark}", fix
    else:
        metric = benchmark.metrics.get(result.metric)
        if metric is None:
            known = f"{benchmark.id} has: {', '.join(sorted(benchmark.metrics))}"
            fix = did_you_mean(result.metric, benchmark.metrics, known)
            yield ("metric",), f"the benchmark {benchmark.id} has no metric {result.metric}", fix
        else:
            yield from _range(result, metric)
    # A catalog without hardware.yaml knows no accelerator at all; then every name is as good as another.
    if result.hardware is not None and accelerators and result.hardware.accelerator not in accelerators:
        name = result.hardware.accelerator
        fix = did_you_mean(name, accelerators, "add it to catalog/hardware.yaml")
        yield ("hardware", "accelerator"), f"there is no accelerator {name}", fix


def _range(result: Result, metric: Metric) -> Iterator[_Problem]:
    if result.unit != metric.unit:
        what = f"{result.benchmark} {result.metric}"
        message = f"the unit of {what} is {metric.unit}, not {one_line(result.unit, 40)}"
        yield ("unit",), message, f"convert the value and write unit: {metric.unit}"
    low, high = metric.minimum, metric.maximum
    if (low is None or result.value >= low) and (high is None or result.value <= high):
        return
    if low is not None and high is not None:
        limits = f"{low:g} to {high:g}"
    else:
        limits = f"at least {low:g}" if low is not None else f"at most {high:g}"
    fix = "check the value and its unit"
    if (low, high) == (0, 1) and 1 < result.value <= 100:
        fix = f"it looks like a percentage; write {result.value / 100:.6g}"
    yield ("value",), f"{result.benchmark} {result.metric} is {result.value:g}, but can only be {limits}", fix


def _crossed(results: Sequence[Result]) -> Iterator[_Problem]:
    """The median of a latency cannot be above its 99th percentile."""
    p99 = {_set(result): result.value for result in results if result.metric == "p99_ms"}
    for index, result in enumerate(results):
        high = p99.get(_set(result)) if result.metric == "p50_ms" else None
        if high is not None and result.value > high:
            message = f"{result.benchmark} p50_ms is {result.value:g}, above its p99_ms of {high:g}"
            yield (index, "value"), message, "check whether the two were exchanged"


def _set(result: Result) -> tuple[object, ...]:
    return (result.benchmark, tuple(sorted(result.settings.items())), result.hardware, result.engine)
