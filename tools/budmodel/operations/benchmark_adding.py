"""One published number becomes a record: ``budmodel benchmark add``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from budmodel.domain.suggest import did_you_mean
from budmodel.errors import NotFoundError, UsageError
from budmodel.operations.benchmark_importing import Origin, parse_hardware
from budmodel.operations.import_files import new_results
from budmodel.operations.judging import judges_of
from budmodel.operations.planning import FileChange, Plan, all_valid
from budmodel.schema.benchmark import Benchmark
from budmodel.schema.values import format_timestamp
from budmodel.store.catalog import Snapshot

_URL = re.compile(r"https?://[^\s<>\"@]{1,2000}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A number that somebody published."""

    benchmark: str
    value: float
    source: str
    """The page where it was read."""
    metric: str | None = None
    """None means the benchmark's default."""
    settings: Mapping[str, str | bool | int | float] | None = None
    hardware: str | None = None
    engine: str | None = None
    origin: Origin = "maker"
    date: str | None = None
    note: str | None = None
    stderr: float | None = None


def plan_add(
    snapshot: Snapshot, name: str, version: str, published: Published, tool: str, now: datetime
) -> Plan:
    """What recording a published number would write.

    Raises:
        NotFoundError: no such benchmark, metric or accelerator.
        UsageError: the source is no URL, or the value cannot be.
        DataError: the record would be invalid.
    """
    judges = judges_of(snapshot)
    definition = _definition(judges.benchmarks, published.benchmark)
    metric_id = published.metric or definition.default_metric
    metric = definition.metrics.get(metric_id)
    if metric is None:
        known = ", ".join(definition.metrics)
        raise NotFoundError(f"{definition.id} defines no metric {metric_id!r}; it has {known}")
    if not _URL.match(published.source):
        raise UsageError("--source must be the http(s) address of the page that states the number")
    low, high = metric.minimum, metric.maximum
    if not ((low is None or published.value >= low) and (high is None or published.value <= high)):
        between = f"from {low if low is not None else '…'} to {high if high is not None else '…'}"
        percent = "; write percent as a fraction" if metric.unit == "fraction" else ""
        raise UsageError(
            f"{published.value:g} cannot be: {metric_id} is in {metric.unit}, {between}{percent}"
        )
    row: dict[str, Any] = {
        "benchmark": definition.id,
        "metric": metric_id,
        "value": published.value,
        "unit": metric.unit,
        "source": published.source,
        "origin": published.origin,
    }
    if published.engine is not None:
        engine, _, number = published.engine.partition(":")
        row["engine"] = {"name": engine, **({"version": number} if number else {})}
    if published.hardware is not None:
        row["hardware"] = parse_hardware(published.hardware, judges)
    for key in ("settings", "date", "note", "stderr"):
        if getattr(published, key):
            row[key] = getattr(published, key)
    day = published.date or format_timestamp(now)[:10]
    written = new_results(snapshot.model(name), name, version, day, [row], tool)
    all_valid(f"the result of {name!r} was not recorded", written)
    notes = () if written else (f"{name} {version} has this result already",)
    return Plan(
        message=f"Record {definition.id} of {name} {version}",
        changes=tuple(FileChange(path, None, raw) for path, raw in written.items()),
        notes=notes,
        next_steps=(f"budmodel check catalog/models/{name}",) if written else (),
    )


def _definition(definitions: Mapping[str, Benchmark], id_: str) -> Benchmark:
    found = definitions.get(id_)
    if found is None:
        known = ", ".join(sorted(definitions))
        raise NotFoundError(
            f"no benchmark {id_!r} is defined; {did_you_mean(id_, definitions, f'there are {known}')}"
        )
    return found


def parse_setting(text: str) -> tuple[str, str | bool | int | float]:
    """``num_fewshot=5``: numbers and true/false as such, all else as text.

    Raises:
        UsageError: it has no ``=``.
    """
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f"--setting {text!r}: write key=value, such as num_fewshot=5")
    if value in ("true", "false"):
        return key, value == "true"
    if re.fullmatch(r"-?\d{1,15}", value):
        return key, int(value)
    if re.fullmatch(r"-?\d{1,15}\.\d{1,15}", value):
        return key, float(value)
    return key, value
