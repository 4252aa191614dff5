"""Benchmark definitions (``catalog/benchmarks.yaml``) and results (``models/<name>/benchmarks/…``)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from budmodel.schema.base import Record
from budmodel.schema.values import (
    Count,
    Date,
    Link,
    Positive,
    ShortText,
    Slug,
    Timestamp,
    no_entries,
    no_items,
)

Number = Annotated[float, Field(allow_inf_nan=False)]
SettingValue = Annotated[str, Field(max_length=400)] | bool | int | Number


class Metric(Record):
    """What is measured: its unit, what is better and what is possible."""

    unit: ShortText
    """ms, tokens/s, fraction (0 to 1), score …"""
    direction: Literal["higher", "lower"]
    """Which value is better."""
    minimum: Number | None = None
    maximum: Number | None = None
    name: ShortText | None = None


class Benchmark(Record):
    """A benchmark and what makes two of its results comparable."""

    id: Slug
    name: ShortText
    description: ShortText | None = None
    reference: Link | None = None
    category: Literal["quality", "speed"] = "quality"
    """Speed results are compared only on the same hardware and engine."""
    metrics: dict[Slug, Metric]
    default_metric: Slug
    """The metric that the leaderboard ranks by."""
    comparable_on: list[Slug] = Field(default_factory=no_items)
    """Settings that must be equal before two results are ranked together."""


class Benchmarks(Record):
    """``catalog/benchmarks.yaml``."""

    benchmarks: list[Benchmark]


class Accelerator(Record):
    """A kind of accelerator."""

    id: Slug
    name: ShortText
    memory_gb: Positive
    """Memory of one accelerator in GB (10^9 bytes), as its maker states it."""
    aliases: list[Slug] = Field(default_factory=no_items)
    vendor: Slug | None = None
    source: Link | None = None


class Hardware(Record):
    """``catalog/hardware.yaml``."""

    accelerators: list[Accelerator]


class RunHardware(Record):
    """On what a speed result was measured."""

    accelerator: Slug
    count: Annotated[int, Field(ge=1, le=100_000)] = 1


class RunEngine(Record):
    """With what a speed result was measured."""

    name: Slug
    version: ShortText | None = None


class Tool(Record):
    """What measured."""

    name: ShortText
    version: ShortText | None = None


class Result(Record):
    """One measured or published number."""

    benchmark: Slug
    metric: Slug
    value: Number
    unit: ShortText
    stderr: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    samples: Count | None = None
    settings: dict[Slug, SettingValue] = Field(default_factory=no_entries)
    hardware: RunHardware | None = None
    engine: RunEngine | None = None
    tool: Tool | None = None
    date: Date | Timestamp | None = None
    source: Link | ShortText | None = None
    """Where the number was read or which run made it. The rule benchmark-unsourced asks for it."""
    origin: Literal["measured", "maker", "third-party"]
    """Who stands behind it: we measured it, the maker published it, or somebody else did."""
    note: ShortText | None = None


class Results(Record):
    """A set of results of one version."""

    results: Annotated[list[Result], Field(min_length=1)]
